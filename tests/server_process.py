"""A real `turnkeeper serve` in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TextIO

from tests.fakes.forked_commands import forked_commands
from tests.patience import PROCESS_PATIENCE

COMMAND = (sys.executable, "-m", "turnkeeper")
_READY = re.compile(r"serves on (http://\S+?)[;( ]")
_KEY = re.compile(r"tk_[A-Za-z0-9_-]{43}")


class Running(Protocol):
    """A process, forked or started the long way."""

    returncode: int | None

    @property
    def pid(self) -> int:
        """Its number."""
        ...

    def poll(self) -> int | None:
        """The exit code, or minus the signal that ended it; None while it runs."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; the exit code."""
        ...

    def send_signal(self, number: int, /) -> None:
        """Send a signal."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...

    def kill(self) -> None:
        """End it as a crash would."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerProcess:
    """A server that answers. `words` is all that it printed, `key` the API key among it, or nothing."""

    address: str
    words: str
    key: str
    process: Running


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without any setting of Turnkeeper's nor the size of a terminal, and with `more`."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TURNKEEPER_", "COLUMNS", "LINES"))
    }
    return kept | more


@contextmanager
def started_server(*flags: str, command: Sequence[str] = (), **environment: str) -> Generator[ServerProcess]:
    """Start `serve` on a free port and wait until it answers; stop it at the end, which must succeed.

    It is forked from a process with its imports, and does not load the embedder before it needs it, unless a command says
    how to start it the long way. One that the test killed is not asked how it ended.
    """
    if not command:
        environment = {"TURNKEEPER_EMBED_AT_START": "false", **environment}
    words = ["serve", "--host", "127.0.0.1", "--port", "0", "--drain-seconds", "2", *flags]
    read, written = os.pipe()
    with tempfile.TemporaryFile("w+") as log, os.fdopen(read) as said:
        process = _started(command, words, clean_environment(**environment), written, log)
        try:
            yield _ready(process, said)
            if process.poll() != -signal.SIGKILL:
                process.terminate()
                assert process.wait(PROCESS_PATIENCE) == 0
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-4_000:])
            raise
        finally:
            process.kill()
            process.wait()


def _started(
    command: Sequence[str], words: Sequence[str], environment: dict[str, str], output: int, log: IO[str]
) -> Running:
    try:
        if command:
            return subprocess.Popen(
                [*command, *words], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=log, text=True
            )
        with Path(os.devnull).open() as nothing:
            streams = (nothing.fileno(), output, log.fileno())
            return forked_commands().start(words, environment, streams=streams)
    finally:
        os.close(output)


def _ready(process: Running, said: TextIO) -> ServerProcess:
    timer = threading.Timer(PROCESS_PATIENCE, process.kill)
    timer.start()
    words = ""
    for line in said:
        words += line
        found = _READY.search(line)
        if found:
            timer.cancel()
            key = _KEY.search(words)
            return ServerProcess(address=found[1], words=words, key=key[0] if key else "", process=process)
    timer.cancel()
    raise AssertionError(f"The server ended, or did not answer within {PROCESS_PATIENCE:g} s; it printed: {words!r}")
