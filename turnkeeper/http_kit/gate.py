"""Before the doors are open, and when the process stops: it says that it lives, or to try again."""

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # The gate stands while this is being imported.
    from litestar.types import ASGIApp, Receive, Scope, Send

ALIVE_PATH = "/healthz"
ALIVE = b"ok\n"
_TRY_AGAIN = b"This server could not be opened; try again soon, here or at another one.\n"
_STOPS = b"This server stops, and could not wait for the answer; try again soon, here or at another one.\n"
_RETRY_SECONDS = b"1"
_RESTARTS = 1012
"""The code that says to a WebSocket: connect again."""


class Gate:
    """An ASGI application that stands before another one, which comes later."""

    def __init__(self) -> None:
        self._doors: ASGIApp | None = None
        self._is_open = asyncio.Event()

    def open(self, doors: "ASGIApp") -> None:
        """Let everything through from now on, also what waits."""
        self._doors = doors
        self._is_open.set()

    def give_up(self) -> None:
        """The doors will not come: whoever waits, or comes yet, is asked to try again."""
        self._is_open.set()

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        """Serve one request."""
        if self._doors is None and scope["type"] == "http" and _asks_for_life(scope["method"], scope["path"]):
            await _answer(send, 200, ALIVE)
            return
        if self._doors is None:
            try:
                await self._is_open.wait()
            except asyncio.CancelledError:
                await answer_cut(scope, send)
                return
        if self._doors is not None:
            await self._doors(scope, receive, send)
        elif scope["type"] == "http":
            await _answer(send, 503, _TRY_AGAIN, (b"retry-after", _RETRY_SECONDS))
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _RESTARTS, "reason": None})


async def answer_cut(scope: "Scope", send: "Send") -> None:
    """Answer a request that is cut short because the server stops: what was done, another try finds done.

    To be called where it would else be a `CancelledError` that ends it; the HTTP server makes a 500 of that, which nobody
    may try again.
    """
    if scope["type"] == "http":
        await _answer(send, 503, _STOPS, (b"retry-after", _RETRY_SECONDS))
    elif scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": _RESTARTS, "reason": None})


async def _answer(send: "Send", status: int, body: bytes, *more: tuple[bytes, bytes]) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"content-length", str(len(body)).encode()),
        *more,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _asks_for_life(method: str, path: str) -> bool:
    return path == ALIVE_PATH and method in {"GET", "HEAD"}
