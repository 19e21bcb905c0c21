"""Numbers in sentences read as people write them."""

import pytest

from turnkeeper.core.sentences import counted


@pytest.mark.parametrize(
    ("amount", "said"),
    [(0, "0 seconds"), (1, "1 second"), (1.0, "1 second"), (1.5, "1.5 seconds"), (2_000, "2,000 seconds")],
)
def test_one_is_singular_and_all_else_plural(amount: float, said: str) -> None:
    assert counted(amount, "second") == said
