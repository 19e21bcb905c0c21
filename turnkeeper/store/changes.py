"""Waiting for a conversation to change: readers of this process, woken by hints, never by polling alone."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from turnkeeper.store.notices import TASKS, Notices

CHANNEL = "turnkeeper_conversations"
LOOK_AGAIN_SECONDS = 5.0
"""How long a reader trusts that a hint would come; a process may die between its change and the hint."""


_END = "."
"""Stands behind the number of a conversation in which a message came to its end."""


class Changes:
    """Who waits for which conversation in this process."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._waiting_for_ends: dict[int, set[asyncio.Event]] = {}
        notices.subscribe(CHANNEL, self._heard, self._connected)

    def accepted(self, conversation_id: int) -> None:
        """A message was accepted: wake readers, and workers. To be called after the commit."""
        self._notices.send(TASKS, "")
        self._notices.send(CHANNEL, str(conversation_id))

    def tell(self, conversation_id: int) -> None:
        """Wake every reader of the conversation, in this process and in others. To be called after the commit."""
        self._notices.send(CHANNEL, str(conversation_id))

    def ended(self, conversation_id: int) -> None:
        """A message came to its end: wake readers, and those who wait for that. To be called after the commit."""
        self._notices.send(CHANNEL, f"{conversation_id}{_END}")

    @contextmanager
    def listening(self, conversation_id: int, *, to_ends_only: bool = False) -> Generator[asyncio.Event]:
        """An event that is set at each change from now on; the reader clears it before it reads.

        Listen first, then read, then wait: so that no change falls between.
        """
        changed = asyncio.Event()
        everybody = self._waiting_for_ends if to_ends_only else self._waiting
        waiting = everybody.setdefault(conversation_id, set())
        waiting.add(changed)
        try:
            yield changed
        finally:
            waiting.discard(changed)
            if not waiting:
                everybody.pop(conversation_id, None)

    def _heard(self, item: str) -> None:
        number = item.removesuffix(_END)
        if not number.isdecimal():
            return
        for changed in self._waiting.get(int(number), ()):
            changed.set()
        if number != item:
            for changed in self._waiting_for_ends.get(int(number), ()):
                changed.set()

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        if is_connected:
            for waiting in (*self._waiting.values(), *self._waiting_for_ends.values()):
                for changed in waiting:
                    changed.set()
