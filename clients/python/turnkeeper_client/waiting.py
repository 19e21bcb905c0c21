"""Where the client that waits differs from the one for asyncio: how it pauses, and how people are asked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from turnkeeper_client.errors import ConnectionLostError
from turnkeeper_client.shapes import Approval
from turnkeeper_client.turns import Decision

Decider = Callable[[Approval], Decision | None]
"""A function that decides what a turn asks people; None leaves it open."""


class Pauses:
    """Pauses of one client, which end when it is closed, by whichever thread."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def close(self) -> None:
        """End all pauses, those to come too."""
        self._closed.set()

    def take(self, seconds: float) -> None:
        """Wait.

        Raises:
            ConnectionLostError: the client was closed.
        """
        if self._closed.wait(seconds):
            raise ConnectionLostError("The client was closed.")


def decided(decider: Decider, approval: Approval) -> Decision | None:
    """What the function says."""
    return decider(approval)
