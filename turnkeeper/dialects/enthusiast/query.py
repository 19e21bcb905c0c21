"""Identifiers in paths and filters in the query string.

Source: reference, sections 2 and 3.6.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl
from uuid import UUID

from turnkeeper.core.errors import NotFoundError
from turnkeeper.dialects.enthusiast.body import HttpRequest
from turnkeeper.dialects.enthusiast.fields import LARGEST_ID, FormError, Problem

_DIGITS = re.compile(r"[0-9]{1,19}")
_NUMBER = re.compile(r"\s*[+-]?[0-9]{1,1000}\s*")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def parameters(request: HttpRequest) -> list[tuple[str, str]]:
    """The names and values of the query string, in its order."""
    return parse_qsl(request.scope["query_string"].decode("latin-1"), keep_blank_values=True)


def id_in_path(kind: str, text: str) -> int:
    """The integer id that stands in a path.

    Raises:
        NotFoundError: it is none, so nothing can have it.
    """
    number = int(text) if _DIGITS.fullmatch(text) else 0
    if not 0 < number <= LARGEST_ID:
        raise NotFoundError(kind, text)
    return number


def task_in_path(text: str) -> UUID:
    """The id of a task that stands in a path.

    Raises:
        NotFoundError: it is none, so nothing can have it.
    """
    if _UUID.fullmatch(text) is None:
        raise NotFoundError("message", text)
    return UUID(text)


def filters(query: Mapping[str, str], *names: str) -> list[int | None]:
    """The integers in these fields of the query, None where one is missing or empty.

    Raises:
        FormError: some are no integers, or larger than any id.
    """
    problems: dict[str, Problem] = {}
    found: list[int | None] = []
    for name in names:
        text = query.get(name, "")
        number = int(text) if _NUMBER.fullmatch(text) else None
        if number is None and text:
            problems[name] = ["Enter a number."]
        elif number is not None and number > LARGEST_ID:
            problems[name] = [f"Ensure this value is less than or equal to {LARGEST_ID}."]
        found.append(number)
    if problems:
        raise FormError(problems)
    return [None if number is None else max(number, 0) for number in found]
