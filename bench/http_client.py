"""HTTP/1.1 over one kept connection, with no more work than a benchmark needs: the client must not be what is measured."""

import asyncio
import re
from typing import Self

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)
HEAD_END = b"\r\n\r\n"


class BrokenError(Exception):
    """The connection ended, or what came is no answer that this client reads."""


class Connection(asyncio.Protocol):
    """One connection to 127.0.0.1; one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._received = b""

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connect."""
        _, connection = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return connection

    def close(self) -> None:
        """Hang up; may be called again."""
        if self._transport is not None:
            self._transport.abort()

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a whole request; returns status and body of the answer.

        Raises:
            BrokenError: there is none.
        """
        if self._transport is None or self._transport.is_closing():
            raise BrokenError("The connection is closed.")
        self._received = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - what both loops give to a stream
        self, transport: asyncio.Transport
    ) -> None:
        """Keep the transport."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Hand the answer on when all of it is there."""
        answer = self._answer
        if answer is None or answer.done():
            return
        self._received = received = self._received + data if self._received else data
        head_end = received.find(HEAD_END)
        if head_end < 0:
            return
        length = _LENGTH.search(received, 0, head_end + 2)
        if length is None:
            answer.set_exception(BrokenError("The answer has no Content-Length."))
            return
        body = head_end + len(HEAD_END)
        if len(received) - body >= int(length[1]):
            answer.set_result((int(received[9:12]), received[body:]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BrokenError(f"The connection ended ({exc or 'closed by the server'})."))


def request(method: str, path: str, headers: str, body: bytes = b"") -> bytes:
    """A whole request; `headers` are lines that end with CR LF."""
    length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}{length}\r\n".encode() + body
