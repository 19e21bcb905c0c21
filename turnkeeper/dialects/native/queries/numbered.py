"""Pages of lists that are ordered by when their things were made."""

from datetime import datetime

from turnkeeper.dialects.native.queries.reading import Parameters
from turnkeeper.http_kit.paging import cursor_of


def page_query(query: bytes, order: str) -> tuple[int | None, int]:
    """The number behind which the page begins, and how many are wanted, of a list that takes nothing else.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("limit", "cursor"))
    before, limit = before_in(fields, order), fields.limit()
    fields.check()
    return before, limit


def before_in(fields: Parameters, order: str) -> int | None:
    """The number of the last one seen, out of `cursor`."""
    behind = fields.position(order)
    return None if behind is None else behind[1]


def cursor_behind(at: datetime, number: int, order: str) -> str:
    """The cursor for what was made before the one with this number."""
    return cursor_of(at, number, order)
