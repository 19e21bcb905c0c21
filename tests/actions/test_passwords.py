"""What is kept of a password."""

from tests.dialects.conftest import QUICK
from turnkeeper.actions.passwords import hash_password, is_password


def test_a_password_is_kept_as_argon2id_made_slow_enough() -> None:
    stored = hash_password("correct horse")

    assert stored.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert is_password("correct horse", stored)
    assert not is_password("correct house", stored)


def test_a_password_that_was_kept_otherwise_is_known_too() -> None:
    stored = QUICK.hash("correct horse")

    assert is_password("correct horse", stored)
    assert not is_password("correct house", stored)
