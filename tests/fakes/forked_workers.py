"""Workers that start fast: a process that has imported everything, `python -m tests.fakes.forked_workers`, forks them.

Each line on stdin is a JSON object of environment variables; the answer is the new worker's process id. A worker is a
process of its own in every way, and dies of SIGKILL like any other.
"""

import asyncio
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.patience import PROCESS_PATIENCE
from turnkeeper.settings import load
from turnkeeper.telemetry.logs import configure_logs
from turnkeeper.working import work

PLUGINS = Path(__file__).with_name("payment_tools")
_ROOT = Path(__file__).parents[2]
_SLOW = (
    "genai_prices.data_snapshot",
    "turnkeeper.agents.models.connections",
    "turnkeeper.agents.models.openai_chat",
    "turnkeeper.retrieval.embedders.minilm_session",
)
"""What a worker imports while it works."""


class ForkedWorkers:
    """Starts and kills them."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        self._alive: set[int] = set()

    async def start(self, environment: Mapping[str, str]) -> int:
        """A new worker; its process id."""
        async with asyncio.timeout(PROCESS_PATIENCE):
            worker = await asyncio.to_thread(self._fork, json.dumps(dict(environment)).encode() + b"\n")
        self._alive.add(worker)
        return worker

    def kill(self, worker: int) -> None:
        """End it as a crash would."""
        self._alive.discard(worker)
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)

    def kill_all(self) -> None:
        """End those that still live."""
        for worker in tuple(self._alive):
            self.kill(worker)

    def _fork(self, order: bytes) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(order)
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def forked_workers(plugins: Path) -> Generator[ForkedWorkers]:
    """The process that forks; what it forked dies with the block. `plugins` is a folder with tools of a plug-in."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.forked_workers"],
        cwd=_ROOT,
        env={**environment, "PYTHONPATH": str(plugins)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        yield ForkedWorkers(process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _serve() -> None:
    for slow in _SLOW:
        importlib.import_module(slow)
    gc.freeze()  # what the collector never looks at stays shared
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
    # Loading the embedder is most of a start, and hardly any of them lives until it needs one.
    work(settings, environment["TURNKEEPER_DATABASE_URL"], embeds_at_once=False)
    os._exit(0)


if __name__ == "__main__":
    _serve()
