"""Connections are few: who waits for one is served in turn by organization, whatever becomes of those who wait."""

import asyncio
from collections.abc import Hashable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial

import pytest

from tests.fakes.rooms import open_pool
from tests.fakes.standing import stood
from tests.patience import PATIENCE
from turnkeeper.core.errors import TransientError
from turnkeeper.store.database import FEWEST_AT_ONCE, Database
from turnkeeper.store.places import Places


class Crowd:
    """Requests of several organizations; each needs a connection, and notes when it has one."""

    def __init__(self, database: Database) -> None:
        self.served: list[Hashable] = []
        self._database = database
        self._tasks: list[asyncio.Task[None]] = []

    async def comes(self, owner: Hashable, *, count: int = 1) -> list[asyncio.Task[None]]:
        """So many requests of one owner, which stand in line when this returns if there is a line."""
        came = [await stood(partial(self._request, owner)) for _ in range(count)]
        self._tasks += came
        return came

    async def done(self) -> None:
        """Wait until all of them ended."""
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _request(self, owner: Hashable) -> None:
        self._database.work_for(owner)
        async with self._database.connection() as connection:
            self.served.append(owner)
            await connection.execute("SELECT 1")


def one_connection(url: str) -> AbstractAsyncContextManager[Database]:
    return open_pool(Database(url, max_connections=1))


async def test_one_request_does_not_wait_behind_a_hundred_of_another_organization(database_url: str) -> None:
    async with one_connection(database_url) as database:
        crowd = Crowd(database)
        async with database.connection():
            await crowd.comes("noisy", count=100)
            await crowd.comes("quiet")
        await crowd.done()

    assert crowd.served.index("quiet") == 1
    assert crowd.served.count("noisy") == 100


async def test_organizations_that_wait_are_served_in_turn(database_url: str) -> None:
    async with one_connection(database_url) as database:
        crowd = Crowd(database)
        async with database.connection():
            await crowd.comes("a", count=4)
            await crowd.comes("b", count=2)
            await crowd.comes("c", count=1)
        await crowd.done()

    assert crowd.served == ["a", "b", "c", "a", "b", "a", "a"]


async def test_who_is_cancelled_while_waiting_leaves_no_hole(database_url: str) -> None:
    async with one_connection(database_url) as database:
        crowd = Crowd(database)
        async with database.connection():
            given_up = await crowd.comes("noisy", count=3)
            await crowd.comes("quiet", count=2)
            for task in given_up:
                task.cancel()
        await crowd.done()
        await crowd.comes("later")
        await crowd.done()

    assert crowd.served == ["quiet", "quiet", "later"]


async def test_a_request_of_nobody_in_a_transaction_takes_its_turn_too(database_url: str) -> None:
    async with one_connection(database_url) as database:
        crowd = Crowd(database)

        async def of_the_server() -> None:
            async with database.transaction():
                crowd.served.append(None)

        async with database.connection():
            await crowd.comes("noisy", count=10)
            own = await stood(of_the_server)
        async with asyncio.timeout(PATIENCE):
            await own
        await crowd.done()

    assert crowd.served.index(None) == 1


async def test_a_database_that_is_gone_takes_no_places_with_it(database_url: str) -> None:
    async with one_connection(database_url) as database:
        crowd = Crowd(database)

        async def ends_its_connection() -> None:
            async with database.connection() as connection:
                await crowd.comes("a", count=3)
                await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")

        with pytest.raises(TransientError):
            await ends_its_connection()
        await crowd.done()

    assert crowd.served == ["a", "a", "a"]


async def test_a_place_that_comes_while_its_waiter_is_cancelled_goes_to_the_next() -> None:
    places = Places(0)
    first, second = [await stood(partial(places.wait, "a", PATIENCE)) for _ in range(2)]

    places.give_back()
    first.cancel()

    with pytest.raises(asyncio.CancelledError):
        await first
    assert await second
    assert (places.free, places.waiting) == (0, 0)


async def test_who_waits_too_long_is_told_and_stands_in_no_line_any_more() -> None:
    places = Places(0)

    assert not await places.wait("a", 0.01)

    assert places.waiting == 0
    places.give_back()
    assert places.free == 1


async def test_no_more_of_one_owner_wait_than_there_may() -> None:
    places = Places(0, most_of_one=2)
    waiting = [await stood(partial(places.wait, "a", PATIENCE)) for _ in range(2)]

    assert not await places.wait("a", PATIENCE)

    other = await stood(partial(places.wait, "b", PATIENCE))
    assert places.waiting == 3
    for _ in range(3):
        places.give_back()
    assert await asyncio.gather(*waiting, other) == [True, True, True]


async def test_places_that_are_taken_away_are_gone_when_they_come_back() -> None:
    places = Places(3)
    places.free -= 3
    waiting = await stood(partial(places.wait, "a", PATIENCE))

    places.resize(1)
    places.give_back()
    places.give_back()
    was_waiting = places.waiting
    places.give_back()

    assert was_waiting == 1
    assert await waiting
    assert places.free == 0


async def test_places_that_are_added_go_to_who_waits() -> None:
    places = Places(1)
    places.free -= 1
    waiting = [await stood(partial(places.wait, owner, PATIENCE)) for owner in ("a", "b")]

    places.resize(4)

    assert [await each for each in waiting] == [True, True]
    assert (places.free, places.waiting) == (1, 0)


@pytest.mark.parametrize(
    ("processes", "processors", "expected"),
    [(1, 2, 8), (2, 2, 6), (3, 2, 4), (4, 2, FEWEST_AT_ONCE), (40, 2, FEWEST_AT_ONCE), (4, 16, 8), (0, 2, 8)],
)
def test_processes_of_one_machine_leave_each_other_room(processes: int, processors: int, expected: int) -> None:
    database = Database("", max_connections=8, processors=processors)

    database.share_processors(processes)

    assert database.pool.at_once == expected


def test_who_may_have_few_connections_has_no_more_of_them_at_once() -> None:
    database = Database("", max_connections=2, processors=2)

    database.share_processors(1)

    assert database.pool.at_once == 2


async def test_among_many_processes_each_uses_few_connections_at_once(database_url: str) -> None:
    async with open_pool(Database(database_url, max_connections=FEWEST_AT_ONCE + 1)) as database:
        database.share_processors(10_000)
        async with AsyncExitStack() as stack:
            for _ in range(FEWEST_AT_ONCE):
                await stack.enter_async_context(database.connection())
            crowd = Crowd(database)
            await crowd.comes("a")
            while_all_are_taken = list(crowd.served)
        await crowd.done()

    assert (while_all_are_taken, crowd.served) == ([], ["a"])
