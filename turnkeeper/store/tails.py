"""The newest end of each log that somebody follows: read once for all of its readers, as it grows.

A reader first reads the log itself, in pages, until it stands where the tail stands. From then on it is handed what is new.
A hint wakes the tail, and all tails that were woken are read with one statement.
"""

import asyncio
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice

from turnkeeper.core.errors import TransientError
from turnkeeper.core.events import LogEntry, LogPage
from turnkeeper.core.log_news import Line
from turnkeeper.store import events
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.events import Wanted
from turnkeeper.store.readers import Part, Reader

BEAT_TICKS = 15
"""After how many a reader is woken although nothing happened, so that its client sees that it lives."""
LOOK_AGAIN_TICKS = 5
MOST_READERS = 12_000
"""Who comes beyond is sent away."""
_PAGE = 200
"""Events of one log that are read at once."""
_MOST_TAILS_A_READ = 50
_BYTES_OF_A_TAIL = 250_000
_MOST_TAILS_A_LOOK = 2_000
_WAIT_AFTER_TROUBLE_SECONDS = 0.5


class Tail:
    """The end of one log, as far as it was read, and who follows it."""

    __slots__ = ("position", "readers", "was_heard")

    def __init__(self) -> None:
        self.position: int | None = None
        """The number up to which everything was handed out; None until the first reader stands at the end."""
        self.was_heard = False
        """Whether something happened before that."""
        self.readers: set[Reader] = set()

    def hand(self, entries: Sequence[LogEntry], reached: int) -> None:
        """Hand out what is new of these, which follow what was handed out before without a gap."""
        if self.position is None:
            return
        lines = [Line(entry) for entry in entries if entry.number > self.position]
        self.position = max(self.position, reached)
        if lines:
            for reader in self.readers:
                reader.hand(lines)


