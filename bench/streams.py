"""What open event streams cost: `python -m bench.streams`, explained in docs/benchmarks.md.

    python -m bench.streams --streams 10000 --conversations 100 --seconds 20

Opens so many streams of idle conversations from one process to one server, and tells what the server's memory and processor
time are before, when all are open, and after a while of nothing but beats. The limit of open files must allow it.
"""

import argparse
import asyncio
import resource
import sys
from dataclasses import dataclass

import msgspec
import orjson
import uvloop

from bench.http_client import Connection, request
from bench.processes import program
from bench.server import BenchError, Server, fresh_server

AT_ONCE = 64
OPEN_SECONDS = 60.0
PAGE = 100


class _Talk(msgspec.Struct):
    id: str


class _Talks(msgspec.Struct):
    items: list[_Talk]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many streams, over how many conversations, and how long to listen."""

    streams: int
    conversations: int
    seconds: float


class Listener(asyncio.Protocol):
    """One stream: knows that it is open, and reads no further than it must."""

    def __init__(self, asking: bytes) -> None:
        self._asking = asking
        self.is_open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - what both loops give to a stream
        self, transport: asyncio.Transport
    ) -> None:
        """Ask."""
        transport.write(self._asking)

    def data_received(self, data: bytes) -> None:
        """The head of the answer says whether it is a stream."""
        if not self.is_open.done():
            if data.startswith(b"HTTP/1.1 200"):
                self.is_open.set_result(None)
            else:
                self.is_open.set_exception(BenchError(f"No stream: {data[:300]!r}"))

    def connection_lost(self, exc: Exception | None) -> None:
        """A stream that ends was lost."""
        if not self.is_open.done():
            self.is_open.set_exception(BenchError(f"A stream ended before it was open ({exc})."))


async def listen(server: Server, plan: Plan) -> None:
    """Open the streams, and print what the server holds and uses."""
    auth = f"Authorization: Token {server.key}\r\n"
    connection = await Connection.open(server.port)
    create = request("POST", "/api/conversations", auth, orjson.dumps({"data_set_id": server.data_set_id}))
    for _ in range(plan.conversations):
        await connection.ask(create)
    _, body = await connection.ask(request("GET", f"/v1/conversations?limit={PAGE}", auth))
    talks = [talk.id for talk in msgspec.json.decode(body, type=_Talks).items]
    before, _ = server.memory_mib()
    print(f"{before:6.0f} MiB without a stream", flush=True)
    streams = await _opened(server.port, auth, talks, plan.streams)
    opened, _ = server.memory_mib()
    each = (opened - before) * 1024 / plan.streams
    print(f"{opened:6.0f} MiB with {len(streams)} streams, {each:.1f} KiB each", flush=True)
    used = server.used()
    await asyncio.sleep(plan.seconds)
    beats, later = server.used().python - used.python, server.memory_mib()[0]
    print(f"{later:6.0f} MiB after {plan.seconds:g} s of beats, which took {beats / plan.seconds:.1%} of a processor")
    for stream in streams:
        stream.abort()
    connection.close()


async def _opened(port: int, auth: str, talks: list[str], count: int) -> list[asyncio.Transport]:
    loop, gate = asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> asyncio.Transport:
        headers = f"{auth}Accept: text/event-stream\r\n"
        asking = request("GET", f"/v1/conversations/{talks[number % len(talks)]}/events", headers)
        async with gate:
            # Linux has 28,000 ports for connections to one address, which is enough here.
            transport, listener = await loop.create_connection(lambda: Listener(asking), "127.0.0.1", port)
            await asyncio.wait_for(listener.is_open, OPEN_SECONDS)
        return transport

    return await asyncio.gather(*(one(number) for number in range(count)))


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--conversations", type=int, default=PAGE, help="of which they are; at most 100")
    parser.add_argument("--seconds", type=float, default=20.0, help="to listen when all are open")
    given = parser.parse_args()
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most_files, most_files))
    plan = Plan(streams=given.streams, conversations=min(given.conversations, PAGE), seconds=given.seconds)
    try:
        with program([sys.executable, "-m", "bench.stub_model"]) as model:
            assert model.stdout is not None
            with fresh_server(int(model.stdout.readline()), log_level="warning") as server:
                server.start()
                server.settle()
                uvloop.run(listen(server, plan))
    except BenchError as error:
        sys.exit(f"{error}")


if __name__ == "__main__":
    main()
