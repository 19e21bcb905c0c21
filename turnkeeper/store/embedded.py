"""The PostgreSQL we start when no database is given: joined by every process that uses a data folder.

`join()` makes this process a user of the folder's PostgreSQL, starting it when it does not run; it stops by itself when
the last user is gone, however that one ended. How that is kept is told in `turnkeeper.store.postgres_keeper`.
"""

import errno
import fcntl
import hashlib
import os
import select
import shutil
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import psycopg
from platformdirs import user_data_path

from turnkeeper.core.errors import StartError
from turnkeeper.store.postgres_cluster import CLUSTER, ROLE, make_cluster, write_configuration
from turnkeeper.store.postgres_programs import Account, choose_account, find_programs, run_program

DATABASE = "turnkeeper"
START_SECONDS = 30.0
ROOM_BYTES = 64_000_000
"""Free space below which PostgreSQL is not started: less would fail in the middle of the first work."""
SOCKET_PATH_BYTES = 103
"""The longest address of a unix socket that every system takes (macOS 103, Linux 107)."""
LOOK_AGAIN_SECONDS = 0.02
STAND_IN_PAUSE_SECONDS = 1.0
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
        if len(os.fsencode(inside / ".s.PGSQL.5432")) <= SOCKET_PATH_BYTES:
            return inside
        name = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]
        return Path("/tmp") / f"turnkeeper-{os.geteuid()}-{name}"  # noqa: S108 (its owner is checked before use)

    def url(self, database: str) -> str:
        return f"postgresql://{ROLE}@/{database}?host={quote(str(self.socket_dir), safe='')}"


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
        is_last = _try_lock(self._users, fcntl.LOCK_EX)
        os.close(self._users)
        if is_last and wait_seconds > 0:
            self._keeper_ended.wait(wait_seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _stand_in(self) -> None:
        # Nothing is polled: the keeper's lock comes to us when it dies. Two users never both start one.
        while not self._closed.is_set():
            lock = _open_lock(self._plan.data_dir / "keeper.lock")
            fcntl.flock(lock, fcntl.LOCK_EX)
            if self._closed.is_set():
                self._keeper_ended.set()
                os.close(lock)
                return
            try:
                os.close(_start_keeper(self._plan, lock))
            except (StartError, OSError):
                # The pool's users see the database missing and say so; here we only try until it works again.
                self._closed.wait(STAND_IN_PAUSE_SECONDS)
            finally:
                os.close(lock)


def default_data_dir() -> Path:
    """The data folder when none is set: /var/lib/turnkeeper for root (its home is closed to PostgreSQL's account),
    else the user's own data folder."""
    if os.geteuid() == 0 and sys.platform != "darwin":
        return Path("/var/lib/turnkeeper")
    return user_data_path("turnkeeper")


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
    with _told(folder):
        _make_data_dir(folder)
        users = _open_lock(folder / "users.lock")
        try:
            _share_lock(users, deadline, plan)
            _come_up(plan, deadline)
        except BaseException:
            os.close(users)
            raise
    return Lease(plan, users)


class ServerLock:
    """That this process is the one server of a data folder; given back by `close` or the end of the process."""

    def __init__(self, file: int) -> None:
        self._file: int | None = file

    def close(self) -> None:
        """Let another server have the folder; may be called again."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def hold_server_lock(data_dir: Path) -> ServerLock:
    """Be the only server on `data_dir`; commands and workers need no such lock. Raises: StartError if there is one."""
    folder = data_dir.expanduser().absolute()
    with _told(folder):
        _make_data_dir(folder)
        file = _open_lock(folder / "server.lock")
        if not _try_lock(file, fcntl.LOCK_EX):
            holder = os.pread(file, 32, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(file)
            raise StartError(
                f"The data folder {folder} is in use by another Turnkeeper server (process {holder}); "
                "stop it, or give this one its own --data-dir."
            )
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
    return ServerLock(file)


def _come_up(plan: _Plan, deadline: float) -> None:
    """Return when PostgreSQL accepts connections; start its keeper whenever none runs."""
    report: int | None = None
    silent_ends = 0
    try:
        while True:
            lock = _open_lock(plan.data_dir / "keeper.lock")
            try:
                if _try_lock(lock, fcntl.LOCK_EX):
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
    """What the keeper we started says: `ready`, `failed …`, or nothing when it died; `` also when time is over."""
    readable, _, _ = select.select([report], [], [], max(0.0, deadline - time.monotonic()))
    return os.read(report, 8192).decode("utf-8", "replace") if readable else "late"


def _heed(plan: _Plan, word: str, silent_ends: int) -> None:
    log = plan.data_dir / "postgres.log"
    if word.startswith("failed "):
        raise StartError(
            f"PostgreSQL did not start in {plan.data_dir}: {word.removeprefix('failed ').rstrip('.')}. See {log}."
        )
    if silent_ends >= 3:
        raise StartError(f"PostgreSQL's keeper in {plan.data_dir} ended three times without a word; see {log}.")


def _late(plan: _Plan, why: str) -> str:
    return (
        f"PostgreSQL in {plan.data_dir} did not accept connections in time ({why}); "
        f"look into {plan.data_dir / 'postgres.log'} and try again."
    )


def _try_database(plan: _Plan) -> str | None:
    """Connect, and make our database if it is missing; None when that worked, else why not."""
    if not (plan.socket_dir / ".s.PGSQL.5432").exists():
        return "it has no socket yet"
    _check_socket_dir(plan.socket_dir, choose_account(plan.data_dir / CLUSTER))
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
    _check_room(plan)
    _let_in(plan.data_dir, account)
    programs = find_programs(plan.postgres_bin, plan.data_dir, account)
    cluster = make_cluster(plan.data_dir, programs, account, durable=plan.durable)
    _make_socket_dir(plan.socket_dir, account)
    write_configuration(plan.data_dir, plan.socket_dir, account, major=programs.major, durable=plan.durable)
    report, writer = os.pipe()
    identity = ("-1", "-1") if account is None else (str(account.uid), str(account.gid))
    order = [str(plan.data_dir), str(programs.folder / "postgres"), str(cluster), *identity, str(lock), str(writer)]
    try:
        with (plan.data_dir / "postgres.log").open("ab") as log:
            keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(KEEPER), *order],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
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


def _check_room(plan: _Plan) -> None:
    free = shutil.disk_usage(plan.data_dir).free
    if free < plan.room_bytes:
        raise StartError(
            f"The disk that holds {plan.data_dir} has {free // 1_000_000} MB free, and PostgreSQL needs "
            f"{plan.room_bytes // 1_000_000} MB to start; free some space."
        )


def _make_data_dir(folder: Path) -> None:
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _let_in(data_dir: Path, account: Account | None) -> None:
    """Let the account pass through the data folder; its parents are not ours to change."""
    if account is None or _can_enter(data_dir, account):
        return
    closed = next((parent for parent in reversed(data_dir.parents) if not _can_enter(parent, account)), None)
    if closed is not None:
        raise StartError(
            f"The user {account.name!r}, who runs PostgreSQL for root, cannot enter the folder {closed}; "
            "choose a --data-dir below /var/lib, or allow entering with chmod o+x."
        )
    os.chown(data_dir, -1, account.gid)
    data_dir.chmod(stat.S_IMODE(data_dir.stat().st_mode) | stat.S_IXGRP)


def _can_enter(folder: Path, account: Account) -> bool:
    return run_program(["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)], account, seconds=5.0).returncode == 0


def _make_socket_dir(folder: Path, account: Account | None) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    _check_socket_dir(folder, account)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def _check_socket_dir(folder: Path, account: Account | None) -> None:
    """Raises: StartError when somebody else made the folder, who could then listen in our place."""
    found = folder.lstat()
    owners = {os.geteuid()} if account is None else {0, account.uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
        raise StartError(f"The folder {folder} for PostgreSQL's socket belongs to somebody else; remove it.")


def _open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _try_lock(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _share_lock(users: int, deadline: float, plan: _Plan) -> None:
    """Become a user; waits only while a keeper that saw no user stops PostgreSQL."""
    while not _try_lock(users, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            raise StartError(_late(plan, "it is still stopping"))
        threading.Event().wait(LOOK_AGAIN_SECONDS / 2)


@contextmanager
def _told(data_dir: Path) -> Generator[None]:
    """What the system refuses becomes a sentence for the operator."""
    try:
        yield
    except StartError as error:
        if "No space left on device" in error.message or "Disk quota exceeded" in error.message:
            raise StartError(_full(data_dir)) from error
        raise
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StartError(_full(data_dir)) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
            raise StartError(
                f"The data folder {data_dir} cannot be written by this user ({error.strerror}: {error.filename}); "
                "correct its owner, or give Turnkeeper another --data-dir."
            ) from error
        raise StartError(f"The data folder {data_dir} cannot be used: {error}.") from error


def _full(data_dir: Path) -> str:
    return f"The disk that holds {data_dir} is full; free some space there and start again."
