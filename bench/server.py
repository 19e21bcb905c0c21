"""The server that is measured: started on a data folder of its own, watched from outside, stopped with all it started."""

import http.client
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import psycopg

from bench.ports import free_port
from bench.processes import cpu_seconds, end, memory_mib, parent_of, tree_of
from turnkeeper.store.embedded import join

START_SECONDS = 60.0
STOP_SECONDS = 40.0
SETTLE_SECONDS = 120.0
LOOK_SECONDS = 0.005
_KEY = re.compile(r"export KEY=(\S+)")
_DATA_SET = re.compile(r'"data_set_id": (\d+)')


class BenchError(Exception):
    """The measurement cannot go on; one sentence says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """Seconds from the start of the program to the first answers."""

    healthz_seconds: float
    request_seconds: float
    """To the first answer of the API that has read the database."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """Processor seconds so far: the server's Python processes, and PostgreSQL's processes."""

    python: float
    postgres: float


class Server:
    """`turnkeeper serve` on a fresh data folder, its model the stub at `model_port`; without one, the key-less model."""

    def __init__(self, model_port: int | None, *, log_level: str) -> None:
        # /var/tmp is on a disk, where /tmp may be memory: commits must cost what they cost.
        self.folder = Path(tempfile.mkdtemp(prefix="turnkeeper-bench-", dir="/var/tmp"))
        self.data_dir = self.folder / "data"
        self.folder.chmod(0o755)
        self.port = free_port()
        self.key = ""
        self.data_set_id = 0
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")}
        if model_port is not None:
            self._environment |= {
                "TURNKEEPER_OPENAI_BASE_URL": f"http://127.0.0.1:{model_port}/v1",
                "TURNKEEPER_OPENAI_API_KEY": "stub",
                "TURNKEEPER_MODEL": "openai:stub",
            }
        self._environment |= {
            "TURNKEEPER_LOG_LEVEL": log_level,
            "TURNKEEPER_DATA_DIR": str(self.data_dir),
            "TURNKEEPER_PORT": str(self.port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> Start:
        """Start it and wait for its first answers.

        Raises:
            BenchError: they do not come.
        """
        began = time.monotonic()
        with (self.folder / "out.txt").open("wb") as out, (self.folder / "log.txt").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "turnkeeper", "serve"],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                env=self._environment,
                process_group=0,
            )
        self._wait_for("/healthz", began)
        healthz_seconds = time.monotonic() - began
        # Told before the first page is shown, which waits until all is open.
        self._wait_for("/", began)
        self._read_welcome()
        self._wait_for("/api/conversations", began)
        return Start(healthz_seconds=healthz_seconds, request_seconds=time.monotonic() - began)

    def settle(self) -> None:
        """Wait until it has nothing left to do from its start, such as the vectors of the demo data set."""
        self._wait_for("/readyz", time.monotonic())
        deadline = time.monotonic() + SETTLE_SECONDS
        with self.database() as connection:
            while connection.execute(
                "SELECT EXISTS (SELECT FROM passages_to_embed) "
                "OR EXISTS (SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing'))"
            ).fetchone() != (False,):
                if time.monotonic() > deadline:
                    raise BenchError(f"The server is still busy with its start after {SETTLE_SECONDS:g} s.")
                Event().wait(0.1)

    def stop(self) -> None:
        """Stop it, and wait until its PostgreSQL is gone too; may be called again."""
        if self._process is None:
            return
        postmaster = self._postmaster()
        end(self._process, patience_seconds=STOP_SECONDS)
        self._process = None
        deadline = time.monotonic() + STOP_SECONDS
        while postmaster is not None and tree_of(postmaster) and time.monotonic() < deadline:
            Event().wait(0.02)

    def remove(self) -> None:
        """Stop it and forget its data."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def database(self) -> Generator[psycopg.Connection[tuple[object, ...]]]:
        """A connection to its database, in autocommit mode."""
        with join(self.data_dir) as lease, psycopg.connect(lease.url, autocommit=True) as connection:
            yield connection

    def process(self) -> int:
        """The number of the server's own process.

        Raises:
            BenchError: it does not run.
        """
        if self._process is None or self._process.poll() is not None:
            raise BenchError(f"The server does not run.\n{self._last_words()}")
        return self._process.pid

    def used(self) -> Used:
        """Processor time so far."""
        python, postgres = self._processes()
        return Used(python=cpu_seconds(python), postgres=cpu_seconds(postgres))

    def memory_mib(self) -> tuple[float, float]:
        """Memory (PSS) of the Python processes and of PostgreSQL."""
        python, postgres = self._processes()
        return memory_mib(python), memory_mib(postgres)

    def _processes(self) -> tuple[set[int], set[int]]:
        """The server with PostgreSQL's keeper, and PostgreSQL, whose processes descend from the keeper."""
        python, postmaster = tree_of(self.process()), self._postmaster()
        if postmaster is None:
            raise BenchError("PostgreSQL does not run.")
        postgres = tree_of(postmaster)
        return (python | {parent_of(postmaster)}) - postgres, postgres

    def _postmaster(self) -> int | None:
        try:
            return int((self.data_dir / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None

    def _wait_for(self, path: str, began: float) -> None:
        headers = {"Authorization": f"Token {self.key}"} if self.key else {}
        while True:
            self.process()
            if self._answers(path, headers):
                return
            if time.monotonic() - began > START_SECONDS:
                raise BenchError(f"The server does not answer {path} after {START_SECONDS:g} s.\n{self._last_words()}")
            Event().wait(LOOK_SECONDS)

    def _answers(self, path: str, headers: dict[str, str]) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS)
        try:
            connection.request("GET", path, headers=headers)
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def _read_welcome(self) -> None:
        """The key and the data set are told at the first start only."""
        said = (self.folder / "out.txt").read_text(encoding="utf-8")
        key, data_set = _KEY.search(said), _DATA_SET.search(said)
        if key is not None and data_set is not None:
            self.key, self.data_set_id = key[1], int(data_set[1])
        elif not self.key:
            raise BenchError(f"The server told no key:\n{said}")

    def _last_words(self) -> str:
        return "\n".join((self.folder / "log.txt").read_text(encoding="utf-8", errors="replace").splitlines()[-20:])


@contextmanager
def fresh_server(model_port: int, *, log_level: str) -> Generator[Server]:
    """A server that is not started yet; stopped and removed with the block."""
    server = Server(model_port, log_level=log_level)
    try:
        yield server
    finally:
        server.remove()
