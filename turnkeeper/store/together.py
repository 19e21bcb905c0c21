"""Readings of one kind that come together share a statement: who asks while one is under way is part of the next.

Nobody is told anything older than their question, since a statement is shared only by those who asked before it began. Who
comes alone waits for nobody.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

MOST_TOGETHER = 50
"""Readings that share a statement; who comes beyond that is part of the one after it."""

T = TypeVar("T")
Read = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, T]]]
"""Reads these, each of them once; what is not there is missing in the result."""


@dataclass(slots=True)
class _Asked(Generic[T]):
    wanted: UUID
    turn: asyncio.Future[bool]
    """Whether it is to read, for all who wait; else another one has read for it."""
    found: T | None = None
    error: Exception | None = None


class Together(Generic[T]):
    """The readings of one kind that are under way or wait."""

    def __init__(self) -> None:
        # A line is there while one of it reads; in it stand those who wait for the next statement.
        self._lines: dict[Hashable, deque[_Asked[T]]] = {}

    async def read(self, line: Hashable, wanted: UUID, read: Read[T]) -> T | None:
        """What there is of `wanted`. `line` is all else that the result depends on, such as who may see it.

        One of those who wait reads for all of them: an error is an error of each, and when that one is cancelled, another
        one reads.
        """
        waiting = self._lines.get(line)
        if waiting is None:
            self._lines[line] = deque()
            return await self._read(line, wanted, (), read)
        asked: _Asked[T] = _Asked(wanted, asyncio.get_running_loop().create_future())
        waiting.append(asked)
        try:
            reads = await asked.turn
        except asyncio.CancelledError:
            if not asked.turn.cancelled() and asked.turn.result():
                self._go_on(line)
            raise
        if reads:
            return await self._read(line, wanted, self._companions(line), read)
        if asked.error is not None:
            raise asked.error
        return asked.found

    async def _read(self, line: Hashable, wanted: UUID, others: Sequence[_Asked[T]], read: Read[T]) -> T | None:
        try:
            found = await read(list({wanted: None, **{other.wanted: None for other in others}}) if others else [wanted])
        except Exception as error:
            for other in others:
                other.error = error
            _tell(others)
            raise
        except BaseException:
            self._lines[line].extendleft(reversed(others))
            raise
        else:
            for other in others:
                other.found = found.get(other.wanted)
            _tell(others)
            return found.get(wanted)
        finally:
            self._go_on(line)

    def _companions(self, line: Hashable) -> Sequence[_Asked[T]]:
        waiting = self._lines[line]
        return [waiting.popleft() for _ in range(min(len(waiting), MOST_TOGETHER - 1))]

    def _go_on(self, line: Hashable) -> None:
        """Have the next one read; who was cancelled does not wait any more."""
        waiting = self._lines[line]
        while waiting:
            asked = waiting.popleft()
            if not asked.turn.done():
                asked.turn.set_result(True)
                return
        del self._lines[line]


def _tell(others: Sequence[_Asked[T]]) -> None:
    for other in others:
        if not other.turn.done():
            other.turn.set_result(False)
