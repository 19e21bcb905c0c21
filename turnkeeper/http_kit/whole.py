"""Answers that are there whole are written in one go; the way of pieces (ASGI's `send`) takes each of them apart twice.

The connection says in the request's scope that it can; whoever stands between it and the one who answers, and changes
answers, either puts its own function in the place of that one or takes it away.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from turnkeeper.http_kit.cutting import extensions_of

if TYPE_CHECKING:  # A process says that it lives before this is imported.
    from litestar.types import Scope

WHOLE = "turnkeeper.whole"
"""The extension of a request's scope: `{"write": function}`."""

Headers = Sequence[tuple[bytes, bytes]]
WriteWhole = Callable[[int, Headers, bytes], bool]
"""Write status, headers (with `content-length`) and body; False, and nothing was written, where it must go in pieces."""


def whole_writer(scope: "Scope") -> WriteWhole | None:
    """How a whole answer to this request is written, if the connection can."""
    return extensions_of(scope).get(WHOLE, {}).get("write")  # pyright: ignore[reportReturnType] - as it was put there


def put_whole_writer(scope: "Scope", write: WriteWhole | None) -> None:
    """Put another one in its place; None takes it away."""
    extensions = {**extensions_of(scope), WHOLE: {} if write is None else {"write": write}}
    scope["extensions"] = extensions  # pyright: ignore[reportGeneralTypeIssues] - as the standard has it
