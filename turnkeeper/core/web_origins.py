"""Web origins: where a page in a browser comes from, and which of them are meant by a setting."""

import re
from collections.abc import Sequence

ANY_ORIGIN = "*"
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:(?:\*\.)?[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d{1,5})?")


def is_origin(text: str) -> bool:
    """Whether this can be meant: `https://shop.example`, `https://*.shop.example` for all below it, or `*` for every one.

    A port may follow; a path, even a slash, may not: browsers send none.
    """
    return text == ANY_ORIGIN or bool(_ORIGIN.fullmatch(text.lower()))


def pattern_of(origins: Sequence[str]) -> re.Pattern[str]:
    """What fits all that is meant by these, and nothing else, as a browser writes an origin."""
    return re.compile("|".join(map(_pattern, origins)))


def _pattern(origin: str) -> str:
    if origin == ANY_ORIGIN:
        return ".+"
    return re.escape(origin.lower()).replace(r"\*", "[a-z0-9_.-]+")