class Tails:
    """All logs that are followed in this process."""

    def __init__(
        self, database: Database, changes: Changes, *, most_readers: int = MOST_READERS, tick_seconds: float = 1.0
    ) -> None:
        """A reader gets a beat every 15 ticks; every 5 ticks all logs are looked at, should a hint have been lost."""
        self._database = database
        self._changes = changes
        self._most_readers = most_readers
        self._tick_seconds = tick_seconds
        self._tails: dict[int, Tail] = {}
        self._due: dict[int, None] = {}
        self._is_due = asyncio.Event()
        self._wheel: list[set[Reader]] = [set() for _ in range(BEAT_TICKS)]
        self._now = 0
        self._has_readers = asyncio.Event()
        self._is_closing = False
        self.open_readers = 0
        """How many read along now."""
        self.reads = 0
        """How often tails were read so far."""

    def check_room(self) -> None:
        """Make sure that one more may come.

        Raises:
            TransientError: too many are here, or the server is about to stop.
        """
        if self._is_closing:
            raise TransientError("server", "The server is about to stop; try again.", retry_after=1)
        if self.open_readers >= self._most_readers:
            raise TransientError("server", "Too many streams are open here; try again soon.", retry_after=5)

    @contextmanager
    def reading(self, part: Part) -> Generator[Reader]:
        """A reader of this part, until the end of the block. Nothing that happens from now on is missed."""
        number = part.conversation_id
        tail = self._tails.get(number)
        if tail is None:
            tail = self._tails[number] = Tail()
            self._changes.follow(number, partial(self._heard, number, tail))
        reader = Reader(
            part, partial(self._page, part), partial(self._idle_since, number), partial(self._stands, number, tail)
        )
        tail.readers.add(reader)
        beats = self._wheel[self._now]
        beats.add(reader)
        self.open_readers += 1
        self._has_readers.set()
        if self._is_closing:
            reader.end("closing")
        try:
            yield reader
        finally:
            self.open_readers -= 1
            beats.discard(reader)
            tail.readers.discard(reader)
            if not tail.readers:
                del self._tails[number]
                self._due.pop(number, None)
                self._changes.unfollow(number)

    def close(self) -> None:
        """End all readers, and those that still come: their clients go on elsewhere."""
        self._is_closing = True
        for tail in self._tails.values():
            for reader in tail.readers:
                reader.end("closing")

    async def run(self) -> None:
        """Read what is new, and keep time; until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read_regularly(), name="read the tails of logs")
            group.create_task(self._tick_regularly(), name="beats of readers")

    def _heard(self, number: int, tail: Tail, written: Sequence[LogEntry]) -> None:
        if tail.position is None:
            tail.was_heard = True
        elif written and written[0].number <= tail.position + 1:
            tail.hand(written, written[-1].number)
        else:
            self._look(number)

    def _stands(self, number: int, tail: Tail, position: int, last_event: int) -> bool:
        """Whether a reader that stands at `position` stands at the tail, which the first one puts at the log's end."""
        if tail.position is None:
            tail.position = last_event
            if tail.was_heard:
                self._look(number)
        return position >= tail.position

    def _look(self, number: int) -> None:
        self._due[number] = None
        self._is_due.set()

    async def _read_regularly(self) -> None:
        while True:
            await self._is_due.wait()
            due = tuple(islice(self._due, _MOST_TAILS_A_READ))
            for number in due:
                del self._due[number]
            if not due:
                self._is_due.clear()
                continue
            try:
                await self._read(due)
            except TransientError:
                self._due.update(dict.fromkeys(number for number in due if number in self._tails))
                await asyncio.sleep(_WAIT_AFTER_TROUBLE_SECONDS)

    async def _read(self, due: Sequence[int]) -> None:
        wanted = [
            Wanted(conversation_id=number, after=tail.position)
            for number, tail in self._of(due)
            if tail.position is not None
        ]
        async with self._database.connection() as connection:
            found = await events.pages(connection, wanted, limit=_PAGE, most_bytes=_BYTES_OF_A_TAIL)
        self.reads += 1
        for number, tail in self._of(one.conversation_id for one in wanted):
            page = found.get(number)
            if page is None:
                _forget(tail)
                continue
            tail.hand(page.entries, page.reached(0))
            if page.has_more:
                self._look(number)

    async def _tick_regularly(self) -> None:
        while True:
            await self._has_readers.wait()
            await asyncio.sleep(self._tick_seconds)
            self._now = (self._now + 1) % BEAT_TICKS
            for reader in self._wheel[self._now]:
                reader.beat()
            if self._now % LOOK_AGAIN_TICKS == 0:
                with suppress(TransientError):
                    await self._look_again()
            if not self._tails:
                self._has_readers.clear()

    async def _look_again(self) -> None:
        """Look at the numbers of all logs, with few statements: a hint may be lost, and nobody tells of what is deleted."""
        numbers = tuple(self._tails)
        for start in range(0, len(numbers), _MOST_TAILS_A_LOOK):
            some = numbers[start : start + _MOST_TAILS_A_LOOK]
            async with self._database.connection() as connection:
                last = await events.last_events(connection, some)
            for number, tail in self._of(some):
                if number not in last:
                    _forget(tail)
                elif tail.position is not None and last[number] > tail.position:
                    self._look(number)

    def _of(self, numbers: Iterable[int]) -> list[tuple[int, Tail]]:
        """The tails of these logs, as far as they are still followed."""
        return [(number, tail) for number in numbers if (tail := self._tails.get(number)) is not None]

    async def _page(self, part: Part, after: int) -> LogPage | None:
        message_id = None if part.turn is None else part.turn.message_id
        wanted = Wanted(conversation_id=part.conversation_id, after=after, message_id=message_id)
        async with self._database.connection() as connection:
            found = await events.pages(connection, [wanted], limit=_PAGE, most_bytes=_BYTES_OF_A_TAIL)
        return found.get(part.conversation_id)

    async def _idle_since(self, number: int) -> int | None:
        async with self._database.connection() as connection:
            return await events.idle_since(connection, conversation_id=number)


def _forget(tail: Tail) -> None:
    for reader in tail.readers:
        reader.end("deleted")
