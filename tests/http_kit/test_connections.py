"""Clients that take more than their share of time, bytes or connections: answered or cut off, while others are served."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import aiohttp
import pytest
import uvicorn
from litestar.types import Receive, Scope, Send
from uvicorn.server import ServerState

from tests.patience import PATIENCE
from turnkeeper.http_kit.addresses import house_of, networks_in
from turnkeeper.http_kit.body import body_of
from turnkeeper.http_kit.bounds import Bounds, Front
from turnkeeper.http_kit.connections import BoundedProtocol, websocket_protocol

SOON = Bounds(head_seconds=0.2, stall_seconds=0.2)
GET = b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n"
LARGE = b"x" * 8_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Client:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        """Send it, if the server still listens."""
        self.writer.write(data)
        with suppress(ConnectionError):
            await asyncio.wait_for(self.writer.drain(), PATIENCE)

    async def rest(self) -> bytes:
        """All that comes until the server closes."""
        said = b""
        try:
            async with asyncio.timeout(PATIENCE):
                while piece := await self.reader.read(65_536):
                    said += piece
        except ConnectionError:
            pass
        return said

    async def drip(self) -> bytes:
        """Send a byte every few milliseconds until the server closes; all that it said."""
        listening = asyncio.create_task(self.rest())
        while not listening.done():
            await self.say(b"y")
            await _turn_of_the_loop()
        return listening.result()

    async def status(self) -> int:
        """The status of the next answer; the rest of it is read too."""
        async with asyncio.timeout(PATIENCE):
            head = await self.reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await self.reader.readexactly(int(length.partition(b":")[2]))
        return int(head.split()[1])


@dataclass(frozen=True, kw_only=True, slots=True)
class Served:
    """A server and what it counts."""

    port: int
    front: Front
    connections: Collection[object]

    @asynccontextmanager
    async def client(self) -> AsyncGenerator[Client]:
        """A connection to it."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield Client(reader=reader, writer=writer)
        finally:
            writer.transport.abort()

    async def answers_others(self) -> bool:
        """Whether somebody who comes now is served."""
        async with self.client() as other:
            await other.say(GET)
            return await other.status() == 200

    async def forgets(self) -> None:
        """Wait until there are no connections."""
        async with asyncio.timeout(PATIENCE):
            while self.connections:
                await asyncio.wait_for(_turn_of_the_loop(), PATIENCE)


