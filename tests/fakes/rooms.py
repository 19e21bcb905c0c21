"""Rooms that many tests open for themselves, over a database of their own."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager

from turnkeeper.store.database import Database


@asynccontextmanager
async def open_pool(database: Database) -> AsyncGenerator[Database]:
    """The pool, open until the end of the block."""
    await database.open()
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def running(background: Coroutine[None, None, None]) -> AsyncGenerator[None]:
    """What goes on beside the block, such as a room's `run()`; it is cancelled at the end, and waited for."""
    task = asyncio.create_task(background)
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def rows_of(database: Database, query: str) -> list[tuple[object, ...]]:
    """What a query finds."""
    async with database.connection() as connection:
        return list(await (await connection.execute(query.encode())).fetchall())
