"""What one message costs the server, counted rather than timed: calls of Python functions, statements, processor time.

    python -m bench.cost                       in a fresh embedded PostgreSQL, removed at the end
    python -m bench.cost --conversations 400 --clients 16

The whole server runs in this process, with its real connections, and is driven by the clients of `make bench`. Calls are those
of Python functions and of the C functions that they call: the same on every machine, however busy, and so good for comparing
versions. Processor time is measured in a second load, without the counting, which takes most of it.
"""

import argparse
import asyncio
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TypeVar

import uvloop

from bench.drive import Measured, run_load
from bench.load import Load
from bench.processes import program
from bench.server import BenchError
from turnkeeper.actions.agents import NewAgent
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
WARM_UP_SECONDS = 1.0
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


class CallCounter:
    """Counts the calls that the thread makes from which it was switched on."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: FrameType, event: str, argument: object) -> None:
        """Hear of one event from Python."""
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
            counter = CallCounter()
            sys.setprofile(counter)
            try:
                counted = await _had(load, lambda: (counter.count, statements()["requests_num"]))
            finally:
                sys.setprofile(None)
            timed = await _had(load, time.process_time)
    count = counted.outcome.count
    return Cost(
        calls=(counted.after[0] - counted.before[0]) / count,
        statements=(counted.after[1] - counted.before[1]) / count,
        cpu_milliseconds=(timed.after - timed.before) * 1000 / timed.outcome.count,
    )


async def _had(load: Load, meter: Callable[[], T]) -> Measured[T]:
    measured = await asyncio.to_thread(run_load, load, meter)
    if measured.outcome.errors or not measured.outcome.count:
        raise BenchError(f"Some conversations went wrong: {measured.outcome.first_errors}")
    return measured


def _settings(database_url: str, model_port: int) -> Settings:
    return settings_from(
        {
            "TURNKEEPER_DATABASE_URL": database_url,
            "TURNKEEPER_DEMO": "false",
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
            gate.open(served.doors)
            server = server_for(gate, settings)
            group.create_task(server.serve([listener]))
            group.create_task(answer_turns(served.turnkeeper, settings, stop))
            try:
                yield served, listener.getsockname()[1]
            finally:
                served.turnkeeper.actions.events.close()
                server.should_exit = True
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


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=300)
    parser.add_argument("--clients", type=int, default=16)
    given = parser.parse_args()
    configure_logs(level="info", log_format="json")
    # A disk, where commits cost what they cost; and a folder that PostgreSQL's own user may enter.
    folder = Path(tempfile.mkdtemp(prefix="turnkeeper-cost-", dir="/var/tmp"))
    folder.chmod(0o755)
    try:
        with join(folder / "data") as lease:
            migrate(lease.url)
            cost = uvloop.run(measure(lease.url, conversations=given.conversations, clients=given.clients))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(
        f"{cost.calls:.0f} calls, {cost.statements:.2f} statements,"
        f" {cost.cpu_milliseconds:.2f} ms of the server's processor time a message"
    )


if __name__ == "__main__":
    main()
