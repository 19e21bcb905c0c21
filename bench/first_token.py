"""From the model's first token to the client's wire: `python -m bench.first_token`, explained in docs/benchmarks.md.

    python -m bench.first_token
    python -m bench.first_token --clients 1,16 --seconds 10 --delay 200 --json figures.json

The model writes into its first token when it wrote it, on the clock that all processes of this machine share. A client
sends a message and follows its events as a stream; it notes when the bytes of the first text come in.
"""

import argparse
import asyncio
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec
import orjson
import uvloop

from bench import machine
from bench.http_client import Connection, request
from bench.load import Milliseconds, milliseconds
from bench.processes import program
from bench.server import fresh_server
from bench.stub_model import new_ticket

STREAM_SECONDS = 30.0
WARM_UP_SECONDS = 2.0
"""First turns prepare statements and import what only turns need: what they take is not told."""
_STAMP = re.compile(rb"Stamped Ticket \d+-[0-9a-f]{16} @(\d+)")


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstToken:
    """What so many clients saw, one message after another."""

    clients: int
    messages: int
    first_token: Milliseconds
    """From the model's write to the client's read."""


class _Created(msgspec.Struct):
    id: int


class _Sent(msgspec.Struct):
    task_id: str


class Client:
    """One who sends messages and follows each of them."""

    def __init__(self, port: int, key: str, data_set_id: int, delay_milliseconds: int) -> None:
        self._port = port
        self._auth = f"Authorization: Token {key}\r\n"
        self._data_set_id = data_set_id
        self._delay = delay_milliseconds
        self.seconds: list[float] = []

    async def run(self) -> None:
        """Go on until cancelled."""
        connection = await Connection.open(self._port)
        try:
            while True:
                async with asyncio.timeout(STREAM_SECONDS):
                    self.seconds.append(await self._one(connection))
        finally:
            connection.close()

    async def _one(self, connection: Connection) -> float:
        creating = request("POST", "/api/conversations", self._auth, orjson.dumps({"data_set_id": self._data_set_id}))
        created = msgspec.json.decode((await connection.ask(creating))[1], type=_Created)
        question = orjson.dumps({"question_message": f"What do the terms say? Stamped {new_ticket(self._delay)}"})
        sending = request("POST", f"/api/conversations/{created.id}", self._auth, question)
        sent = msgspec.json.decode((await connection.ask(sending))[1], type=_Sent)
        return await self._follow(sent.task_id)

    async def _follow(self, message: str) -> float:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            accept = "Accept: text/event-stream\r\n"
            writer.write(request("GET", f"/v1/messages/{message}/events", self._auth + accept))
            received, seconds = b"", None
            while chunk := await reader.read(65_536):
                now = time.monotonic_ns()
                received += chunk
                stamp = _STAMP.search(received) if seconds is None else None
                if stamp is not None:
                    seconds = (now - int(stamp[1])) / 1e9
                if b"event: end\n" in received:
                    break
            if seconds is None or b"event: message.completed\n" not in received:
                raise SystemExit(f"The stream of {message} lacks its text or its end:\n{received.decode()}")
            return seconds
        finally:
            writer.close()


async def measure(port: int, key: str, data_set_id: int, *, clients: int, seconds: float, delay: int) -> FirstToken:
    """Let so many clients work for so long, after a warm-up."""
    crowd = [Client(port, key, data_set_id, delay) for _ in range(clients)]
    running = [asyncio.create_task(client.run()) for client in crowd]
    done, _ = await asyncio.wait(running, timeout=WARM_UP_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
    for client in crowd:
        client.seconds.clear()
    if not done:
        done, _ = await asyncio.wait(running, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    for task in running:
        task.cancel()
    await asyncio.wait(running)
    for task in done:
        task.result()
    times = [each for client in crowd for each in client.seconds]
    return FirstToken(clients=clients, messages=len(times), first_token=milliseconds(times))


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.first_token", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clients", default="1,16", help="numbers of clients (default 1,16)")
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="of each measurement, after a warm-up of two (default 5)"
    )
    parser.add_argument("--delay", type=int, default=200, help="milliseconds before the first token (default 200)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    given = parser.parse_args()
    here = machine.describe()
    print(f"{here.processor}, {here.processors} processors, load average {here.load_average:.1f}")
    figures: list[FirstToken] = []
    with program([sys.executable, "-m", "bench.stub_model"]) as model:
        assert model.stdout is not None
        with fresh_server(int(model.stdout.readline()), log_level="info") as server:
            server.start()
            server.settle()
            for clients in map(int, given.clients.split(",")):
                measuring = measure(
                    server.port,
                    server.key,
                    server.data_set_id,
                    clients=clients,
                    seconds=given.seconds,
                    delay=given.delay,
                )
                figures.append(uvloop.run(measuring))
                told = figures[-1].first_token
                print(
                    f"{clients} clients, {figures[-1].messages} messages: first token on the client's wire after "
                    f"{told.p50:.1f} / {told.p95:.1f} / {told.p99:.1f} ms (p50 / p95 / p99)",
                    flush=True,
                )
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")


if __name__ == "__main__":
    main()
