"""Where the time goes while the server is under load: its Python functions, and the statements that PostgreSQL runs.

    python -m bench.profiling --clients 16 --seconds 8 --mode poll

Statements are counted by pg_stat_statements; Python is watched by py-spy, which must be installed (`pip install py-spy`)
and may need root. Both cost time themselves: take shares from here, and figures from `make bench`.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.drive import run_load
from bench.load import Load, Outcome
from bench.processes import program
from bench.run import LONG_WAIT_SECONDS, POLL_SECONDS
from bench.server import BenchError, Server, Used, fresh_server

WARM_UP_SECONDS = 1.5
SAMPLES_A_SECOND = 250
MOST_LINES = 45
_STATEMENTS = """
    SELECT calls, total_exec_time, total_plan_time, wal_bytes::float8, regexp_replace(query, '\\s+', ' ', 'g')
    FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
    ORDER BY calls * 0.05 + total_exec_time + total_plan_time DESC
"""
_TOTALS = """
    SELECT xact_commit, xact_rollback, (SELECT wal_bytes::float8 FROM pg_stat_wal)
    FROM pg_stat_database WHERE datname = current_database()
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """What PostgreSQL did for the load: commits, write-ahead log, and statements with their calls and milliseconds."""

    commits: float
    wal_bytes: float
    statements: Sequence[tuple[float, float, str]]


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--delay", type=int, default=0, help="milliseconds before the model's first byte")
    parser.add_argument("--poll", type=int, default=round(POLL_SECONDS * 1000), help="milliseconds between two looks")
    parser.add_argument("--mode", choices=("poll", "wait"), default="poll")
    parser.add_argument("--log-level", default="info", help="the server's")
    given = parser.parse_args()
    try:
        with contextlib.ExitStack() as stack:
            model = stack.enter_context(program([sys.executable, "-m", "bench.stub_model"]))
            assert model.stdout is not None
            server = stack.enter_context(fresh_server(int(model.stdout.readline()), log_level=given.log_level))
            _start_counting(server)
            load = Load(
                kind="conversations",
                port=server.port,
                clients=given.clients,
                seconds=given.seconds,
                warm_up_seconds=WARM_UP_SECONDS,
                most=None,
                poll_seconds=given.poll / 1000,
                wait_seconds=LONG_WAIT_SECONDS if given.mode == "wait" else 0,
                delay_milliseconds=given.delay,
                key=server.key,
                data_set_id=server.data_set_id,
            )
            _profile(server, load)
    except BenchError as error:
        sys.exit(f"{error}")


def _start_counting(server: Server) -> None:
    server.start()
    server.settle()
    with server.database() as connection:
        connection.execute("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'")
        connection.execute("ALTER SYSTEM SET pg_stat_statements.track = 'all'")
        connection.execute("ALTER SYSTEM SET pg_stat_statements.track_planning = 'on'")
    server.stop()
    server.start()
    server.settle()
    with server.database() as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


def _profile(server: Server, load: Load) -> None:
    samples = server.folder / "samples.txt"
    with contextlib.ExitStack() as stack:
        connection = stack.enter_context(server.database())

        watchers: list[subprocess.Popen[bytes]] = []

        def meter() -> tuple[Used, tuple[object, ...]]:
            if not watchers:
                connection.execute("SELECT pg_stat_statements_reset()")
                watchers.append(_watch(server.process(), samples, load.seconds))
            totals = connection.execute(_TOTALS).fetchone()
            assert totals is not None
            return server.used(), totals

        used = run_load(load, meter)
        counts = _counts(connection, used.before[1], used.after[1])
        for watcher in watchers:
            watcher.wait(60)
    count = max(used.outcome.count, 1)
    print(
        f"\n{used.outcome.count} conversations in {used.outcome.seconds:.1f} s, {used.outcome.looks / count:.1f} looks each;"
        f" CPU for one: Python {(used.after[0].python - used.before[0].python) * 1000 / count:.2f} ms,"
        f" PostgreSQL {(used.after[0].postgres - used.before[0].postgres) * 1000 / count:.2f} ms"
    )
    _print_statements(used.outcome, counts)
    if samples.exists():
        _print_samples(samples)


def _watch(process: int, samples: Path, seconds: float) -> subprocess.Popen[bytes]:
    spy = shutil.which("py-spy", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if spy is None:
        print("py-spy is not installed: PostgreSQL's statements only.")
        return subprocess.Popen([sys.executable, "-c", ""])
    duration = str(max(1, round(seconds)))
    arguments = [spy, "record", "--pid", str(process), "--output", str(samples), "--format", "raw", "--function"]
    arguments += ["--rate", str(SAMPLES_A_SECOND), "--duration", duration, "--nonblocking"]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _counts(
    connection: psycopg.Connection[tuple[object, ...]], before: tuple[object, ...], after: tuple[object, ...]
) -> Counts:
    rows = connection.execute(_STATEMENTS.encode()).fetchall()
    return Counts(
        commits=_number(after[0]) - _number(before[0]),
        wal_bytes=_number(after[2]) - _number(before[2]),
        statements=[(_number(row[0]), _number(row[1]) + _number(row[2]), str(row[4])) for row in rows],
    )


def _print_statements(outcome: Outcome, counts: Counts) -> None:
    count = max(outcome.count, 1)
    print(
        f"\nPostgreSQL: {counts.commits / count:.1f} commits and {counts.wal_bytes / count:.0f} bytes of log for each\n"
    )
    print(" calls  ms/call  ms/conv  statement (those inside of functions too)")
    for calls, spent, text in counts.statements[:MOST_LINES]:
        if calls / count >= 0.01:
            print(f"{calls / count:6.2f}  {spent / calls:7.3f}  {spent / count:7.3f}  {text[:150]}")


def _print_samples(samples: Path) -> None:
    """Shares of the samples: by the function that ran, and by each function on the stack."""
    own: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for stack in samples.read_text(encoding="utf-8").splitlines():
        frames, _, number = stack.rpartition(" ")
        names = frames.split(";")
        own[names[-1]] += int(number)
        for name in set(names):
            within[name] += int(number)
    total = max(own.total(), 1)
    for title, counter in (("running itself", own), ("itself and what it calls", within)):
        print(f"\nPython, share of time: {title}\n")
        for name, number in counter.most_common(MOST_LINES * 2):
            print(f"{number / total:6.1%}  {name}")


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)


if __name__ == "__main__":
    main()
