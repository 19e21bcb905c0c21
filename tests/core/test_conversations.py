"""The rules of messages and names."""

import pytest

from turnkeeper.core.agents import slug_of
from turnkeeper.core.conversations import MessageStatus, statuses_before, summary_of


@pytest.mark.parametrize(
    ("wanted", "before"),
    [
        ("pending", ("pending", "queued")),
        ("completed", ("pending",)),
        ("cancelled", ("pending", "queued")),
        ("queued", ()),
    ],
)
def test_the_statuses_before_another(wanted: MessageStatus, before: tuple[MessageStatus, ...]) -> None:
    assert statuses_before(wanted) == before


def test_a_summary_is_one_short_line() -> None:
    assert summary_of(" Hello\n  there ") == "Hello there"
    assert len(summary_of("x" * 5_000)) == 1_000


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("My New Agent", "my-new-agent"),
        ("presmihaylov/claudecontrol", "presmihaylov/claudecontrol"),
        ("  Größe & Übermaß!  ", "groe-uberma"),
        ("日本", "agent"),
        ("//", "agent"),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert slug_of(name) == slug
