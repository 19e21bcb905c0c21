"""A real `turnkeeper serve` in a process of its own, as an operator starts it."""

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

START_SECONDS = 30
"""Until the address is printed; a busy machine needs more than the five seconds that are promised on a quiet one."""
STOP_SECONDS = 30
COMMAND = (sys.executable, "-m", "turnkeeper")
_READY = re.compile(r"serves on (http://\S+?)[;( ]")
_KEY = re.compile(r"tk_[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerProcess:
    """A server that answers. `words` is all that it printed, `key` the API key among it, or nothing."""

    address: str
    words: str
    key: str
    process: "subprocess.Popen[str]"


def clean_environment(**more: str) -> dict[str, str]:
    """This environment without any setting of Turnkeeper's nor the size of a terminal, and with `more`."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TURNKEEPER_", "COLUMNS", "LINES"))
    }
    return kept | more


@contextmanager
def started_server(*flags: str, command: Sequence[str] = COMMAND, **environment: str) -> Generator[ServerProcess]:
    """Start `serve` on a free port and wait until it answers; stop it at the end, which must succeed.

    One that the test killed is not asked how it ended.
    """
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [*command, "serve", "--host", "127.0.0.1", "--port", "0", "--drain-seconds", "2", *flags],
            env=clean_environment(**environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        try:
            yield _ready(process)
            if process.poll() != -signal.SIGKILL:
                process.terminate()
                assert process.wait(STOP_SECONDS) == 0
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-4_000:])
            raise
        finally:
            process.kill()
            process.wait()


def _ready(process: "subprocess.Popen[str]") -> ServerProcess:
    timer = threading.Timer(START_SECONDS, process.kill)
    timer.start()
    words = ""
    assert process.stdout is not None
    for line in process.stdout:
        words += line
        found = _READY.search(line)
        if found:
            timer.cancel()
            key = _KEY.search(words)
            return ServerProcess(address=found[1], words=words, key=key[0] if key else "", process=process)
    timer.cancel()
    raise AssertionError(f"The server ended, or did not answer within {START_SECONDS} s; it printed: {words!r}")
