"""Workers that can be killed, and start fast: `turnkeeper work`, forked from a process that has its imports."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from tests.fakes.forked_commands import ForkedCommand, forked_commands
from tests.patience import PROCESS_PATIENCE
from tests.server_process import clean_environment

_PLUGINS = Path(__file__).with_name("payment_tools")
_STANDARD_ERROR = 2


class ForkedWorkers:
    """Starts and kills them. They have the tools of the plug-in `payment_tools`."""

    def __init__(self) -> None:
        self._alive: dict[int, ForkedCommand] = {}

    async def start(self, environment: Mapping[str, str]) -> int:
        """A new worker; its process id."""
        async with asyncio.timeout(PROCESS_PATIENCE):
            worker = await asyncio.to_thread(self._forked, environment)
        self._alive[worker.pid] = worker
        return worker.pid

    def kill(self, worker: int) -> None:
        """End it as a crash would."""
        command = self._alive.pop(worker, None)
        if command is not None:
            command.kill()
            command.wait(PROCESS_PATIENCE)

    def kill_all(self) -> None:
        """End those that still live."""
        for worker in tuple(self._alive):
            self.kill(worker)

    def _forked(self, environment: Mapping[str, str]) -> ForkedCommand:
        # Loading the embedder is most of a start, and hardly any of them lives until it needs one.
        own = clean_environment(
            PYTHONPATH=str(_PLUGINS),
            TURNKEEPER_EMBED_AT_START="false",
            TURNKEEPER_LOG_LEVEL="error",
            TURNKEEPER_LOG_FORMAT="json",
            **environment,
        )
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            return forked_commands().start(["work"], own, streams=(nothing, _STANDARD_ERROR, _STANDARD_ERROR))
        finally:
            os.close(nothing)
