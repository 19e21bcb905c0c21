"""Waiting for a conversation to change: readers of this process, woken by hints, never by polling alone."""

import asyncio
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from turnkeeper.core.conversations import Message, MessageStatus
from turnkeeper.core.events import LogEntry
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
Heard = Callable[[Sequence[LogEntry]], None]
"""Called when something happened; with what was written, where that is known, else with nothing: read again."""

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
        self._followers: dict[int, Heard] = {}
        self._handed_over: int | None = None
        self.is_closing = False
        """Whether nobody may wait any longer: the process stops."""
        notices.subscribe(CHANNEL, self._heard, self._connected)

    def accepted(self, conversation_id: int) -> None:
        """A message was accepted: wake readers, and workers. To be called after the commit."""
        self._notices.send(TASKS, "")
        self._notices.send(CHANNEL, f"{conversation_id}{_ACCEPTED}")

    def tell(self, conversation_id: int, written: Sequence[LogEntry] = ()) -> None:
        """Wake every reader of the conversation, in this process and in others. To be called after the commit.

        What was `written` spares the followers of this process to read it back.
        """
        self._tell(conversation_id, str(conversation_id), written)

    def begun(self, conversation_id: int, message: UUID) -> None:
        """A turn began, of the message with this public id. To be called after the commit."""
        pending = MessageState(conversation_id=conversation_id, role="user", status="pending")
        self.states.written(pending, message, partial(self.tell, conversation_id))

    def ended(
        self,
        conversation_id: int,
        message: UUID | None = None,
        status: MessageStatus | None = None,
        written: Sequence[LogEntry] = (),
    ) -> None:
        """A message came to its end: wake readers, and those who wait for that. To be called after the commit.

        With its public id and its status, those who wait for it here need not read them; what was `written` spares the
        followers the same.
        """
        hint = partial(self._tell, conversation_id, f"{conversation_id}{_END}", written)
        if message is None or status is None:
            hint()
            return
        finished = MessageState(conversation_id=conversation_id, role="user", status=status)
        self.states.written(finished, message, hint)

    def follow(self, conversation_id: int, heard: Heard) -> None:
        """Call `heard` at each change of the conversation from now on; there is one follower of each."""
        self._followers[conversation_id] = heard

    def unfollow(self, conversation_id: int) -> None:
        """Call it no more."""
        self._followers.pop(conversation_id, None)

    def is_followed(self, conversation_id: int) -> bool:
        """Whether somebody in this process reads along: what happens there is wanted at once."""
        return conversation_id in self._followers

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

    def close(self) -> None:
        """Wake everybody: who finds nothing new must not wait on."""
        self.is_closing = True
        self._wake()

    def _tell(self, conversation_id: int, item: str, written: Sequence[LogEntry]) -> None:
        follower = self._followers.get(conversation_id)
        if follower is not None and written:
            follower(written)
            self._handed_over = conversation_id
        try:
            self._notices.send(CHANNEL, item)
        finally:
            self._handed_over = None

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
        follower = self._followers.get(conversation_id)
        if follower is not None and conversation_id != self._handed_over:
            follower(())
        if is_end:
            for changed in self._waiting_for_ends.get(conversation_id, ()):
                changed.set()

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        self.states.hear(is_connected)
        self.messages.hear(is_connected)
        if is_connected:
            self._wake()
            for follower in tuple(self._followers.values()):
                follower(())

    def _wake(self) -> None:
        for waiting in (*self._waiting.values(), *self._waiting_for_ends.values()):
            for changed in waiting:
                changed.set()
