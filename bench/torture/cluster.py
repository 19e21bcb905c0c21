"""The PostgreSQL of a torture: one of its own, which can be killed, stopped, and cut off from everybody."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

import psycopg

from bench.processes import tree_of
from bench.server import BenchError
from turnkeeper.store.database import LISTENER
from turnkeeper.store.embedded import Lease, join
from turnkeeper.store.migrate import migrate

BACK_SECONDS = 60.0
OURS = "torture"
"""The name by which PostgreSQL knows our own connections."""


class Cluster:
    """A PostgreSQL on a folder; `megabytes` puts it on a small file system of its own, which only root may make."""

    def __init__(self, *, megabytes: int | None = None) -> None:
        # /var/tmp is on a disk, where /tmp may be memory: commits must cost what they cost.
        self.folder = Path(tempfile.mkdtemp(prefix="turnkeeper-torture-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.is_small = megabytes is not None
        self._lease: Lease | None = None
        if megabytes is not None:
            mounting = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", str(self.folder)]
            done = subprocess.run(mounting, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                self.folder.rmdir()
                raise BenchError(f"A small file system cannot be made here: {done.stderr.strip()}")

    @property
    def url(self) -> str:
        """Where the database is."""
        assert self._lease is not None
        return self._lease.url

    def open(self) -> None:
        """Start it and bring it up to date."""
        self._lease = join(self.folder / "data")
        migrate(self._lease.url)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.go_on()
        if self._lease is not None:
            self._lease.close(wait_seconds=20)
        if self.is_small:
            subprocess.run(["umount", "--lazy", str(self.folder)], capture_output=True, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def kill(self) -> None:
        """SIGKILL to all of its processes; its keeper starts it again."""
        self._send(signal.SIGKILL)

    def stop(self) -> None:
        """SIGSTOP to all of its processes: connections stay, and nothing answers."""
        self._send(signal.SIGSTOP)

    def go_on(self) -> None:
        """End a stop."""
        self._send(signal.SIGCONT)

    def processes(self) -> set[int]:
        """All of its processes."""
        postmaster = self._postmaster()
        return set() if postmaster is None else tree_of(postmaster)

    async def back(self) -> None:
        """Wait until it answers again.

        Raises:
            BenchError: it does not.
        """
        try:
            async with asyncio.timeout(BACK_SECONDS):
                while True:
                    with suppress(psycopg.OperationalError):
                        async with await self.connect() as connection:
                            await connection.execute("SELECT 1")
                            return
                    await asyncio.sleep(0.05)
        except TimeoutError as error:
            raise BenchError(f"PostgreSQL does not answer after {BACK_SECONDS:g} s.") from error

    async def connect(self) -> psycopg.AsyncConnection[tuple[object, ...]]:
        """A connection of ours."""
        return await psycopg.AsyncConnection.connect(
            self.url, autocommit=True, application_name=OURS, connect_timeout=5
        )

    async def cut(self, *, only_listeners: bool) -> int:
        """Cut all connections but ours, or those that listen; how many these were."""
        async with await self.connect() as connection:
            cursor = await connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND application_name <> %s AND (NOT %s OR application_name = %s)",
                (OURS, only_listeners, LISTENER),
            )
            row = await cursor.fetchone()
        return int(str(row[0])) if row else 0

    def _send(self, number: signal.Signals) -> None:
        for process in self.processes():
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def _postmaster(self) -> int | None:
        try:
            return int((self.folder / "data" / "postgres" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return None
