"""A response that is one frame after another: cut off when nobody takes it, over when the client leaves."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Collection, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from litestar.types import ASGIApp
from uvicorn.server import ServerState

from tests.patience import PATIENCE
from turnkeeper.http_kit.bounds import Bounds, Front
from turnkeeper.http_kit.connections import BoundedProtocol
from turnkeeper.http_kit.sse import EventStream, frame

FRAME = frame(number=1, event="text", data=b'"' + b"x" * 100_000 + b'"')


class Endless:
    """A source that always has more, and notes how much was taken."""

    def __init__(self) -> None:
        self.taken_bytes = 0
        self.is_left = asyncio.Event()
        self.is_over = asyncio.Event()
        self.says_more = True

    async def next(self) -> bytes | None:
        if self.is_left.is_set():
            return None
        if not self.says_more:
            await self.is_left.wait()
            return None
        self.taken_bytes += len(FRAME)
        return FRAME

    def leave(self) -> None:
        self.is_left.set()

    @contextmanager
    def opened(self) -> Generator["Endless"]:
        try:
            yield self
        finally:
            self.is_over.set()


@asynccontextmanager
async def listening(app: ASGIApp) -> AsyncGenerator[tuple[tuple[str, int], Collection[object]]]:
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none")
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(Front(Bounds()), config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    async with server:
        yield server.sockets[0].getsockname(), state.connections
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=PATIENCE)


async def test_who_takes_nothing_is_cut_off_and_little_waits_for_it() -> None:
    source = Endless()
    async with listening(EventStream(source.opened, write_seconds=0.2)) as (address, connections):
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(address)
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            await asyncio.wait_for(source.is_over.wait(), PATIENCE)
            # The kernel's buffers on loopback hold some megabytes; beyond them nothing was taken from the source.
            assert source.taken_bytes < 12_000_000
            assert not connections


async def test_a_client_that_leaves_ends_the_source() -> None:
    source = Endless()
    source.says_more = False
    async with listening(EventStream(source.opened)) as ((host, port), _):
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(PATIENCE):
            await reader.readuntil(b"retry: 2000\n\n")
            writer.close()
            await source.is_over.wait()
        assert source.is_left.is_set()
