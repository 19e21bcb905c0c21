"""What one message costs the server, counted rather than timed: calls of Python functions, statements, processor time.

    python -m bench.cost                       in a fresh embedded PostgreSQL, removed at the end
    python -m bench.cost --conversations 400 --clients 16

The whole server runs in this process, with its real connections, and is driven by the clients of `make bench`. Calls are
those of Python functions and of the C functions that they call: the same on every machine, however busy, and so good for
comparing versions. Processor time is measured in a load before, without the counting, which takes most of it.
"""

import argparse
import asyncio
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TypeVar
from uuid import UUID

import msgspec
import uvloop

from bench.drive import Measured, run_load
from bench.http_client import Connection, request
from bench.load import Load
from bench.processes import program
from bench.server import BenchError
from bench.stub_model import new_ticket
from turnkeeper.actions.agents import NewAgent
from turnkeeper.core.ids import prefixed
from turnkeeper.http_kit.gate import Gate
from turnkeeper.opening import OpenServer, opened_server
from turnkeeper.serving import server_for
from turnkeeper.settings import Settings
from turnkeeper.settings import load as settings_from
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import migrate
from turnkeeper.telemetry.logs import configure_logs
from turnkeeper.working import answer_turns

T = TypeVar("T")
WAIT_SECONDS = 30
LONGEST_SECONDS = 120.0
REQUEST_CLIENTS = 8
WARM_UP_SECONDS = 0.3
_COUNTED = frozenset({"call", "c_call"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """Of one message, that is alone in its conversation."""

    calls: float
    """Of Python's functions and of C's."""
    statements: float
    """How often a connection was asked for."""
    cpu_milliseconds: float
    """Of the server's process, in a load of its own."""
    looks_a_second: float
    """How often the state of a finished task can be asked for in a second of the server's processor time."""
    readings_a_second: float
    """The same of a whole message, through the native dialect."""
    nairi_readings_a_second: float
    """The same through Nairi's."""


class _Created(msgspec.Struct):
    id: int


class _Sent(msgspec.Struct):
    task_id: str


class CallCounter:
    """Counts the calls that the thread makes from which it was switched on."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Hear of one event from Python."""
        del frame, argument
        if event in _COUNTED:
            self.count += 1


async def measure(database_url: str, *, conversations: int, clients: int) -> Cost:
    """Let clients have so many conversations with a server over this database, which is migrated and empty."""
    with program([sys.executable, "-m", "bench.stub_model"]) as model:
        assert model.stdout is not None
        settings = _settings(database_url, int(model.stdout.readline()))
        async with _serving(settings) as (served, port):
            load = await _load(served, port, conversations=conversations, clients=clients)
            statements = served.turnkeeper.rooms.database.pool.get_stats
            timed = await _had(load, time.process_time)  # first: now all statements are prepared
            counter = CallCounter()
            sys.setprofile(counter)
            try:
                counted = await _had(load, lambda: (counter.count, statements()["requests_num"]))
            finally:
                sys.setprofile(None)
            message = await _message(load)
            looks = await _rate(load, f"/api/task_status/{message}")
            readings = await _rate(load, f"/v1/messages/{message}")
            nairi = await _rate(load, f"/api/public/v1/messages/{prefixed('cmsg', UUID(message))}")
    count = counted.outcome.count
    return Cost(
        calls=(counted.after[0] - counted.before[0]) / count,
        statements=(counted.after[1] - counted.before[1]) / count,
        cpu_milliseconds=(timed.after - timed.before) * 1000 / timed.outcome.count,
        looks_a_second=looks,
        readings_a_second=readings,
        nairi_readings_a_second=nairi,
    )


async def _had(load: Load, meter: Callable[[], T]) -> Measured[T]:
    measured = await asyncio.to_thread(run_load, load, meter)
    if measured.outcome.errors or not measured.outcome.count:
        raise BenchError(f"Some conversations went wrong: {measured.outcome.first_errors}")
    return measured


async def _message(load: Load) -> str:
    """A message that is answered."""
    connection, auth = await Connection.open(load.port), f"Authorization: Token {load.key}\r\n"
    _, body = await connection.ask(
        request("POST", "/api/conversations", auth, msgspec.json.encode({"data_set_id": load.data_set_id}))
    )
    question = msgspec.json.encode({"question_message": f"What? {new_ticket(0)}"})
    path = f"/api/conversations/{msgspec.json.decode(body, type=_Created).id}"
    _, body = await connection.ask(request("POST", path, auth, question))
    message = msgspec.json.decode(body, type=_Sent).task_id
    await connection.ask(request("GET", f"/api/task_status/{message}", f"{auth}Prefer: wait={WAIT_SECONDS}\r\n"))
    connection.close()
    return message


async def _rate(load: Load, path: str) -> float:
    """Requests in a second of the server's processor time."""
    asked = await _had(
        replace(load, kind="requests", path=path, clients=REQUEST_CLIENTS, most=load.most and load.most * 10),
        time.process_time,
    )
    return asked.outcome.count / (asked.after - asked.before)


def _settings(database_url: str, model_port: int) -> Settings:
    return settings_from(
        {
            "TURNKEEPER_DATABASE_URL": database_url,
            "TURNKEEPER_DEMO": "false",
            "TURNKEEPER_EMBED_AT_START": "false",
            "TURNKEEPER_LOG_FORMAT": "json",
            "TURNKEEPER_MODEL": "openai:stub",
            "TURNKEEPER_OPENAI_API_KEY": "stub",
            "TURNKEEPER_OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        }
    )


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncGenerator[tuple[OpenServer, int]]:
    """The whole server in this process, and its port."""
    gate, stop = Gate(), asyncio.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        async with (
            opened_server(settings, settings.database_url or "", works=True) as served,
            asyncio.TaskGroup() as group,
        ):
            await served.doors.load()  # doors are made when somebody knocks, which is no part of what a request costs
            gate.open(served.doors)
            server = server_for(gate, settings)
            serving = group.create_task(server.serve([listener]))
            group.create_task(answer_turns(served.turnkeeper, settings, stop))
            try:
                yield served, listener.getsockname()[1]
            finally:
                served.turnkeeper.actions.events.close()
                server.should_exit = True
                await serving
                stop.set()


async def _load(served: OpenServer, port: int, *, conversations: int, clients: int) -> Load:
    """The load, with a data set and an agent to talk to."""
    assert served.made is not None, "the database is empty"
    actions = served.turnkeeper.actions
    caller = await actions.signin.caller_of(served.made.secret)
    data_set = await actions.data_sets.create(caller, name="Cost")
    await actions.agents.create(caller, NewAgent(name="Cost", data_set_id=data_set.id))
    return Load(
        kind="conversations",
        port=port,
        clients=clients,
        seconds=LONGEST_SECONDS,
        warm_up_seconds=WARM_UP_SECONDS,
        most=conversations,
        poll_seconds=0.01,
        wait_seconds=WAIT_SECONDS,
        delay_milliseconds=0,
        key=served.made.secret,
        data_set_id=data_set.id,
    )


@contextmanager
def _database(url: str | None) -> Generator[str]:
    if url is not None:
        yield url
        return
    # A disk, where commits cost what they cost; and a folder that PostgreSQL's own user may enter.
    folder = Path(tempfile.mkdtemp(prefix="turnkeeper-cost-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        with join(folder / "data") as lease:
            migrate(lease.url)
            yield lease.url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument(
        "--database-url", help="of an empty, migrated database, in place of one that is made and removed"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()
    configure_logs(level="info", log_format="json")
    with _database(given.database_url) as url:
        cost = uvloop.run(measure(url, conversations=given.conversations, clients=given.clients))
    if given.json:
        print(msgspec.json.encode(cost).decode())
        return
    print(
        f"{cost.calls:.0f} calls, {cost.statements:.2f} statements,"
        f" {cost.cpu_milliseconds:.2f} ms of the server's processor time a message\n"
        f"{cost.looks_a_second:.0f} looks at a finished task and {cost.readings_a_second:.0f} readings of a message"
        f" ({cost.nairi_readings_a_second:.0f} through Nairi's dialect) in a second of it"
    )


if __name__ == "__main__":
    main()
