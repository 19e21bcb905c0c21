"""Waiting for a conversation to change: readers of this process, woken by hints, never by polling alone."""

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from turnkeeper.core.conversations import Message
from turnkeeper.store.messages import MessageState
from turnkeeper.store.notices import TASKS, Notices
from turnkeeper.store.unfinished import Unfinished

CHANNEL = "turnkeeper_conversations"
LOOK_AGAIN_SECONDS = 5.0
"""How long a reader trusts that a hint would come; a process may die between its change and the hint."""

_END = "."
"""Stands behind the number of a conversation in which a message came to its end."""
_ACCEPTED = "+"
"""Stands behind the number of a conversation that got a message, which changes none that it had."""
_MOST_STATES = 10_000
_MOST_MESSAGES = 2_000


class Changes:
    """Who waits for which conversation in this process, and what is known until it changes."""

    def __init__(self, notices: Notices, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._notices = notices
        self.states: Unfinished[MessageState] = Unfinished(most=_MOST_STATES, clock=clock)
        self.messages: Unfinished[Message] = Unfinished(most=_MOST_MESSAGES, clock=clock)
        self._waiting: dict[int, set[asyncio.Event]] = {}
        self._waiting_for_ends: dict[int, set[asyncio.Event]] = {}
        notices.subscribe(CHANNEL, self._heard, self._connected)

    def accepted(self, conversation_id: int) -> None:
        """A message was accepted: wake readers, and workers. To be called after the commit."""
        self._notices.send(TASKS, "")
        self._notices.send(CHANNEL, f"{conversation_id}{_ACCEPTED}")

    def tell(self, conversation_id: int) -> None:
        """Wake every reader of the conversation, in this process and in others. To be called after the commit."""
        self._notices.send(CHANNEL, str(conversation_id))

    def ended(self, conversation_id: int) -> None:
        """A message came to its end: wake readers, and those who wait for that. To be called after the commit."""
        self._notices.send(CHANNEL, f"{conversation_id}{_END}")

    def seen(self, conversation_id: int) -> None:
        """Messages of the conversation were read: nobody may be told of an earlier state from now on."""
        self.states.hint(conversation_id)
        self.messages.hint(conversation_id)

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
        number = item.rstrip(_END + _ACCEPTED)
        if not number.isdecimal():
            return
        conversation_id, is_end = int(number), item.endswith(_END)
        if not item.endswith(_ACCEPTED):
            self.states.hint(conversation_id, only_queued=not is_end)
            self.messages.hint(conversation_id, only_queued=not is_end)
        for changed in self._waiting.get(conversation_id, ()):
            changed.set()
        if is_end:
            for changed in self._waiting_for_ends.get(conversation_id, ()):
                changed.set()

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        self.states.hear(is_connected)
        self.messages.hear(is_connected)
        if is_connected:
            for waiting in (*self._waiting.values(), *self._waiting_for_ends.values()):
                for changed in waiting:
                    changed.set()
