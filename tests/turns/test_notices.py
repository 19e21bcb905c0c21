"""Hints reach every process that listens, and are not sent when there is none."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager

from tests.fakes.rooms import open_pool, running
from tests.patience import PATIENCE
from turnkeeper.store.database import FEWEST_AT_ONCE, Database
from turnkeeper.store.notices import Notices, tell_at_commit

CHANNEL = "turnkeeper_test"


class Ear:
    """One process: its notices, and what it heard."""

    def __init__(self, database: Database) -> None:
        self.notices = Notices(database, count_seconds=0.02)
        self.heard: list[str] = []
        self.connected: list[bool] = []
        self.something = asyncio.Event()
        self.notices.subscribe(CHANNEL, self._hear, self._connect)

    def _hear(self, item: str) -> None:
        self.heard.append(item)
        self.something.set()

    def _connect(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        self.connected.append(is_connected)
        self.something.set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something heard makes it so."""
        async with asyncio.timeout(PATIENCE):
            while not holds():
                self.something.clear()
                await self.something.wait()


@asynccontextmanager
async def listening(database: Database) -> AsyncGenerator[Ear]:
    ear = Ear(database)
    async with running(ear.notices.run()):
        await ear.until(lambda: True in ear.connected)
        yield ear


async def alone(database: Database, ear: Ear) -> None:
    """Wait until it has counted itself alone."""
    async with asyncio.timeout(PATIENCE):
        while not ear.notices.is_alone:
            await asleep(database)


async def asleep(database: Database) -> None:
    """Let the others go on for a moment."""
    async with database.connection() as connection:
        await connection.execute("SELECT pg_sleep(0.01)")


async def test_what_a_process_sends_last_is_heard_although_it_ends(database: Database) -> None:
    async with listening(database) as other:
        async with listening(database) as ending:
            ending.notices.send(CHANNEL, "last")
        await other.until(lambda: "last" in other.heard)


async def test_a_hint_reaches_its_own_process_at_once_and_others_once(database: Database) -> None:
    async with listening(database) as one, listening(database) as other:
        for number in range(2_000):
            one.notices.send(CHANNEL, str(number))
        assert len(one.heard) == 2_000
        await other.until(lambda: len(other.heard) == 2_000)
    assert set(other.heard) == set(one.heard)
    assert len(one.heard) == 2_000


async def test_who_is_alone_sends_nothing_until_somebody_comes(database: Database) -> None:
    async with listening(database) as one:
        await alone(database, one)
        one.notices.send(CHANNEL, "to nobody")
        async with listening(database) as other:
            async with asyncio.timeout(PATIENCE):
                while one.notices.is_alone:
                    await asleep(database)
            one.notices.send(CHANNEL, "to the other")
            await other.until(lambda: bool(other.heard))
    assert other.heard == ["to the other"]
    assert one.heard == ["to nobody", "to the other"]


async def test_processes_that_listen_on_the_machine_of_their_database_leave_each_other_room(database_url: str) -> None:
    most = FEWEST_AT_ONCE + 1
    async with open_pool(Database(database_url, max_connections=most, processors=1)) as database:
        for listeners, at_once in ((2, FEWEST_AT_ONCE), (1, most)):
            async with AsyncExitStack() as stack, asyncio.timeout(PATIENCE):
                for _ in range(listeners):
                    await stack.enter_async_context(listening(database))
                while database.pool.at_once != at_once:
                    await asleep(database)


async def test_what_is_told_at_the_commit_reaches_everybody_and_not_before(database: Database) -> None:
    async with listening(database) as one, listening(database) as other:
        with contextlib.suppress(ZeroDivisionError):
            async with database.transaction() as transaction:
                await tell_at_commit(transaction, CHANNEL, ["rolled back"])
                raise ZeroDivisionError
        async with database.transaction() as transaction:
            await tell_at_commit(transaction, CHANNEL, ["committed"])
        for ear in (one, other):
            await ear.until(lambda ear=ear: bool(ear.heard))
            assert ear.heard == ["committed"]


async def test_a_listener_whose_connection_is_cut_listens_again(database: Database) -> None:
    async with listening(database) as one, listening(database) as other:
        async with database.connection() as connection:
            await connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'turnkeeper listener'"
            )
        for ear in (one, other):
            await ear.until(lambda ear=ear: ear.connected[-2:] == [False, True])
        one.notices.send(CHANNEL, "again")
        await other.until(lambda: bool(other.heard))
    assert other.heard == ["again"]
