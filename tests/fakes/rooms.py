"""Rooms that many tests open for themselves, over a database of their own."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices


@asynccontextmanager
async def open_database(url: str) -> AsyncGenerator[Database]:
    """A pool over it."""
    database = Database(url)
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def running_notices(database: Database) -> AsyncGenerator[Notices]:
    """Hints between this process and others."""
    notices = Notices(database)
    running = asyncio.create_task(notices.run())
    try:
        yield notices
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def rows_of(database: Database, query: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    async with database.connection() as connection:
        return list(await (await connection.execute(query.encode())).fetchall())
