"""Cut off a client that takes nothing: to close its connection would wait for it to take what is buffered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # A process says that it lives before this is imported.
    from litestar.types import Scope

ABORT = "turnkeeper.abort"
"""The extension of a request's scope by which that is done: `{"abort": function}`; see `connections`."""


def cut(scope: "Scope") -> bool:
    """Cut the connection with all that is still buffered for it; False where that cannot be done."""
    abort = extensions_of(scope).get(ABORT, {}).get("abort")
    if not callable(abort):
        return False
    abort()
    return True


def extensions_of(scope: "Scope") -> Mapping[str, Mapping[object, object]]:
    """What the server can do for this request beyond the standard."""
    return (scope["extensions"] if "extensions" in scope else None) or {}  # noqa: SIM401 - `get` has no type here
