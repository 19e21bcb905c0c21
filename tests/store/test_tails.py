"""Readers of logs: nothing is missed or repeated, one read serves all, and nobody holds much."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from tests.fakes.people import Crew, People
from tests.fakes.rooms import open_pool, running
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.errors import TransientError
from turnkeeper.core.events import LogEntry, LogPage, TextAdded
from turnkeeper.core.log_news import Beat, End, Line
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.notices import Notices
from turnkeeper.store.readers import MOST_LINES, Part, Reader
from turnkeeper.store.tails import Tails

TICK_SECONDS = 0.01
LONG_TICK_SECONDS = 60.0


class Node:
    """A process of its own, as far as hints and tails go."""

    def __init__(self, database: Database, *, tick_seconds: float) -> None:
        self.database = database
        self.notices = Notices(database)
        self.changes = Changes(self.notices)
        self.tails = Tails(database, self.changes, tick_seconds=tick_seconds, most_readers=50)
        self.staff: People | None = None

    async def start(self) -> Accepted:
        assert self.staff is not None
        actions = ConversationActions(self.database, self.changes)
        started = await actions.start(
            self.staff.admin, agent=self.staff.agent, text="Hello", mode="execute", origin="api"
        )
        return started.value

    async def write(self, accepted: Accepted, count: int, *, text: str = "word", tell: bool = True) -> None:
        """Append so many pieces of text in one transaction, as a turn does."""
        async with self.database.transaction() as connection:
            await connection.execute(
                """
                WITH talk AS (UPDATE conversations SET last_event = last_event + %(count)s WHERE id = %(talk)s
                              RETURNING id, last_event - %(count)s AS base)
                INSERT INTO events (conversation_id, number, message_id, kind, body)
                SELECT talk.id, talk.base + n, %(message)s, 'text',
                       jsonb_build_object('text', %(text)s::text, 'model_call', 1)
                FROM talk, generate_series(1, %(count)s) n
                """,
                {"talk": accepted.conversation_id, "message": accepted.message_id, "count": count, "text": text},
            )
        if tell:
            self.changes.tell(accepted.conversation_id)


@asynccontextmanager
async def node(url: str, *, tick_seconds: float = LONG_TICK_SECONDS) -> AsyncGenerator[Node]:
    async with open_pool(Database(url, max_connections=4)) as database:
        node = Node(database, tick_seconds=tick_seconds)
        async with running(node.notices.run()), running(node.tails.run()):
            yield node


@pytest.fixture
async def here(database_url: str, crew: Crew) -> AsyncGenerator[Node]:
    async with node(database_url) as here:
        here.staff = crew.people
        yield here


async def numbers(reader: Reader, up_to: int) -> list[int]:
    """The numbers of what the reader is told, until it was told this one."""
    found: list[int] = []
    async with asyncio.timeout(PATIENCE):
        while not found or found[-1] < up_to:
            news = await reader.news()
            assert not isinstance(news, End)
            if not isinstance(news, Beat):
                found.extend(line.entry.number for line in news)
    return found


async def end_of(reader: Reader) -> str:
    async with asyncio.timeout(PATIENCE):
        while True:
            news = await reader.news()
            if isinstance(news, End):
                return news.reason


def piece(number: int) -> LogEntry:
    body = TextAdded(text="word", model_call=1)
    return LogEntry(number=number, message_id=None, reply_id=None, body=body, created_at=datetime.now(UTC))


def all_of(accepted: Accepted, *, after: int = 0) -> Part:
    return Part(conversation_id=accepted.conversation_id, after=after)


async def test_many_readers_of_one_log_cause_one_read_each_time_that_it_grows(here: Node, database_url: str) -> None:
    accepted = await here.start()
    async with node(database_url) as elsewhere:
        with contextlib.ExitStack() as stack:
            readers = [stack.enter_context(here.tails.reading(all_of(accepted))) for _ in range(20)]
            for reader in readers:
                assert await numbers(reader, 1) == [1]
            before = here.tails.reads
            for grown in (11, 21, 31):
                await elsewhere.write(accepted, 10)
                for reader in readers:
                    assert await numbers(reader, grown) == list(range(grown - 9, grown + 1))
            assert here.tails.reads - before <= 6
            assert here.tails.open_readers == 20
    assert here.tails.open_readers == 0


async def test_every_place_to_begin_leads_to_the_same_log(here: Node) -> None:
    accepted = await here.start()
    await here.write(accepted, 30)
    for after in range(32):
        with here.tails.reading(all_of(accepted, after=after)) as reader:
            told = asyncio.create_task(numbers(reader, 31 + after + 1))
            await here.write(accepted, 1)
            assert await told == list(range(after + 1, 31 + after + 2))


async def test_what_is_handed_while_a_reader_asks_whether_all_is_idle_comes_once() -> None:
    log = [piece(1)]

    async def page(after: int) -> LogPage:
        return LogPage(entries=tuple(log[after:]), has_more=False, last_event=len(log))

    async def idle_since() -> int:
        if len(log) == 1:
            log.append(piece(2))
            reader.hand([Line(log[-1])])
        return len(log)

    def stands(position: int, last_event: int) -> bool:
        return position == last_event

    reader = Reader(Part(conversation_id=1, after=0, until="idle"), page, idle_since, stands)
    told: list[int] = []
    while not isinstance(news := await reader.news(), End):
        assert not isinstance(news, Beat)
        told.extend(line.entry.number for line in news)
    assert (told, news.reason) == ([1, 2], "idle")


async def test_a_reader_that_takes_nothing_holds_little_and_still_gets_everything_later(here: Node) -> None:
    accepted = await here.start()
    with here.tails.reading(all_of(accepted)) as slow, here.tails.reading(all_of(accepted)) as quick:
        assert await numbers(slow, 1) == [1]
        assert await numbers(quick, 1) == [1]
        for grown in range(101, 2_002, 100):
            await here.write(accepted, 100)
            await numbers(quick, grown)
            assert slow.waiting_lines <= MOST_LINES
        assert slow.waiting_lines == 0
        assert await numbers(slow, 2_001) == list(range(2, 2_002))


async def test_long_texts_count_too(here: Node) -> None:
    accepted = await here.start()
    with here.tails.reading(all_of(accepted)) as slow, here.tails.reading(all_of(accepted)) as quick:
        assert await numbers(slow, 1) == [1]
        assert await numbers(quick, 1) == [1]
        await here.write(accepted, 4, text="x" * 100_000)
        await numbers(quick, 5)
        assert slow.waiting_lines == 0
        assert await numbers(slow, 5) == [2, 3, 4, 5]


async def test_a_lost_hint_is_made_up_for(database_url: str, crew: Crew) -> None:
    async with node(database_url, tick_seconds=TICK_SECONDS) as here:
        here.staff = crew.people
        accepted = await here.start()
        with here.tails.reading(all_of(accepted)) as reader:
            assert await numbers(reader, 1) == [1]
            await here.write(accepted, 3, tell=False)
            assert await numbers(reader, 4) == [2, 3, 4]


async def test_a_reader_to_whom_nothing_happens_gets_beats(database_url: str, crew: Crew) -> None:
    async with node(database_url, tick_seconds=TICK_SECONDS) as here:
        here.staff = crew.people
        accepted = await here.start()
        with here.tails.reading(all_of(accepted, after=1)) as reader:
            async with asyncio.timeout(PATIENCE):
                assert [type(await reader.news()) for _ in range(3)] == [Beat, Beat, Beat]


async def test_a_deleted_conversation_ends_its_readers(database_url: str, crew: Crew) -> None:
    async with node(database_url, tick_seconds=TICK_SECONDS) as here:
        here.staff = crew.people
        accepted = await here.start()
        with here.tails.reading(all_of(accepted)) as reader:
            assert await numbers(reader, 1) == [1]
            async with here.database.connection() as connection:
                await connection.execute("DELETE FROM conversations WHERE id = %s", (accepted.conversation_id,))
            assert await end_of(reader) == "deleted"


async def test_a_server_that_stops_ends_those_who_read_and_those_who_come(here: Node) -> None:
    accepted = await here.start()
    with here.tails.reading(all_of(accepted)) as reader:
        assert await numbers(reader, 1) == [1]
        here.tails.close()
        assert await end_of(reader) == "closing"
    with here.tails.reading(all_of(accepted)) as late:
        assert await end_of(late) == "closing"
    with pytest.raises(TransientError):
        here.tails.check_room()


async def test_readers_beyond_the_most_are_sent_away(here: Node) -> None:
    accepted = await here.start()
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            stack.enter_context(here.tails.reading(all_of(accepted)))
        with pytest.raises(TransientError):
            here.tails.check_room()
    here.tails.check_room()


async def test_a_number_beyond_the_end_keeps_nobody_else_waiting(here: Node) -> None:
    accepted = await here.start()
    with here.tails.reading(all_of(accepted, after=5)) as ahead, here.tails.reading(all_of(accepted)) as reader:
        told = asyncio.create_task(numbers(ahead, 6))
        assert await numbers(reader, 1) == [1]
        await here.write(accepted, 5)
        assert await numbers(reader, 6) == [2, 3, 4, 5, 6]
        assert await told == [6]
