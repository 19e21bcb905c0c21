"""A proxy on loopback that cuts connections after so many bytes of what the server sends."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class CuttingProxy:
    """Connection after connection is cut after the next of `cuts` bytes; when there are no more, as `then` says."""

    def __init__(self, address: str, cuts: Sequence[int], then: int | None) -> None:
        target = urlsplit(address)
        assert target.hostname is not None
        assert target.port is not None
        self._host, self._port = target.hostname, target.port
        self._cuts = list(cuts)
        self._then = then
        self._pumps = set[asyncio.Task[None]]()
        self.address = ""
        self.connections = 0

    def will_cut(self, *cuts: int) -> None:
        """Cut more connections."""
        self._cuts.extend(cuts)

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        self.connections += 1
        left = self._cuts.pop(0) if self._cuts else self._then
        server_reader, server_writer = await asyncio.open_connection(self._host, self._port)
        up = asyncio.create_task(_pump(reader, server_writer, None))
        self._pumps.add(up)
        try:
            await _pump(server_reader, writer, left)
        except asyncio.CancelledError:
            return  # at the end of the test; asyncio logs a cancelled handler as an error
        finally:
            up.cancel()
            self._pumps.discard(up)
            for each in (server_writer, writer):
                each.transport.abort()


@asynccontextmanager
async def cutting_proxy(address: str, *cuts: int, cuts_all_after: int | None = None) -> AsyncGenerator[CuttingProxy]:
    """The proxy before the server at this address."""
    proxy = CuttingProxy(address, cuts, cuts_all_after)
    listening = await asyncio.start_server(proxy.take, "127.0.0.1", 0)
    proxy.address = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield proxy


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None) -> None:
    """Hand bytes on until there are none, or `left` of them were."""
    try:
        while left is None or left > 0:
            piece = await reader.read(65_536 if left is None else left)
            if not piece:
                return
            writer.write(piece)
            await writer.drain()
            left = None if left is None else left - len(piece)
    except ConnectionError:
        return
