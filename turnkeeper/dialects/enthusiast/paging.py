"""Pages by number: the question's `page` and `page_size`, and the addresses of the pages beside.

Source: reference, section 2 (pagination). `page_size` is ignored there; here it is honoured up to 100.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from turnkeeper.dialects.enthusiast.body import HttpRequest
from turnkeeper.dialects.enthusiast.query import parameters

USUAL_SIZE = 25
LARGEST_SIZE = 100
_MOST_DIGITS = 15
LAST = "last"


class InvalidPageError(Exception):
    """There is no such page."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """Which page: its number from 1, or None for the last one."""

    number: int | None
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Links:
    """The addresses of the pages beside one."""

    next: str | None
    previous: str | None


def wanted(query: Mapping[str, str]) -> Wanted:
    """Read `page` and `page_size`; a size that makes no sense is ignored.

    Raises:
        InvalidPageError: `page` is no number of a page.
    """
    text = query.get("page_size", "")
    size = min(_number(text) or USUAL_SIZE, LARGEST_SIZE)
    page = query.get("page", "1")
    if page == LAST:
        return Wanted(number=None, size=size)
    number = _number(page)
    if number is None:
        raise InvalidPageError
    return Wanted(number=number, size=size)


def last_page(count: int, size: int) -> int:
    """The number of the last page; an empty list has one."""
    return max(1, -(-count // size))


def links(request: HttpRequest, *, number: int, last: int) -> Links:
    """The pages beside page `number`, with the host as the client names it; all else in the query stays."""
    host = request.headers.get("host") or request.url.netloc
    is_secure = request.headers.get("x-forwarded-proto", "").strip() == "https"  # a proxy speaks TLS for us
    address = f"{'https' if is_secure else request.url.scheme}://{host}{request.url.path}"
    others = [(name, value) for name, value in parameters(request) if name != "page"]

    def to(page: int) -> str:
        pairs = others if page == 1 else [*others, ("page", str(page))]
        return f"{address}?{urlencode(sorted(pairs))}" if pairs else address

    return Links(next=to(number + 1) if number < last else None, previous=to(number - 1) if number > 1 else None)


def _number(text: str) -> int | None:
    """A positive number in plain digits, small enough to count rows with."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
        return None
    return int(text) or None