async def _turn_of_the_loop() -> None:
    done = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_later(0.005, done.set_result, None)
    await done


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with `hello`, or with much at /large; the body is read at /read only."""
    assert scope["type"] == "http"
    if scope["path"] == "/read":
        await body_of(receive, most_bytes=1_000)
    body = LARGE if scope["path"] == "/large" else b"hello"
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


@asynccontextmanager
async def served(
    bounds: Bounds, app: Callable[[Scope, Receive, Send], Awaitable[None]] = hello
) -> AsyncGenerator[Served]:
    """Serve on a free port."""
    config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws=websocket_protocol)  # pyright: ignore[reportArgumentType] - as in `serving`
    state, front = ServerState(), Front(bounds)
    listening = await asyncio.get_running_loop().create_server(
        lambda: BoundedProtocol(front, config=config, server_state=state, app_state={}), "127.0.0.1", 0
    )
    try:
        yield Served(port=listening.sockets[0].getsockname()[1], front=front, connections=state.connections)
    finally:
        listening.close()
        for connection in list(state.connections):
            connection.transport.abort()


async def test_a_head_that_comes_in_drips_is_answered_408_and_others_are_served() -> None:
    async with served(SOON) as server, AsyncExitStack() as stack:
        slow: list[Client] = []
        for _ in range(50):
            slow.append(await stack.enter_async_context(server.client()))
            # At once: who has said nothing when its time is over is not answered.
            await slow[-1].say(b"GET / HTTP/1.1\r\nHost: shop\r\nX-Slow: ")
        assert await server.answers_others()
        said = [await client.rest() for client in slow]
        await server.forgets()
    assert {answer.split(b"\r\n")[0] for answer in said} == {b"HTTP/1.1 408 Request Timeout"}


async def test_each_drip_of_a_head_does_not_buy_more_time() -> None:
    async with served(SOON) as server, server.client() as slow:
        await slow.say(b"GET / HTTP/1.1\r\nX: ")
        assert (await slow.drip()).startswith(b"HTTP/1.1 408 ")


async def test_who_says_nothing_is_disconnected() -> None:
    async with served(SOON) as server, server.client() as silent:
        assert await silent.rest() == b""
        await server.forgets()


async def test_who_has_its_answer_and_drips_a_body_that_nobody_reads_is_disconnected() -> None:
    async with served(SOON) as server, server.client() as dripping:
        await dripping.say(b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1000000\r\n\r\n")
        assert await dripping.status() == 200
        assert await dripping.drip() == b""
        await server.forgets()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n", 414),
        (b"GET /" + b"a" * 200_000, 414),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"GET / HTTP/1.1\r\nX: " + b"a" * 200_000, 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", 431),
        (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000, 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"a" * 200_000, 400),
        (b"POST /read HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: y\r\n" * 50_000, 400),
        (b"POST /read HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"a" * 200_000, 400),
        (b"\r\n" * 100_000, 431),
        (b"GET / NONSENSE\r\n\r\n", 400),
    ],
    ids=lambda value: "" if isinstance(value, bytes) else str(value),
)
async def test_a_head_of_too_much_is_refused_however_it_comes(head: bytes, status: int) -> None:
    async with served(Bounds()) as server:
        for piece in (len(head), 50_000):
            async with server.client() as client:
                for start in range(0, len(head), piece):
                    await client.say(head[start : start + piece])
                said = await client.rest()
            # What was answered before the rest came has its answer; a refusal ends the connection.
            assert b" %d " % status in said[:20] or said.startswith(b"HTTP/1.1 200"), said[:200]
        assert await server.answers_others()
        await server.forgets()


@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 4\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4",
        b"Transfer-Encoding: xchunked",
        b"Transfer-Encoding: chunked, identity",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        b"Transfer-Encoding:\x0bchunked",
        b"Transfer-Encoding : chunked",
        b"Content-Length: 4\r\nContent-Length: 5",
        b"Content-Length: +4",
        b"Content-Length: 0x4",
        b"Content-Length: 99999999999999999999999",
        b"X: a\r\n Content-Length: 4",
        b"X: a\x00b",
    ],
)
async def test_what_two_servers_could_read_differently_is_refused_and_nothing_behind_it_is_heard(fields: bytes) -> None:
    heard: list[str] = []

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"
        if scope["path"] == "/read":
            await body_of(receive, most_bytes=1_000)
        heard.append(scope["path"])
        await hello(scope, receive, send)

    async with served(Bounds(), listening) as server, server.client() as client:
        smuggled = b"GET /smuggled HTTP/1.1\r\nHost: shop\r\n\r\n"
        await client.say(b"POST /read HTTP/1.1\r\nHost: shop\r\n" + fields + b"\r\n\r\n0\r\n\r\n" + smuggled)
        said = await client.rest()
    assert said.startswith(b"HTTP/1.1 400 "), said
    assert "/smuggled" not in heard


async def test_a_body_that_is_longer_than_it_says_is_refused() -> None:
    async with served(Bounds()) as server, server.client() as client:
        await client.say(b"POST /read HTTP/1.1\r\nHost: shop\r\nContent-Length: 2\r\n\r\nabcdef\r\n\r\n")
        assert (await client.rest()).startswith(b"HTTP/1.1 400 ")


async def test_some_requests_may_come_at_once_and_very_many_may_not() -> None:
    async with served(Bounds(pipelined=16)) as server:
        async with server.client() as client:
            await client.say(GET * 10)
            assert [await client.status() for _ in range(10)] == [200] * 10
        async with server.client() as client:
            await client.say(GET * 5_000)
            assert (await client.rest()).count(b"HTTP/1.1 200") < 100
        await server.forgets()


async def test_who_takes_nothing_of_an_answer_is_cut_off() -> None:
    async with served(SOON) as server, server.client() as client:
        await client.say(b"GET /large HTTP/1.1\r\nHost: shop\r\n\r\n")
        await server.forgets()
        assert await server.answers_others()


async def test_there_are_only_so_many_connections() -> None:
    async with served(Bounds(connections=3)) as server, AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(server.client())
        async with server.client() as fourth:
            said = await fourth.rest()
        assert said.startswith(b"HTTP/1.1 503 ")
        assert b"retry-after: " in said
        await stack.aclose()
        await server.forgets()
        assert await server.answers_others()


async def test_a_connection_that_became_a_web_socket_leaves_room_when_it_goes() -> None:
    async def sockets(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept", "subprotocol": None, "headers": []})
            while (await receive())["type"] != "websocket.disconnect":
                pass
        else:
            await hello(scope, receive, send)

    async with served(Bounds(connections=1), sockets) as server:
        address = f"http://127.0.0.1:{server.port}/"
        async with aiohttp.ClientSession() as http, http.ws_connect(address), server.client() as second:
            assert (await second.rest()).startswith(b"HTTP/1.1 503 ")
        await server.forgets()
        assert await server.answers_others()


def test_one_address_has_only_so_many_connections_and_leaves_room_when_it_goes() -> None:
    front = Front(Bounds(connections_of_one=2, trusted=networks_in("10.0.0.0/8")))
    for address in ("203.0.113.7", "2001:db8::1", "127.0.0.1", "::1", "10.1.2.3", None):
        assert [front.enter(address) for _ in range(2)] == [None, None]
    assert front.enter("203.0.113.7") == "too many of one address"
    assert front.enter("::ffff:203.0.113.7") == "too many of one address"
    assert front.enter("203.0.113.8") is None
    assert front.enter("2001:db8::2") == "too many of one address"  # of the same house
    assert [front.enter(address) for address in ("127.0.0.1", "::1", "10.1.2.3", None)] == [None] * 4
    for _ in range(4):
        front.leave("203.0.113.7")
    assert front.enter("203.0.113.7") is None


@pytest.mark.parametrize(
    ("address", "house"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", None),
        (None, None),
    ],
)
def test_what_counts_as_one_client(address: str | None, house: str | None) -> None:
    assert house_of(address) == house
