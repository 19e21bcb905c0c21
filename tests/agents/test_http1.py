"""The HTTP of the lean wires, byte by byte: one connection, and what a server may send on it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import uvloop

from tests.patience import PATIENCE
from turnkeeper.agents.models.http1 import BrokenOffError, Connection

ASKED = (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n", b"Hi")
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MUCH = 4 * 1024 * 1024

pytestmark = pytest.mark.filterwarnings("ignore:Overriding the .event_loop_policy")


@pytest.fixture(params=[asyncio.DefaultEventLoopPolicy, uvloop.EventLoopPolicy], ids=["asyncio", "uvloop"])
def event_loop_policy(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoopPolicy:
    return request.param()


@dataclass
class Line:
    """A connection, and the server's end of it."""

    connection: Connection
    far: socket.socket
    lost: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self) -> None:
        self.connection.ask(*ASKED)

    async def sends(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.far, data)

    async def body(self) -> bytes:
        async with asyncio.timeout(PATIENCE):
            assert await self.connection.head() == 200
            return b"".join([piece async for piece in self.pieces()])

    async def pieces(self) -> AsyncIterator[bytes]:
        while piece := await self.connection.read():
            yield piece


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    near, far = socket.socketpair()
    far.setblocking(False)
    lost = asyncio.Event()
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(lambda: Connection(lambda _: lost.set()), sock=near)
    yield Line(connection, far, lost)
    connection.abort()
    far.close()
    async with asyncio.timeout(PATIENCE):
        await lost.wait()


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n",
        CHUNKED + b'4;name="a;b"\r\nWiki\r\n05\r\npedia\r\n0;last\r\nTrailer: is skipped\r\n\r\n',
        b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n"
        + CHUNKED
        + b"9\r\nWikipedia\r\n0\r\n\r\n",
        b"HTTP/1.1 200\r\ncontent-LENGTH: 9\r\n\r\nWikipedia",
        b"HTTP/1.1 200 OK\nX: \x01\nTransfer-Encoding: chunked\n\n9  \r\nWikipedia\r\n0\r\n\r\n",
    ],
    ids=["chunks", "extensions and trailers", "announced", "sized", "careless"],
)
async def test_an_answer_is_read_alike_wherever_it_is_cut(line: Line, answer: bytes) -> None:
    for cut in range(len(answer) + 1):
        line.ask()
        for part in (answer[:cut], answer[cut:]):
            if part:
                line.connection.data_received(part)
        assert await line.body() == b"Wikipedia"
        assert "Trailer" not in line.connection.headers
        assert line.connection.is_ready


async def test_an_answer_that_comes_byte_by_byte_is_read(line: Line) -> None:
    line.ask()
    for byte in CHUNKED + b"4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n":
        line.connection.data_received(bytes([byte]))
    assert await line.body() == b"Wikipedia"


async def test_a_body_without_a_length_ends_with_its_connection(line: Line) -> None:
    line.ask()
    await line.sends(b"HTTP/1.1 200 OK\r\n\r\nWikipedia")
    line.far.shutdown(socket.SHUT_WR)
    assert await line.body() == b"Wikipedia"
    assert not line.connection.is_ready


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", b"HTTP/1.0 200 OK\r\n"], ids=["it says so", "1.0"]
)
async def test_a_connection_that_the_server_will_not_keep_is_not_asked_again(line: Line, head: bytes) -> None:
    line.ask()
    await line.sends(head + b"Content-Length: 2\r\n\r\nOK")
    assert await line.body() == b"OK"
    assert not line.connection.is_ready


@pytest.mark.parametrize("junk", [b"HTTP/1.1 200 OK\r\n", b"\x00\xff", b"H"])
async def test_a_connection_with_something_behind_the_answer_is_not_asked_again(line: Line, junk: bytes) -> None:
    line.ask()
    await line.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK" + junk)
    assert await line.body() == b"OK"
    assert not line.connection.is_ready


async def test_a_connection_on_which_the_server_speaks_unasked_is_ended(line: Line) -> None:
    line.ask()
    await line.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
    assert await line.body() == b"OK"
    await line.sends(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        await line.lost.wait()


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
        CHUNKED + b"zz\r\n",
        CHUNKED + b"4\r\nWiki",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nWiki",
        b"HTTP/1.1 200 OK\r\nContent-",
        b"",
    ],
)
async def test_what_is_no_whole_answer_is_a_broken_off_one(line: Line, answer: bytes) -> None:
    line.ask()
    await line.sends(answer)
    line.far.shutdown(socket.SHUT_WR)
    with pytest.raises(BrokenOffError):
        await line.body()
    assert not line.connection.is_ready


async def test_what_came_before_the_connection_broke_is_still_read(line: Line) -> None:
    line.ask()
    await line.sends(CHUNKED + b"4\r\nWiki\r\n5\r\npe")
    line.far.shutdown(socket.SHUT_WR)
    async with asyncio.timeout(PATIENCE):
        await line.lost.wait()
        assert (await line.connection.head(), await line.connection.read()) == (200, b"Wikipe")
    with pytest.raises(BrokenOffError):
        await line.connection.read()


@pytest.mark.parametrize(
    ("start", "again"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-Many: of them\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x" * 100),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (CHUNKED + b"4;", b"x" * 100),
        (CHUNKED + b"0\r\n", b"X-Many: of them\r\n"),
    ],
    ids=["headers", "one header", "announcements", "extension", "trailers"],
)
async def test_an_answer_that_never_comes_to_the_point_is_given_up(line: Line, start: bytes, again: bytes) -> None:
    line.ask()
    with pytest.raises((BrokenPipeError, ConnectionResetError)):
        await asyncio.wait_for(line.sends(start + again * (MUCH // len(again))), PATIENCE)
    with pytest.raises(BrokenOffError):
        await line.body()


async def test_what_nobody_reads_waits_at_the_server(line: Line) -> None:
    line.ask()
    sent = b"%s%x\r\n%s\r\n0\r\n\r\n" % (CHUNKED, MUCH, b"x" * MUCH)
    sending = asyncio.create_task(line.sends(sent))
    assert await line.connection.head() == 200
    await asyncio.wait({sending}, timeout=0.1)
    assert not sending.done()

    async with asyncio.timeout(PATIENCE):
        sizes = [len(piece) async for piece in line.pieces()]
        await sending

    assert sum(sizes) == MUCH
    assert max(sizes) <= 1024 * 1024
    assert line.connection.is_ready


async def test_what_nobody_read_does_not_hold_up_the_next_answer(line: Line) -> None:
    line.ask()
    line.connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % MUCH + b"x" * MUCH)
    assert line.connection.is_ready
    line.ask()
    await line.sends(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")
    assert await line.body() == b"OK"


async def test_pieces_that_come_one_by_one_are_gathered(line: Line) -> None:
    line.ask()
    line.connection.gathers = True
    await line.sends(CHUNKED)
    assert await line.connection.head() == 200

    async def send() -> None:
        for _ in range(200):
            await asyncio.to_thread(line.far.send, b"1\r\nx\r\n")
        await line.sends(b"0\r\n\r\n")

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(send())
        pieces = [piece async for piece in line.pieces()]
    assert b"".join(pieces) == b"x" * 200
    assert len(pieces) < 100
    assert line.connection.is_ready


async def test_a_server_that_reads_nothing_of_the_request_may_still_answer(line: Line) -> None:
    line.connection.ask(ASKED[0].replace(b" 2", b" %d" % MUCH), b"x" * MUCH)
    await line.sends(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
    async with asyncio.timeout(PATIENCE):
        assert await line.connection.head() == 413
    assert not line.connection.is_ready
