"""A proxy on loopback that cuts a connection after so many bytes of the answer."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from yarl import URL


class CuttingProxy:
    """Asks `allowance` at each connection how many bytes of the answer may pass; None lets all of it pass."""

    def __init__(self, target: str, allowance: Callable[[], int | None]) -> None:
        self._target = URL(target)
        self._allowance = allowance
        self.address = ""
        self._serving: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on the request, and as much of the answer as is allowed."""
        left = self._allowance()
        with contextlib.suppress(ConnectionError):
            to_server, writer_there = await asyncio.open_connection(self._target.host, self._target.port)
            writer_there.write(await reader.readuntil(b"\r\n\r\n"))
            while (left is None or left > 0) and (chunk := await to_server.read(65_536 if left is None else left)):
                writer.write(chunk)
                await writer.drain()
                left = None if left is None else left - len(chunk)
            writer_there.transport.abort()
        writer.close()


@asynccontextmanager
async def cutting_proxy(target: str, allowance: Callable[[], int | None]) -> AsyncGenerator[str]:
    """The proxy's address, until the end of the block."""
    proxy = CuttingProxy(target, allowance)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
