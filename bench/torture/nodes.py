"""Processes of the server, kept alive as a service manager would: started again whenever they end."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Literal, Protocol

from bench.server import BenchError

Kind = Literal["serve", "work"]
RESTART_SECONDS = 0.2
READY_SECONDS = 90.0
END_SECONDS = 60.0
_LOOK_SECONDS = 0.1


class Process(Protocol):
    """As much of `asyncio.subprocess.Process` as is used."""

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it lives."""
        ...

    def send_signal(self, signal: int, /) -> None:
        """Send a signal to it; it may have ended just now."""
        ...

    async def wait(self) -> int:
        """Wait for its end; any number of those who ask are told."""
        ...


Launch = Callable[[Kind, Mapping[str, str], int], Awaitable[Process]]
"""Starts `turnkeeper serve` or `turnkeeper work` with an environment; what it says goes into an open file."""


async def executed(kind: Kind, environment: Mapping[str, str], log: int) -> Process:
    """A program as anybody would start it."""
    command = [sys.executable, "-m", "turnkeeper", kind]
    nothing = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(
        *command, env=environment, stdin=nothing, stdout=log, stderr=log, start_new_session=True
    )


class Node:
    """One process of `turnkeeper serve` or `turnkeeper work`, and those that come after it."""

    def __init__(
        self,
        kind: Kind,
        name: str,
        *,
        port: int,
        folder: Path,
        environment: Mapping[str, str],
        launch: Launch = executed,
    ) -> None:
        self.kind: Kind = kind
        self.name = name
        self.port = port
        self.starts = 0
        self.log = folder / f"{name}.log"
        self._log_begins = 0
        self._environment = {**environment, "TURNKEEPER_PORT": str(port)}
        self._launch = launch
        self._lives = False
        """Whether there is a process that nobody has killed: the kernel tells of an end later than it comes."""
        self._process: Process | None = None
        self._keeping: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Have it run from now on."""
        self._keeping = asyncio.create_task(self._keep(), name=self.name)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process, if there is one at the moment."""
        if self._process is not None and self._process.returncode is None:
            self._lives = self._lives and number != signal.SIGKILL
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def ready(self) -> None:
        """Wait until it answers requests.

        Raises:
            BenchError: it does not.
        """
        try:
            async with asyncio.timeout(READY_SECONDS):
                while not await self._is_ready():
                    if self._keeping is not None and self._keeping.done():
                        self._keeping.result()  # says why it could not be started
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError as error:
            raise BenchError(f"{self.name} is not ready after {READY_SECONDS:g} s.\n{self.last_words()}") from error

    async def restart(self) -> int:
        """Ask it to end, and wait until the next one is ready; how the first one ended.

        Raises:
            BenchError: it does not end, or the next one does not come.
        """
        process, starts = self._process, self.starts
        if process is None:
            raise BenchError(f"{self.name} does not run.")
        self.send(signal.SIGTERM)
        try:
            async with asyncio.timeout(END_SECONDS):
                code = await process.wait()
                while self.starts == starts:  # noqa: ASYNC110 - of a process nothing tells
                    await asyncio.sleep(_LOOK_SECONDS)
        except TimeoutError as error:
            raise BenchError(f"{self.name} does not end after {END_SECONDS:g} s.\n{self.last_words()}") from error
        await self.ready()
        return code

    async def stop(self) -> None:
        """End it for good."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.gather(self._keeping, return_exceptions=True)
        process = self._process
        if process is not None and process.returncode is None:
            self.send(signal.SIGCONT)
            self.send(signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), 5)
            except TimeoutError:
                self.send(signal.SIGKILL)
                await process.wait()

    def last_words(self) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])

    def pids(self) -> tuple[int, ...]:
        """The process that runs now."""
        return () if self._process is None or self._process.returncode is not None else (self._process.pid,)

    async def _keep(self) -> None:
        while True:
            with self.log.open("ab") as log:
                self._log_begins = log.tell()
                self._process = await self._launch(self.kind, self._environment, log.fileno())
            self.starts += 1
            self._lives = True
            await self._process.wait()
            self._lives = False
            await asyncio.sleep(RESTART_SECONDS)

    async def _is_ready(self) -> bool:
        if not self._lives:
            return False
        if self.kind == "work":
            return await asyncio.to_thread(self._says_working)
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        try:
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            async with asyncio.timeout(5):
                return (await reader.readline()).startswith(b"HTTP/1.1 200")
        except (OSError, TimeoutError):
            return False
        finally:
            writer.close()

    def _says_working(self) -> bool:
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            return b'"event":"working"' in log.read()


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without any setting of Turnkeeper's, and with `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")}
    return {**kept, **{f"TURNKEEPER_{name}": value for name, value in more.items()}}
