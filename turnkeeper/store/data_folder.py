"""The data folder: who may use it, its locks, and what the operator is told when the system refuses it."""

import errno
import fcntl
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from platformdirs import user_data_path

from turnkeeper.core.errors import StartError
from turnkeeper.store.postgres_programs import Account, run_program

_LONGEST_NOTE = 512
"""Bytes: a process's number and an address."""


def default_data_dir() -> Path:
    """The data folder when none is set: /var/lib/turnkeeper for root (its home is closed to PostgreSQL's account),
    else the user's own data folder."""
    if os.geteuid() == 0 and sys.platform != "darwin":
        return Path("/var/lib/turnkeeper")
    return user_data_path("turnkeeper")


class ServerLock:
    """That this process is the one server of a data folder; given back by `close` or the end of the process."""

    def __init__(self, file: int) -> None:
        self._file: int | None = file

    def close(self) -> None:
        """Let another server have the folder; may be called again."""
        if self._file is not None:
            os.ftruncate(self._file, 0)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def hold_server_lock(data_dir: Path, *, address: str) -> ServerLock:
    """Be the only server on `data_dir`, noting where it listens; commands and workers need no such lock.

    Raises:
        StartError: there is one.
    """
    folder = data_dir.expanduser().absolute()
    with told(folder):
        make_data_dir(folder)
        file = open_lock(folder / "server.lock")
        if not try_lock(file, fcntl.LOCK_EX):
            holder = _noted(file)[0] or "unknown"
            os.close(file)
            raise StartError(
                f"The data folder {folder} is in use by another Turnkeeper server (process {holder}); "
                "stop it, or give this one its own --data-dir."
            )
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n{address}\n".encode(), 0)
    return ServerLock(file)


def noted_address(data_dir: Path) -> str | None:
    """Where the server of the data folder listens; of one that was killed, where it did. None when there is no note."""
    try:
        file = os.open(data_dir.expanduser() / "server.lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _noted(file)[1] or None
    finally:
        os.close(file)


def _noted(file: int) -> tuple[str, str]:
    """Process and address of the server, as far as they are there."""
    process, _, address = os.pread(file, _LONGEST_NOTE, 0).decode("ascii", "replace").strip().partition("\n")
    return process, address


def make_data_dir(folder: Path) -> None:
    """Make the folder, closed to others, and the parents that are missing; what exists stays as it is."""
    if folder.is_dir():
        return
    for parent in reversed([parent for parent in folder.parents if not parent.exists()]):
        parent.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            parent.chmod(0o755)  # Whatever root's umask: PostgreSQL's account must pass.
    folder.mkdir(mode=0o700, exist_ok=True)


def check_room(folder: Path, room_bytes: int) -> None:
    """Raises: StartError when the disk of `folder` has less than `room_bytes` left."""
    free = shutil.disk_usage(folder).free
    if free < room_bytes:
        raise StartError(
            f"The disk that holds {folder} has {free // 1_000_000} MB free, and PostgreSQL needs "
            f"{room_bytes // 1_000_000} MB to start; free some space."
        )


def let_in(data_dir: Path, account: Account | None) -> None:
    """Let the account pass through the data folder. Its parents are not ours to change: a closed one is a StartError."""
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


def make_socket_dir(folder: Path, account: Account | None) -> None:
    """Make the folder of PostgreSQL's socket: whoever may enter it is trusted with the database."""
    folder.mkdir(mode=0o700, exist_ok=True)
    check_socket_dir(folder, account)
    if account is not None:
        os.chown(folder, account.uid, account.gid)


def check_socket_dir(folder: Path, account: Account | None) -> None:
    """Raises: StartError when somebody else made the folder, who could then listen in our place."""
    found = folder.lstat()
    owners = {os.geteuid()} if account is None else {0, account.uid}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners or found.st_mode & 0o077:
        raise StartError(f"The folder {folder} for PostgreSQL's socket belongs to somebody else; remove it.")


def open_lock(path: Path) -> int:
    """A lock file, made if absent; not inherited by programs we start."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def try_lock(file: int, kind: int) -> bool:
    """Take the lock, shared or whole (`fcntl.LOCK_SH`, `fcntl.LOCK_EX`), if that needs no waiting."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def told(data_dir: Path) -> Generator[None]:
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
    except subprocess.TimeoutExpired as error:
        raise StartError(
            f"Starting PostgreSQL in {data_dir} took too long ({error}); look at the machine's load and its disk."
        ) from error


def _full(data_dir: Path) -> str:
    return f"The disk that holds {data_dir} is full; free some space there and start again."
