"""Nodes that are measured: `turnkeeper serve --no-worker` and `turnkeeper work`, each a process, over one database."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic

import psycopg

from bench.processes import cpu_seconds, end, memory_mib, tree_of
from bench.server import BenchError
from turnkeeper.store.embedded import join

START_SECONDS = 60.0
STOP_SECONDS = 40.0
_SERVES = re.compile(r"serves on http://127\.0\.0\.1:(\d+)")
_BUSY = """
    SELECT EXISTS (SELECT FROM passages_to_embed)
           OR EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))
           OR (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '2 s') < %s
"""
_KEY = re.compile(r"tk_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The database that all nodes share, as they reach it, and the process it runs as, where that is of this machine."""

    environment: Mapping[str, str]
    url: str
    """Past any pooler: for looking from outside."""
    postmaster: int | None

    @contextmanager
    def looked_at(self) -> Generator[psycopg.Connection[tuple[object, ...]]]:
        """A connection in autocommit mode."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection


@contextmanager
def own_database() -> Generator[Place]:
    """A fresh PostgreSQL of the wheel on a disk, which the nodes know by its address only; removed with the block."""
    with tempfile.TemporaryDirectory(prefix="turnkeeper-nodes-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        data_dir = Path(folder) / "data"
        with join(data_dir) as lease:
            words = (data_dir / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()
            postmaster = int(words[0])
            yield Place(
                environment={"TURNKEEPER_DATABASE_URL": lease.url, "TURNKEEPER_DATA_DIR": folder},
                url=lease.url,
                postmaster=postmaster,
            )
        _until(lambda: not tree_of(postmaster), "PostgreSQL to stop")


@dataclass(frozen=True, kw_only=True, slots=True)
class Nodes:
    """All that run; ports in the order of the doors."""

    place: Place
    doors: Sequence[subprocess.Popen[bytes]]
    workers: Sequence[subprocess.Popen[bytes]]
    ports: Sequence[int]

    def cpu(self) -> tuple[float, float, float]:
        """Processor seconds so far: of the doors, of the workers, of PostgreSQL (0 where it is elsewhere)."""
        return (
            cpu_seconds(each.pid for each in self.doors),
            cpu_seconds(each.pid for each in self.workers),
            cpu_seconds(tree_of(self.place.postmaster)) if self.place.postmaster else 0.0,
        )

    def memory_mib(self) -> tuple[float, float, float]:
        """Memory (PSS) of the same, together."""
        return (
            memory_mib(each.pid for each in self.doors),
            memory_mib(each.pid for each in self.workers),
            memory_mib(tree_of(self.place.postmaster)) if self.place.postmaster else 0.0,
        )


@contextmanager
def running_nodes(place: Place, *, doors: int, workers: int, model_port: int) -> Generator[Nodes]:
    """Start them one after the other and wait until each is ready; stopped with the block.

    Raises:
        BenchError: one does not start.
    """
    environment = _environment(place, model_port)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="turnkeeper-nodes-", dir="/var/tmp")))
        serving: list[subprocess.Popen[bytes]] = []
        ports: list[int] = []
        for number in range(doors):
            command = ["serve", "--no-worker", "--port", "0"]
            serving.append(stack.enter_context(_node(command, folder / f"door{number}", environment)))
            ports.append(int(_wait_for(_SERVES, folder / f"door{number}.out", serving[-1])))
        working = [
            stack.enter_context(_node(["work"], folder / f"worker{number}", environment)) for number in range(workers)
        ]
        for number, worker in enumerate(working):
            _wait_for(re.compile('"event":"(working)"'), folder / f"worker{number}.err", worker)
        yield Nodes(place=place, doors=serving, workers=working, ports=ports)


def make_key(place: Place) -> str:
    """An API key for the clients."""
    command = [sys.executable, "-m", "turnkeeper", "keys", "create", "bench"]
    done = subprocess.run(command, env=_environment(place, 1), capture_output=True, text=True, check=False, timeout=60)
    found = _KEY.fullmatch(done.stdout.strip())
    if found is None:
        raise BenchError(f"No key could be made: {done.stderr}")
    return found[0]


def settle(place: Place, *, workers: int) -> None:
    """Wait until so many work and nothing is left to do from the start, such as the vectors of the demo data set."""
    with place.looked_at() as connection:

        def is_settled() -> bool:
            row = connection.execute(_BUSY, (workers,)).fetchone()
            return row == (False,)

        _until(is_settled, "the nodes to be done with their start", seconds=120.0)


def _environment(place: Place, model_port: int) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")}
    return {
        **ours,
        "TURNKEEPER_LOG_FORMAT": "json",
        "TURNKEEPER_OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
        "TURNKEEPER_OPENAI_API_KEY": "stub",
        "TURNKEEPER_MODEL": "openai:stub",
        **place.environment,
    }


@contextmanager
def _node(command: Sequence[str], words: Path, environment: Mapping[str, str]) -> Generator[subprocess.Popen[bytes]]:
    with words.with_suffix(".out").open("wb") as out, words.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "turnkeeper", *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(environment),
            process_group=0,
        )
    try:
        yield process
    finally:
        end(process, patience_seconds=STOP_SECONDS)


def _wait_for(words: re.Pattern[str], file: Path, process: subprocess.Popen[bytes]) -> str:
    def said() -> bool:
        if process.poll() is not None:
            raise BenchError(f"A node ended: {file.with_suffix('.err').read_text(encoding='utf-8')[-2000:]}")
        return words.search(file.read_text(encoding="utf-8")) is not None

    _until(said, f"{file.stem} to be ready")
    found = words.search(file.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def _until(happened: Callable[[], bool], what: str, *, seconds: float = START_SECONDS) -> None:
    deadline = monotonic() + seconds
    while not happened():
        if monotonic() > deadline:
            raise BenchError(f"Waited {seconds:g} s for {what}.")
        Event().wait(0.02)
