"""Where the client for asyncio differs from the one that waits: how it pauses, and how people are asked."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable

from turnkeeper_client.errors import ConnectionLostError
from turnkeeper_client.shapes import Approval
from turnkeeper_client.turns import Decision

AsyncDecider = Callable[[Approval], Decision | Awaitable[Decision | None] | None]
"""A function, or a coroutine function, that decides what a turn asks people; None leaves it open."""


class AsyncPauses:
    """Pauses of one client, which end when it is closed, by whichever task."""

    def __init__(self) -> None:
        self._closed = asyncio.Event()

    def close(self) -> None:
        """End all pauses, those to come too."""
        self._closed.set()

    async def take(self, seconds: float) -> None:
        """Wait.

        Raises:
            ConnectionLostError: the client was closed.
        """
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except TimeoutError:
            return
        raise ConnectionLostError("The client was closed.")


async def decided(decider: AsyncDecider, approval: Approval) -> Decision | None:
    """What the function says."""
    answer = decider(approval)
    return await answer if inspect.isawaitable(answer) else answer
