"""The PostgreSQL we start when no database is given: joined by every process that uses a data folder.

`join()` makes this process a user of the folder's PostgreSQL, starting it when it does not run; it stops by itself when
the last user is gone, however that one ended. How that is kept is told in `turnkeeper.store.postgres_keeper`.
"""

import fcntl
import hashlib
import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg

from turnkeeper.core.errors import StartError
from turnkeeper.store.data_folder import (
    check_room,
    check_socket_dir,
    let_in,
    make_data_dir,
    make_socket_dir,
    open_lock,
    told,
    try_lock,
)
from turnkeeper.store.postgres_cluster import CLUSTER, PORT, ROLE, make_cluster, write_configuration
from turnkeeper.store.postgres_programs import choose_account, find_programs

DATABASE = "turnkeeper"
START_SECONDS = 30.0
STOP_SECONDS = 8.0
"""Less than the ten seconds that containers are given to stop."""
ROOM_BYTES = 64_000_000
"""Free space below which PostgreSQL is not started: less would fail in the middle of the first work."""
SOCKET_PATH_BYTES = 103
"""The longest address of a unix socket that every system takes (macOS 103, Linux 107)."""
LOOK_AGAIN_SECONDS = 0.02
STAND_IN_PAUSE_SECONDS = 1.0
SOCKET = f".s.PGSQL.{PORT}"
KEEPER = Path(__file__).with_name("postgres_keeper.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """How PostgreSQL is started in a data folder."""

    data_dir: Path
    postgres_bin: Path | None
    durable: bool
    room_bytes: int

    @property
    def socket_dir(self) -> Path:
        """Inside the data folder, where every process finds it; in /tmp when that name is too long for a socket."""
        inside = self.data_dir / "socket"
        # The driver reads a comma as the end of one host and the begin of another.
        if len(os.fsencode(inside / SOCKET)) <= SOCKET_PATH_BYTES and "," not in str(inside):
            return inside
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path("/tmp") / f"turnkeeper-{os.geteuid()}-{name}"  # noqa: S108 (its owner is checked before use)

    def url(self, database: str) -> str:
        # With the port, so that PGPORT in somebody's environment changes nothing.
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.socket_dir), safe='')}&port={PORT}"


class Lease:
    """The right to use the PostgreSQL of a data folder; it runs as long as any process holds one.

    While held, PostgreSQL's keeper is replaced if it dies: connections break then, and new ones work within a second.
    """

    def __init__(self, plan: _Plan, users: int) -> None:
        self.url = plan.url(DATABASE)
        self._plan = plan
        self._users = users
        self._closed = threading.Event()
        self._keeper_ended = threading.Event()
        threading.Thread(target=self._stand_in, name="postgres-stand-in", daemon=True).start()

    def close(self, *, wait_seconds: float = 0.0) -> None:
        """Give the right back; may be called again. The last one out makes PostgreSQL stop within about a second.

        With `wait_seconds`, the last user waits that long for the stop: for a process whose end takes others along
        (the first one of a container, a service's main process).
        """
        if self._closed.is_set():
            return
        self._closed.set()
        is_last = try_lock(self._users, fcntl.LOCK_EX)
        os.close(self._users)
        if is_last and wait_seconds > 0:
            self._keeper_ended.wait(wait_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A container ends with its first process or with that one's only child, a service with its main process, a child of
        # the first: without the wait PostgreSQL would be killed in the middle of its stop.
        self.close(wait_seconds=STOP_SECONDS if 1 in {os.getpid(), os.getppid()} else 0.0)

    def _stand_in(self) -> None:
        # Nothing is polled: the keeper's lock comes to us when it dies. Two users never both start one.
        while not self._closed.is_set():
            lock = open_lock(self._plan.data_dir / "keeper.lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._closed.is_set():
                self._keeper_ended.set()
                os.close(lock)
                return
            word = ""
            try:
                report = _start_keeper(self._plan, lock)
                os.close(lock)
                lock = -1
                word = _hear(report, time.monotonic() + START_SECONDS)
                os.close(report)
            except (StartError, OSError, subprocess.SubprocessError):
                # The pool's users see the database missing and say so; here we only try until it works again.
                if lock >= 0:
                    os.close(lock)
            if word != "ready":
                self._closed.wait(STAND_IN_PAUSE_SECONDS)


def join(
    data_dir: Path,
    *,
    postgres_bin: Path | None = None,
    durable: bool = True,
    start_seconds: float = START_SECONDS,
    room_bytes: int = ROOM_BYTES,
) -> Lease:
    """Use the PostgreSQL of `data_dir`, making and starting it if needed; blocks until it accepts connections.

    Any number of processes may join at once. `durable=False` gives up safety against power loss, for tests only; it and
    `postgres_bin` (a folder of programs) count only for the process that starts it.
    Raises: StartError with one sentence for the operator.
    """
    deadline = time.monotonic() + start_seconds
    folder = data_dir.expanduser().absolute()
    plan = _Plan(data_dir=folder, postgres_bin=postgres_bin, durable=durable, room_bytes=room_bytes)
    with told(folder):
        make_data_dir(folder)
        users = open_lock(folder / "users.lock")
        try:
            _share_lock(users, deadline, plan)
            _come_up(plan, deadline)
        except BaseException:
            os.close(users)
            raise
    return Lease(plan, users)


def _come_up(plan: _Plan, deadline: float) -> None:
    """Return when PostgreSQL accepts connections; start its keeper whenever none runs."""
    report: int | None = None
    silent_ends = 0
    try:
        while True:
            lock = open_lock(plan.data_dir / "keeper.lock")
            try:
                if try_lock(lock, fcntl.LOCK_EX):
                    report = _start_keeper(plan, lock)
            finally:
                os.close(lock)
            if report is not None:
                word = _hear(report, deadline)
                os.close(report)
                report = None
                silent_ends += not word
                _heed(plan, word, silent_ends)
            why = _try_database(plan)
            if why is None:
                return
            if time.monotonic() > deadline:
                raise StartError(_late(plan, why))
            threading.Event().wait(LOOK_AGAIN_SECONDS)
    finally:
        if report is not None:
            os.close(report)


def _hear(report: int, deadline: float) -> str:
    """What the keeper we started says: `ready`, `failed …`, or nothing when it died, `late` when the time is over."""
    readable, _, _ = select.select([report], [], [], max(0.0, deadline - time.monotonic()))
    return os.read(report, 8192).decode("utf-8", "replace") if readable else "late"


def _heed(plan: _Plan, word: str, silent_ends: int) -> None:
    log = plan.data_dir / "postgres.log"
    if word.startswith("failed "):
        raise StartError(
            f"PostgreSQL did not start in {plan.data_dir}: {word.removeprefix('failed ').rstrip('.')}. See {log}."
        )
    if word == "late":
        raise StartError(_late(plan, "it is still starting"))
    if silent_ends >= 3:
        raise StartError(f"PostgreSQL's keeper in {plan.data_dir} ended three times without a word; see {log}.")


def _late(plan: _Plan, why: str) -> str:
    return (
        f"PostgreSQL in {plan.data_dir} did not accept connections in time ({why}); "
        f"look into {plan.data_dir / 'postgres.log'} and try again."
    )


def _try_database(plan: _Plan) -> str | None:
    """Connect, and make our database if it is missing; None when that worked, else why not."""
    if not (plan.socket_dir / SOCKET).exists():
        return "it has no socket yet"
    check_socket_dir(plan.socket_dir, choose_account(plan.data_dir / CLUSTER))
    try:
        with psycopg.connect(plan.url("postgres"), autocommit=True, connect_timeout=5) as connection:
            found = connection.execute("select 1 from pg_database where datname = %s", (DATABASE,)).fetchone()
            if found is None:
                connection.execute(f"create database {DATABASE}")
    except (psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
        return None
    except psycopg.OperationalError as error:
        return str(error).strip().splitlines()[-1] if str(error).strip() else "it closed the connection"
    return None


def _start_keeper(plan: _Plan, lock: int) -> int:
    """Make what is missing and start a keeper that takes over `lock`; returns where it reports (read end).

    The caller holds the keeper's lock, so nobody else does any of this.
    """
    account = choose_account(plan.data_dir / CLUSTER)
    check_room(plan.data_dir, plan.room_bytes)
    let_in(plan.data_dir, account)
    programs = find_programs(plan.postgres_bin, plan.data_dir, account)
    cluster = make_cluster(plan.data_dir, programs, account, durable=plan.durable)
    make_socket_dir(plan.socket_dir, account)
    write_configuration(plan.data_dir, plan.socket_dir, account, major=programs.major, durable=plan.durable)
    report, writer = os.pipe()
    identity = ("-1", "-1") if account is None else (str(account.uid), str(account.gid))
    order = [str(plan.data_dir), str(programs.folder / "postgres"), str(cluster), *identity, str(lock), str(writer)]
    try:
        log = os.open(plan.data_dir / "postgres.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(log, "ab") as errors:
            keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), *order],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                pass_fds=(lock, writer),
                start_new_session=True,
            )
        keeper.wait(START_SECONDS)  # It lets go of us at once: its own child does the keeping.
    except BaseException:
        os.close(report)
        raise
    finally:
        os.close(writer)
    return report


def _share_lock(users: int, deadline: float, plan: _Plan) -> None:
    """Become a user; waits only while a keeper that saw no user stops PostgreSQL."""
    while not try_lock(users, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            raise StartError(_late(plan, "it is still stopping"))
        threading.Event().wait(LOOK_AGAIN_SECONDS / 2)
