"""One who reads a log from a number on, and then along as it grows; holds little, however slowly it reads."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from turnkeeper.core.events import ENDS_A_MESSAGE, LogPage
from turnkeeper.core.log_news import Beat, End, EndReason, Line, News

MOST_LINES = 256
MOST_BYTES = 250_000
"""What a reader may leave lying, in events and in bytes of text; beyond that it is dropped, and read from the log again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Turn:
    """A message whose events are wanted, and no others."""

    message_id: int
    public_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """Which part of a log is wanted: what follows `after`, of one turn or of all, and until when."""

    conversation_id: int
    after: int
    turn: Turn | None = None
    until: Literal["forever", "idle", "log_end"] = "forever"


class Reader:
    """See `Tails.reading`, which makes it."""

    __slots__ = (
        "_bytes",
        "_end",
        "_idle_since",
        "_is_behind",
        "_is_due",
        "_lines",
        "_looks_for_idle",
        "_page",
        "_stands",
        "_waiting",
        "part",
        "position",
    )

    def __init__(
        self,
        part: Part,
        page: Callable[[int], Awaitable[LogPage | None]],
        idle_since: Callable[[], Awaitable[int | None]],
        stands: Callable[[int, int], bool],
    ) -> None:
        """`page` reads the log after a number; `stands` says of a number, and of the log's last one at the time of the
        read, whether the tail stands there, too.
        """
        self.part = part
        self.position = part.after
        """The number up to which all was handed out."""
        self._page = page
        self._idle_since = idle_since
        self._stands = stands
        self._lines: list[Line] = []
        self._bytes = 0
        self._is_behind = True
        self._is_due = False
        self._looks_for_idle = part.until == "idle"
        self._end: End | None = None
        self._waiting: asyncio.Future[None] | None = None

    @property
    def waiting_lines(self) -> int:
        """How many lines lie here to be taken."""
        return len(self._lines)

    async def news(self) -> News:
        """What comes next: events in order, without gap or repeat; a beat every 15 seconds; the end.

        Raises:
            TransientError: the database does not answer.
        """
        while True:
            if self._end is not None:
                return self._end
            if self._is_due:
                self._is_due = False
                self._looks_for_idle = self.part.until == "idle"
                return Beat()
            if self._is_behind:
                lines = await self._read()
            elif self._lines:
                lines = self._taken()
            elif self._looks_for_idle:
                lines = await self._look_for_idle()
            else:
                lines = await self._pause()
            if lines:
                return lines

    def end(self, reason: EndReason) -> None:
        """Hand out nothing more: the next news is the end."""
        if self._end is None:
            self._end = End(reason)
        self._wake()

    def beat(self) -> None:
        """Have a beat come next, whatever else there is."""
        self._is_due = True
        self._wake()

    def hand(self, lines: Iterable[Line]) -> None:
        """Lay down what is new. A reader that reads the log itself comes to it by and by."""
        if self._is_behind or self._end is not None:
            return
        last = self._lines[-1].entry.number if self._lines else self.position
        for line in lines:
            if line.entry.number > last:
                self._lines.append(line)
                self._bytes += line.size
        if len(self._lines) > MOST_LINES or self._bytes > MOST_BYTES:
            self._fall_behind()
        self._wake()

    async def _read(self) -> Sequence[Line]:
        page = await self._page(self.position)
        if page is None:
            self.end("deleted")
            return ()
        self.position = page.reached(self.position)
        if not page.has_more:
            if self.part.until == "log_end":
                self.end("log_end")
            self._is_behind = not self._stands(self.position, page.last_event)
        return self._noted([Line(entry) for entry in page.entries])

    def _taken(self) -> Sequence[Line]:
        lines, self._lines, self._bytes = self._lines, [], 0
        self.position = lines[-1].entry.number
        turn = self.part.turn
        return self._noted(
            lines if turn is None else [line for line in lines if line.entry.message_id == turn.public_id]
        )

    def _noted(self, lines: list[Line]) -> Sequence[Line]:
        """The lines; when a message came to its end, this may be the end of what is wanted."""
        for place, line in enumerate(lines):
            if isinstance(line.entry.body, ENDS_A_MESSAGE):
                if self.part.turn is not None:
                    self._end = End("turn_ended")
                    return lines[: place + 1]
                self._looks_for_idle = self.part.until == "idle"
        return lines

    async def _look_for_idle(self) -> Sequence[Line]:
        self._looks_for_idle = False
        idle_since = await self._idle_since()
        if idle_since is not None and idle_since <= self.position:
            self.end("idle")
        elif idle_since is not None:
            # It is ended by what has yet to come; some of that may have been handed while this was asked.
            self._looks_for_idle = True
            self._fall_behind()
        return ()

    def _fall_behind(self) -> None:
        """Drop what lies here: it is read from the log again, from where this reader stands."""
        self._lines, self._bytes, self._is_behind = [], 0, True

    async def _pause(self) -> Sequence[Line]:
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            await self._waiting
        finally:
            self._waiting = None
        return ()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
