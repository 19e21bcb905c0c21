"""The small torture: processes die, the database goes away, everything is started anew, and no promise is broken.

`make torture` does the same at length. A seed that breaks a promise is printed; `docs/torture.md` says how to do it again.
"""

import asyncio
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import uvloop

from bench.torture.findings import line
from bench.torture.nodes import Kind, Process
from bench.torture.plan import SMALL
from bench.torture.run import Order, torture
from tests.fakes.forked_commands import ForkedCommand, forked_commands

WITH_THE_TESTS = ("twins", "volley", "kills", "stopped", "cut", "away", "rolling")


class ForkedNode:
    """A server's process without the long part of its start, imports and embedder, which is no matter of the torture."""

    def __init__(self, command: ForkedCommand) -> None:
        self.pid = command.pid
        self.returncode: int | None = None
        self._ending = asyncio.create_task(self._end(command))

    def send_signal(self, signal: int, /) -> None:
        """Send a signal."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal)

    async def wait(self) -> int:
        """Wait for its end."""
        return await asyncio.shield(self._ending)

    async def _end(self, command: ForkedCommand) -> int:
        self.returncode = await command.ended()
        return self.returncode


async def forked(kind: Kind, environment: Mapping[str, str], log: int) -> Process:
    """See `bench.torture.nodes.Launch`."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    lazy = {**environment, "TURNKEEPER_EMBED_AT_START": "false"}
    try:
        # In a thread: whoever is first waits for the imports.
        return ForkedNode(await asyncio.to_thread(forked_commands().start, [kind], lazy, streams=(nothing, log, log)))
    finally:
        os.close(nothing)


def test_no_promise_is_broken_whatever_dies(tmp_path: Path) -> None:
    seed = secrets.randbelow(1_000_000)
    order = Order(seed=seed, scale="small", numbers=SMALL, only=WITH_THE_TESTS, json_file=None, logs=tmp_path)

    outcome = uvloop.run(torture(order, lambda _: None, lambda _share, _name: None, launch=forked))

    said = "\n".join((f"seed {seed}, logs in {tmp_path}", *map(line, outcome.findings)))
    assert outcome.is_good, said
    assert [finding.scenario for finding in outcome.findings] == list(WITH_THE_TESTS), said
    assert (outcome.five.lost_turns, outcome.five.doubled_effects, outcome.five.resume_gaps) == (0, 0, 0), said
    counts = {finding.scenario: finding.counts for finding in outcome.findings}
    assert counts["kills"]["kills of all"] == counts["kills"]["kills of postgres"] == 1, said
    assert int(counts["stopped"]["turns in hand"]) > 0, said
    assert all(int(harm.counts["messages"]) > 0 for harm in outcome.findings if "streams" in harm.counts), said
