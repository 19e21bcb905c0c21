"""A server on loopback whose every byte is the test's, connection by connection."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self

from tests.patience import PATIENCE


@dataclass
class Visit:
    """One connection to the server; `number` counts them from 1."""

    number: int
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def request(self) -> bytes:
        """The next request's head."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await self.reader.readexactly(int(length.split(b":")[1]))
        return head

    async def says(self, *parts: bytes) -> None:
        """Send them."""
        self.writer.write(b"".join(parts))
        await self.writer.drain()

    async def is_left(self) -> None:
        """Wait until the client has hung up."""
        while await self.reader.read(1024):
            pass


Manners = Callable[[Visit], Awaitable[None]]


@dataclass
class FarEnd:
    """The server. A connection is closed when `manners` come to their end."""

    manners: Manners
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    visits: int = 0
    heads: list[bytes] = field(default_factory=list[bytes])
    port: int = 0
    _server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await asyncio.wait_for(self._server.wait_closed(), PATIENCE)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.visits += 1
        try:
            await self.manners(Visit(self.visits, reader, writer))
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has hung up
        finally:
            writer.close()


def sized(body: bytes, *headers: bytes, status: bytes = b"200 OK") -> bytes:
    """An answer that says how long it is."""
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
