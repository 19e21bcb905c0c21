"""What goes back when all is well: JSON, and the headers that belong to it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from litestar.response.base import ASGIResponse

from turnkeeper.http_kit.lean import JsonAnswer

T = TypeVar("T")


def answer(  # noqa: PLR0913 - all by keyword: what may stand beside a body
    content: msgspec.Struct,
    *,
    status: int = 200,
    replayed: bool = False,
    waited: int = 0,
    version: int | None = None,
    location: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JsonAnswer:
    """A JSON answer.

    `replayed` says that an Idempotency-Key was seen before, `waited` how long the client preferred to wait. `version`
    becomes the `ETag`. `location` is the address of what was made, or of what tells how it goes on.
    """
    given = {"Cache-Control": "no-store", **(headers or {})}
    if replayed:
        given["Idempotency-Replayed"] = "true"
    if waited:
        given["Preference-Applied"] = f"wait={waited}"
    if version is not None:
        given["ETag"] = f'"{version}"'
    if location is not None:
        given["Location"] = location
    return JsonAnswer(msgspec.json.encode(content), status=status, headers=given)


def nothing(*, replayed: bool = False, headers: Mapping[str, str] | None = None) -> ASGIResponse:
    """204: it is done, and there is nothing to tell."""
    given = {"Cache-Control": "no-store", **(headers or {})}
    if replayed:
        given["Idempotency-Replayed"] = "true"
    return ASGIResponse(status_code=204, headers=given.items())


def cut(found: Sequence[T], limit: int) -> tuple[Sequence[T], bool]:
    """A page of at most `limit` out of one more than that, and whether there are more."""
    return found[:limit], len(found) > limit
