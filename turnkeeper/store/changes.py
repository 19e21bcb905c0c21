"""Waiting for a conversation to change: readers of this process, woken by hints, never by polling alone."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from turnkeeper.store.notices import Notices

CHANNEL = "turnkeeper_conversations"
LOOK_AGAIN_SECONDS = 5.0
"""How long a reader trusts that a hint would come; a process may die between its change and the hint."""


class Changes:
    """Who waits for which conversation in this process."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._waiting: dict[int, set[asyncio.Event]] = {}
        notices.subscribe(CHANNEL, self._heard, self._connected)

    def tell(self, conversation_id: int) -> None:
        """Wake every reader of the conversation, in this process and in others. To be called after the commit."""
        self._notices.send(CHANNEL, str(conversation_id))

    @contextmanager
    def listening(self, conversation_id: int) -> Generator[asyncio.Event]:
        """An event that is set at each change from now on; the reader clears it before it reads.

        Listen first, then read, then wait: so that no change falls between.
        """
        changed = asyncio.Event()
        waiting = self._waiting.setdefault(conversation_id, set())
        waiting.add(changed)
        try:
            yield changed
        finally:
            waiting.discard(changed)
            if not waiting:
                self._waiting.pop(conversation_id, None)

    def _heard(self, item: str) -> None:
        if item.isdecimal():
            for changed in self._waiting.get(int(item), ()):
                changed.set()

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        if is_connected:
            for waiting in self._waiting.values():
                for changed in waiting:
                    changed.set()
