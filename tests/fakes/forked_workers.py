"""Workers that start fast: a process that has imported everything, `python -m tests.fakes.forked_workers`, forks them.

Each line on stdin is a JSON object of environment variables; the answer is the new worker's process id. A worker is a
process of its own in every way, and dies of SIGKILL like any other.
"""

import asyncio
import importlib
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from turnkeeper.settings import load
from turnkeeper.telemetry.logs import configure_logs
from turnkeeper.working import work

_ROOT = Path(__file__).parents[2]
_SECONDS = 30


class ForkedWorkers:
    """Starts and kills them."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def start(self, environment: Mapping[str, str]) -> int:
        """A new worker; its process id."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(dict(environment)).encode() + b"\n")
        async with asyncio.timeout(_SECONDS):
            return int(await self._process.stdout.readline())

    @staticmethod
    def kill(worker: int) -> None:
        """End it as a crash would."""
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)


@asynccontextmanager
async def forked_workers(plugins: Path) -> AsyncGenerator[ForkedWorkers]:
    """The process that forks; what it forked dies with the block. `plugins` is a folder with tools of a plug-in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.forked_workers",
        cwd=_ROOT,
        env={**environment, "PYTHONPATH": str(plugins)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield ForkedWorkers(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _serve() -> None:
    for slow in ("turnkeeper.agents.models.openai_chat", "turnkeeper.agents.models.connections", "genai_prices"):
        importlib.import_module(slow)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody asks how they ended
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _be_a_worker(json.loads(line))
        print(child, flush=True)


def _be_a_worker(environment: Mapping[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(environment)
    settings = load(os.environ)
    configure_logs(level="error", log_format="json")
    work(settings, environment["TURNKEEPER_DATABASE_URL"])
    os._exit(0)


if __name__ == "__main__":
    _serve()
