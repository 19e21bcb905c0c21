"""Behind PgBouncer in transaction mode: what needs a session goes past it, the rest goes through. With PgBouncer only."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.pooler import PROGRAM, pooler_before
from tests.fakes.rooms import open_pool, running
from tests.left_out import not_installed
from tests.patience import PATIENCE
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=not_installed("PgBouncer (Debian: apt-get install pgbouncer)"))

CHANNEL = "turnkeeper_news"


class Node:
    """One process's hints: what it heard of others, in order."""

    def __init__(self, database: Database) -> None:
        self.notices = Notices(database, count_seconds=0.05)
        self.heard: asyncio.Queue[str] = asyncio.Queue()
        self.listens = asyncio.Event()
        self.notices.subscribe(CHANNEL, self.heard.put_nowait, self._connected)

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        if is_connected:
            self.listens.set()


@asynccontextmanager
async def node(url: str, *, direct_url: str | None) -> AsyncGenerator[Node]:
    database = Database(url, max_connections=2, direct_url=direct_url, prepares=False)
    node = Node(database)
    async with open_pool(database), running(node.notices.run()):
        async with asyncio.timeout(PATIENCE):
            await node.listens.wait()
        yield node


async def test_hints_of_nodes_behind_a_pooler_reach_each_other(database_url: str) -> None:
    with pooler_before(database_url) as through:
        async with node(through, direct_url=database_url) as one, node(through, direct_url=database_url) as other:
            one.notices.send(CHANNEL, "7")

            async with asyncio.timeout(PATIENCE):
                assert [await one.heard.get(), await other.heard.get()] == ["7", "7"]


async def test_who_listens_through_a_pooler_is_told_that_hints_do_not_arrive(database_url: str) -> None:
    told = asyncio.Event()

    class Teller(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if "TURNKEEPER_DIRECT_DATABASE_URL" in record.getMessage():
                told.set()

    log, teller = logging.getLogger("turnkeeper.store.notices"), Teller()
    log.addHandler(teller)
    try:
        with pooler_before(database_url, server_connections=3) as through:
            async with node(through, direct_url=None), asyncio.timeout(PATIENCE):
                await told.wait()
    finally:
        log.removeHandler(teller)


async def test_statements_are_shared_by_many_connections_when_none_is_prepared(database_url: str) -> None:
    with pooler_before(database_url) as through:
        database = Database(through, max_connections=8, direct_url=database_url, prepares=False)

        async def ask(number: int) -> int:
            async with database.connection() as connection:
                row = await (await connection.execute("SELECT %s::int + 1", (number,))).fetchone()
            assert row is not None
            return int(row[0])

        async with asyncio.timeout(PATIENCE), open_pool(database):
            assert await asyncio.gather(*(ask(number) for number in range(64))) == [*range(1, 65)]
