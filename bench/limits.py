"""What the machine can do without us: commits of the same PostgreSQL, flushes of the same disk, bare HTTP requests."""

import os
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench.drive import run_load
from bench.load import Load, Outcome
from bench.processes import cpu_seconds, program, tree_of
from bench.server import BenchError, Server
from turnkeeper.store.embedded import join
from turnkeeper.store.postgres_programs import choose_account, find_programs, run_program

PAGE_BYTES = 8192
_TPS = re.compile(r"tps = ([0-9.]+)")
_TABLE = "CREATE TABLE IF NOT EXISTS bench_commits (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)"
_INSERT = "INSERT INTO bench_commits (body) VALUES ('Does FiberUP Business Duplex include an SLA?');\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """A second's worth of each. Commits are of one row by one INSERT, over the unix socket, by pgbench."""

    flushes: float
    """8 KiB written and flushed (fdatasync), one after the other."""
    commits_of_one: float
    commits_of_sixteen: float
    requests: float
    """GET requests that a bare uvicorn application answers to 16 clients of our driver."""
    request_cpu_milliseconds: float
    """Processor time of that application for one request."""


def measure(server: Server, *, seconds: float) -> Limits:
    """Measure beside a server that has nothing to do; takes four times `seconds`.

    Raises:
        BenchError: one of them could not be measured.
    """
    requests, cpu = _bare_requests(seconds)
    return Limits(
        flushes=_flushes(server.folder, seconds),
        commits_of_one=_commits(server, clients=1, seconds=seconds),
        commits_of_sixteen=_commits(server, clients=16, seconds=seconds),
        requests=requests.count / requests.seconds,
        request_cpu_milliseconds=cpu * 1000 / max(requests.count, 1),
    )


def _flushes(folder: Path, seconds: float) -> float:
    path = folder / "flushes"
    page, count = os.urandom(PAGE_BYTES), 0
    file = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(file, bytes(PAGE_BYTES), 0)
        os.fsync(file)
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            os.pwrite(file, page, 0)
            os.fdatasync(file)
            count += 1
        return count / (time.perf_counter() - started)
    finally:
        os.close(file)
        path.unlink()


def _commits(server: Server, *, clients: int, seconds: float) -> float:
    script = server.folder / "commits.sql"
    script.write_text(_INSERT, encoding="utf-8")
    account = choose_account(server.data_dir / "postgres")
    pgbench = find_programs(None, server.data_dir, account).folder / "pgbench"
    if not pgbench.is_file():
        raise BenchError(f"The PostgreSQL in {pgbench.parent} comes without pgbench, which measures its commits.")
    with server.database() as connection:
        connection.execute(_TABLE)
    with join(server.data_dir) as lease:
        arguments = [
            *(str(pgbench), "--no-vacuum", "--protocol=prepared", "--client", str(clients), "--jobs", "1"),
            *("--time", str(max(1, round(seconds))), "--file", str(script), lease.url),
        ]
        done = run_program(arguments, account, seconds=seconds + 30)
    rate = _TPS.search(done.stdout)
    if rate is None:
        raise BenchError(f"pgbench could not measure: {done.stderr.strip() or done.stdout.strip()}")
    return float(rate[1])


def _bare_requests(seconds: float) -> tuple[Outcome, float]:
    with program([sys.executable, "-m", "bench.bare_asgi"]) as application:
        assert application.stdout is not None
        port = int(application.stdout.readline())
        load = Load(
            kind="requests",
            port=port,
            clients=16,
            seconds=seconds,
            warm_up_seconds=min(0.5, seconds),
            most=None,
            poll_seconds=0.0,
            wait_seconds=0,
            delay_milliseconds=0,
            key="",
            data_set_id=0,
        )
        used = run_load(load, lambda: cpu_seconds(tree_of(application.pid)))
    return used.outcome, used.after - used.before
