"""Server-sent events: how a frame is written, and a response that is one frame after another as they come.

A reader that takes nothing for half a minute is cut off. Until then no more waits for it here than one chunk and what its
connection buffers; what it missed it reads when it comes back with `Last-Event-ID`.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from litestar.types import Receive, Scope, Send

from turnkeeper.http_kit.cutting import cut

MEDIA_TYPE = "text/event-stream"
RETRY_MILLISECONDS = 2_000
"""After which clients connect again, as the first frame tells them."""
WRITE_SECONDS = 30.0
"""How long a client may take nothing before it is cut off."""
BEAT = b": still here\n\n"
_CHUNK_BYTES = 16_384
_HEADERS = (
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
)
_OPENING = b"retry: %d\n\n" % RETRY_MILLISECONDS

_log = logging.getLogger(__name__)


class Source(Protocol):
    """Where the bytes come from."""

    async def next(self) -> bytes | None:
        """Whole frames, or None at the end."""
        ...

    def leave(self) -> None:
        """Nobody listens any more: come to the end."""
        ...


def frame(*, number: int, event: str, data: bytes, retry_milliseconds: int | None = None) -> bytes:
    """One event on the wire. `data` is JSON without line breaks."""
    retry = b"" if retry_milliseconds is None else b"retry: %d\n" % retry_milliseconds
    return b"%bid: %d\nevent: %b\ndata: %b\n\n" % (retry, number, event.encode(), data)


class EventStream:
    """The response, as an ASGI application. The source is opened when the response begins, and left with it."""

    def __init__(
        self, opened: Callable[[], AbstractContextManager[Source]], *, write_seconds: float = WRITE_SECONDS
    ) -> None:
        self._opened = opened
        self._write_seconds = write_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the source ends, the client leaves, or it is cut off."""
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if scope["type"] == "http" and scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return
        with self._opened() as source:
            watching = asyncio.create_task(_until_left(receive, source.leave))
            try:
                await self._send_all(source, send)
            except TimeoutError:
                _log.info("a reader was cut off, because it took nothing", extra={"path": scope["path"]})
                if cut(scope):
                    await asyncio.wait([watching], timeout=1.0)
            finally:
                watching.cancel()
                await asyncio.wait([watching])

    async def _send_all(self, source: Source, send: Send) -> None:
        chunk: bytes | None = _OPENING
        while chunk is not None:
            for start in range(0, len(chunk), _CHUNK_BYTES):
                async with asyncio.timeout(self._write_seconds):
                    body = chunk[start : start + _CHUNK_BYTES]
                    await send({"type": "http.response.body", "body": body, "more_body": True})
            chunk = await source.next()
        async with asyncio.timeout(self._write_seconds):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _until_left(receive: Receive, left: Callable[[], None]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    left()
