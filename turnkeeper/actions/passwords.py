"""Passwords: argon2id hashes. Slow by design, so nothing here belongs on the event loop."""

from collections.abc import Callable

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from turnkeeper.core.errors import InvalidError

_SHORTEST = 8
_LONGEST = 1_000
_HASHER = PasswordHasher()
Hashing = Callable[[str], str]
"""How a password becomes what is stored. That says how it was made, so that it can be checked whatever is done later."""


def checked_password(password: str) -> str:
    """The password as it came.

    Raises:
        InvalidError: field `password`: it is too short or too long.
    """
    if len(password) < _SHORTEST:
        raise InvalidError("password", f"The password is too short; take at least {_SHORTEST} characters.")
    if len(password) > _LONGEST:
        raise InvalidError("password", f"The password is too long; take at most {_LONGEST:,} characters.")
    return password


def hash_password(password: str) -> str:
    """The argon2id hash to store; takes some 0.1 s of CPU and 64 MiB."""
    return _HASHER.hash(password)


def is_password(password: str, stored: str) -> bool:
    """Whether the hash is of this password; takes as long as hashing it."""
    try:
        return _HASHER.verify(stored, password)
    except (Argon2Error, InvalidHashError):
        return False
