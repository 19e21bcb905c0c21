"""Messages that were unfinished when somebody asked: whoever polls is told the same again, without a statement.

A hint says when that may no longer be true: what is remembered is as good as a read that began before the last hint. A hint
can come late or, when a process dies, never; so nothing is remembered for longer than a second, and nothing at all while
hints do not come in.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from turnkeeper.core.conversations import FINISHED, MessageStatus

LONGEST_SECONDS = 1.0
PACE_SECONDS = 0.3
"""Who asks again sooner is answered when something changes, or when this time is over: asking faster tells nothing new."""
MOST_HINTS = 10_000
"""Conversations of which the last hint is known; a read that began before an older one is not remembered."""


class Told(Protocol):
    """What is told of a message."""

    @property
    def conversation_id(self) -> int:
        """Its conversation."""
        ...

    @property
    def status(self) -> MessageStatus:
        """How far it is."""
        ...


T = TypeVar("T", bound=Told)


@dataclass(slots=True)
class _Noted(Generic[T]):
    told: T
    until: float
    told_at: float
    about: Hashable


class Unfinished(Generic[T]):
    """What was told of unfinished messages of late, by whom and what was asked (the key); the oldest are forgotten first."""

    def __init__(self, *, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._noted: OrderedDict[Hashable, _Noted[T]] = OrderedDict()
        self._keys: dict[int, set[Hashable]] = {}
        self._hints = 0
        self._last_hint: OrderedDict[int, int] = OrderedDict()
        self._forgotten_hint = 0
        self._hears = False

    def mark(self) -> int:
        """A moment to give to `note`; to be taken before the read begins."""
        return self._hints

    def note(self, key: Hashable, told: T, mark: int, *, about: Hashable = None) -> None:
        """Remember what a read found that began at `mark`, unless its conversation was heard of meanwhile.

        `about` is the message, for `written`.
        """
        last_hint = self._last_hint.get(told.conversation_id, self._forgotten_hint)
        if not self._hears or told.status in FINISHED or last_hint > mark:
            return
        self._drop(key)
        now = self._clock()
        self._noted[key] = _Noted(told, now + LONGEST_SECONDS, now, about)
        self._keys.setdefault(told.conversation_id, set()).add(key)
        while len(self._noted) > self._most:
            self._drop(next(iter(self._noted)))

    def get(self, key: Hashable) -> T | None:
        """What was told, if it is still to be believed."""
        noted = self._noted.get(key)
        if noted is None:
            return None
        if self._clock() >= noted.until:
            self._drop(key)
            return None
        return noted.told

    def pause(self, key: Hashable) -> float:
        """Seconds for which whoever asks now should wait for a change, having been told a moment ago; mostly 0.

        The next one's time runs from the end of that wait.
        """
        noted = self._noted.get(key)
        if noted is None:
            return 0.0
        now = self._clock()
        seconds = min(max(0.0, noted.told_at + PACE_SECONDS - now), PACE_SECONDS)
        noted.told_at = now + seconds
        return seconds

    def hint(self, conversation_id: int, *, only_queued: bool = False) -> None:
        """Something happened there; with `only_queued` nothing that ends a message, but one may have begun."""
        self._hints += 1
        self._last_hint[conversation_id] = self._hints
        self._last_hint.move_to_end(conversation_id)
        if len(self._last_hint) > MOST_HINTS:
            _, self._forgotten_hint = self._last_hint.popitem(last=False)
        for key in tuple(self._keys.get(conversation_id, ())):
            if not only_queued or self._noted[key].told.status == "queued":
                self._drop(key)

    def written(self, told: T, message: Hashable, hint: Callable[[], None]) -> None:
        """This process wrote of a message what is told now: whoever was told of it before needs no statement to hear so.

        `hint` gives the hint, which drops what was known. How long something
        is believed does not change by this, so nothing is kept for long of those that are finished either.
        """
        keys = self._keys.get(told.conversation_id, ())
        held = [(key, noted) for key in keys if (noted := self._noted[key]).about == message]
        hint()
        for key, noted in held if self._hears else ():
            self._noted[key] = _Noted(told, noted.until, noted.told_at, message)
            self._keys.setdefault(told.conversation_id, set()).add(key)

    def hear(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        """Hints come in from now on, or no longer: nothing from before counts."""
        self._hears = is_connected
        self._hints += 1
        self._forgotten_hint = self._hints
        self._last_hint.clear()
        self._noted.clear()
        self._keys.clear()

    def _drop(self, key: Hashable) -> None:
        noted = self._noted.pop(key, None)
        if noted is not None:
            keys = self._keys[noted.told.conversation_id]
            keys.discard(key)
            if not keys:
                del self._keys[noted.told.conversation_id]
