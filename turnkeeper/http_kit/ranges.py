"""A part of a file: which one a request wants (RFC 9110, sections 13 and 14), one range at most."""

import re
from dataclasses import dataclass

from turnkeeper.http_kit.headers import Headers

_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


@dataclass(frozen=True, kw_only=True, slots=True)
class ByteRange:
    """Bytes from `start` to before `stop`."""

    start: int
    stop: int


class UnsatisfiableRangeError(Exception):
    """The range begins behind the end of the file, which has `size` bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(f"The file has {size:,} bytes; the range lies behind its end.")
        self.size = size


def range_wanted(headers: Headers, *, size: int, tag: str) -> ByteRange | None:
    """The part that is wanted of a file of `size` bytes with this entity tag (without quotes); None for the whole.

    What is no single range of bytes is ignored, and so is every range when `If-Range` names another version.

    Raises:
        UnsatisfiableRangeError: there are no such bytes.
    """
    found = _RANGE.fullmatch((headers.get("range") or "").strip())
    if found is None or not (found[1] or found[2]):
        return None
    if_range = headers.get("if-range")
    if if_range is not None and if_range.strip() != f'"{tag}"':
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        if length == 0:
            raise UnsatisfiableRangeError(size)
        return ByteRange(start=size - length, stop=size)
    start = int(found[1])
    if found[2] and int(found[2]) < start:
        return None
    if start >= size:
        raise UnsatisfiableRangeError(size)
    return ByteRange(start=start, stop=min(int(found[2]) + 1, size) if found[2] else size)


def is_known(headers: Headers, *, tag: str) -> bool:
    """Whether the client has this version already: `If-None-Match` names it."""
    value = headers.get("if-none-match")
    return value is not None and (value.strip() == "*" or tag in _TAG.findall(value))
