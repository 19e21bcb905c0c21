"""Readings that come together share a statement, and each is told what is true when it asks."""

import asyncio
from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from tests.fakes.standing import stood
from tests.patience import PATIENCE
from turnkeeper.core.errors import TransientError
from turnkeeper.store.together import MOST_TOGETHER, Together

IDS = [UUID(int=number) for number in range(1, 200)]
TALK = "those who may see the same"


class Table:
    """What is read, when the test lets each statement go on; it begins with what is there at that moment."""

    def __init__(self) -> None:
        self.rows: dict[UUID, str] = dict.fromkeys(IDS, "old")
        self.statements: list[list[UUID]] = []
        self.failure: Exception | None = None
        self._begun = asyncio.Event()
        self._may_end = asyncio.Semaphore(0)

    async def read(self, wanted: Sequence[UUID]) -> Mapping[UUID, str]:
        self.statements.append(list(wanted))
        found = {each: self.rows[each] for each in wanted if each in self.rows}
        self._begun.set()
        await self._may_end.acquire()
        if self.failure is not None:
            raise self.failure
        return found

    async def begun(self, count: int) -> None:
        """Wait until so many statements have begun."""
        while len(self.statements) < count:
            self._begun.clear()
            await asyncio.wait_for(self._begun.wait(), PATIENCE)

    def end(self, count: int = 1) -> None:
        """Let so many statements end."""
        for _ in range(count):
            self._may_end.release()


class Readers:
    """Those who read."""

    def __init__(self) -> None:
        self.table = Table()
        self.together: Together[str] = Together()

    async def ask(self, wanted: UUID, line: str = TALK) -> asyncio.Task[str | None]:
        return await stood(lambda: self.together.read(line, wanted, self.table.read))


async def told(tasks: Sequence[asyncio.Task[str | None]]) -> list[str | BaseException | None]:
    return await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), PATIENCE)


async def test_who_asks_meanwhile_is_part_of_the_next_statement() -> None:
    readers = Readers()
    tasks = [await readers.ask(each) for each in (IDS[0], IDS[1], IDS[2], IDS[1])]
    readers.table.end(2)

    assert await told(tasks) == ["old"] * 4
    assert readers.table.statements == [[IDS[0]], [IDS[1], IDS[2]]]


async def test_nobody_is_told_what_was_true_before_they_asked() -> None:
    readers = Readers()
    early = await readers.ask(IDS[0])
    await readers.table.begun(1)
    readers.table.rows[IDS[0]] = "new"
    late = await readers.ask(IDS[0])
    readers.table.end(2)

    assert await told([early, late]) == ["old", "new"]


async def test_what_is_not_there_is_nothing_to_each_who_asks_for_it() -> None:
    readers = Readers()
    del readers.table.rows[IDS[1]]
    tasks = [await readers.ask(each) for each in (IDS[0], IDS[1], IDS[2])]
    readers.table.end(2)

    assert await told(tasks) == ["old", None, "old"]


async def test_those_who_may_see_different_things_share_no_statement() -> None:
    readers = Readers()
    tasks = [await readers.ask(IDS[0], line) for line in ("one", "other", "one", "other")]
    await readers.table.begun(2)
    readers.table.end(4)

    assert await told(tasks) == ["old"] * 4
    assert readers.table.statements == [[IDS[0]]] * 4


async def test_a_failed_statement_is_an_error_of_those_who_shared_it_and_of_no_others() -> None:
    readers = Readers()
    readers.table.failure = TransientError("database", "It does not answer.")
    tasks = [await readers.ask(each) for each in IDS[:3]]
    readers.table.end(2)
    first = await told(tasks)
    readers.table.failure = None
    readers.table.end()
    after = await told([await readers.ask(IDS[0])])

    assert [type(each) for each in first] == [TransientError] * 3
    assert after == ["old"]


@pytest.mark.parametrize("cut", [0, 1, 2], ids=["who reads", "who is next", "who only waits"])
async def test_whoever_is_cancelled_leaves_the_others_their_answers(cut: int) -> None:
    readers = Readers()
    tasks = [await readers.ask(each) for each in IDS[:4]]
    await readers.table.begun(1)
    tasks[cut].cancel()
    readers.table.end(4)
    answers = await told(tasks)

    assert [type(each) for each in answers] == [asyncio.CancelledError if n == cut else str for n in range(4)]
    readers.table.end()
    assert await told([await readers.ask(IDS[5])]) == ["old"]


async def test_who_is_cancelled_while_reading_for_others_leaves_it_to_one_of_them() -> None:
    readers = Readers()
    tasks = [await readers.ask(each) for each in IDS[:4]]
    readers.table.end()
    await readers.table.begun(2)
    tasks[1].cancel()
    await readers.table.begun(3)
    readers.table.end(2)

    assert [type(each) for each in await told(tasks)] == [str, asyncio.CancelledError, str, str]
    assert readers.table.statements == [[IDS[0]], IDS[1:4], IDS[2:4]]


async def test_who_is_cancelled_just_as_its_turn_comes_passes_it_on() -> None:
    readers = Readers()
    waiting: list[asyncio.Task[str | None]] = []

    async def read_and_cut_the_next() -> str | None:
        found = await readers.together.read(TALK, IDS[0], readers.table.read)
        waiting[0].cancel()  # it has its turn, and has not heard so
        return found

    first = await stood(read_and_cut_the_next)
    waiting += [await readers.ask(IDS[1]), await readers.ask(IDS[2])]
    readers.table.end(2)

    answers = await told([first, *waiting])
    assert [type(each) for each in answers] == [str, asyncio.CancelledError, str]
    assert readers.table.statements == [[IDS[0]], [IDS[2]]]


async def test_a_statement_is_bounded() -> None:
    readers = Readers()
    tasks = [await readers.ask(each) for each in IDS[: MOST_TOGETHER + 11]]
    readers.table.end(3)

    assert await told(tasks) == ["old"] * (MOST_TOGETHER + 11)
    assert [len(each) for each in readers.table.statements] == [1, MOST_TOGETHER, 10]
