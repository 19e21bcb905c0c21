"""Before the doors are open: the process says that it lives, and whatever else is asked waits for them."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # The gate stands while this is being imported.
    from litestar.types import ASGIApp, Receive, Scope, Send

ALIVE_PATH = "/healthz"
ALIVE = b"ok\n"


class Gate:
    """An ASGI application that stands before another one, which comes later."""

    def __init__(self) -> None:
        self._doors: ASGIApp | None = None
        self._is_open = asyncio.Event()

    def open(self, doors: "ASGIApp") -> None:
        """Let everything through from now on, also what waits."""
        self._doors = doors
        self._is_open.set()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one request."""
        if self._doors is None and scope["type"] == "http" and _asks_for_life(scope["method"], scope["path"]):
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
            await send(
                {
                    "type": "http.response.start",
                    "status": 200,
                    "headers": [*headers, (b"content-length", str(len(ALIVE)).encode())],
                }
            )
            await send({"type": "http.response.body", "body": ALIVE, "more_body": False})
            return
        await self._is_open.wait()
        assert self._doors is not None
        await self._doors(scope, receive, send)


def _asks_for_life(method: str, path: str) -> bool:
    return path == ALIVE_PATH and method in {"GET", "HEAD"}
