"""Worker processes that can be killed: `turnkeeper work` as an operator runs it."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from tests.fakes.forked_commands import PipedCommand, piped_command
from tests.fakes.scripted_model import ScriptedModel
from tests.patience import PROCESS_PATIENCE


class WorkerProcess:
    """One process of `turnkeeper work`."""

    def __init__(self, process: PipedCommand) -> None:
        self._process = process

    async def says(self, event: str) -> None:
        """Wait until it logs this event: `working`, `stopping`."""
        async with asyncio.timeout(PROCESS_PATIENCE):
            while line := await self._process.stderr.readline():
                if f'"event":"{event}'.encode() in line:
                    return
        raise AssertionError(f"The worker ended before it said {event!r}.")

    def send(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def ended(self) -> int:
        """Wait for its end; the exit code."""
        async with asyncio.timeout(PROCESS_PATIENCE):
            return await self._process.wait()

    async def kill(self) -> None:
        """End it as a crash would, paused or not."""
        if self._process.returncode is None:
            self._process.kill()
        await self.ended()


@asynccontextmanager
async def worker_processes(database_url: str, model: ScriptedModel, count: int) -> AsyncGenerator[list[WorkerProcess]]:
    """So many workers over one database, all ready; those that still run at the end are killed."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("TURNKEEPER_")},
        "TURNKEEPER_DATABASE_URL": database_url,
        "TURNKEEPER_DATABASE_CONNECTIONS": "4",
        "TURNKEEPER_MODEL": "openai:scripted",
        "TURNKEEPER_OPENAI_BASE_URL": model.base_url,
        "TURNKEEPER_OPENAI_API_KEY": "key",
        "TURNKEEPER_LOG_FORMAT": "json",
        "TURNKEEPER_EMBED_AT_START": "false",
    }
    async with AsyncExitStack() as stack:
        workers: list[WorkerProcess] = []
        for _ in range(count):
            process = await stack.enter_async_context(piped_command("work", **environment))
            worker = WorkerProcess(process)
            stack.push_async_callback(worker.kill)
            workers.append(worker)
        await asyncio.gather(*(worker.says("working") for worker in workers))
        yield workers
