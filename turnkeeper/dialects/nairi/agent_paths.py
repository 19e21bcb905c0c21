"""Agents in paths: a slug may contain `/`, sent raw or as `%2F`, on every route that names an agent.

A router that splits at slashes cannot see where such a slug ends. Before routing, the known endings are therefore matched
from the right in the undecoded path, and what stands before them is made one segment, percent-encoded.
"""

from urllib.parse import quote, unquote

from litestar.types import ASGIApp, Receive, Scope, Send

_ENDINGS = frozenset({"conversations", "deploy"})


def with_whole_agents(app: ASGIApp, *, prefix: str) -> ASGIApp:
    """The application, but what names an agent behind `prefix` reaches it as one segment (see `agent_in`)."""
    start = f"{prefix}/agents/".encode()

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            raw = scope.get("raw_path") or quote(scope["path"]).encode()
            if raw.startswith(start):
                scope["path"] = start.decode() + _one_segment(raw[len(start) :].decode("latin-1"))
        await app(scope, receive, send)

    return serve


def agent_in(segment: str) -> str:
    """The slug or id that a segment of a path stands for."""
    return unquote(segment)


def _one_segment(rest: str) -> str:
    agent, slash, ending = rest.rstrip("/").rpartition("/")
    if not slash or ending not in _ENDINGS:
        agent, slash, ending = rest.rstrip("/"), "", ""
    return f"{quote(unquote(agent), safe='')}{slash}{ending}"
