"""Who has begun something, and stands where it first waits."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

import psycopg

from tests.patience import PATIENCE

T = TypeVar("T")


async def stood(begin: Callable[[], Coroutine[None, None, T]]) -> asyncio.Task[T]:
    """A task that has run up to where it first waits."""
    begun = asyncio.Event()

    async def run() -> T:
        begun.set()
        return await begin()

    task = asyncio.create_task(run())
    await begun.wait()
    return task


async def until_somebody_waits_for_a_lock(url: str) -> None:
    """Until a connection to this database waits for what another one holds."""
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(PATIENCE), await psycopg.AsyncConnection.connect(url, autocommit=True) as looking:
        while await (await looking.execute(waiting)).fetchone() is None:
            await looking.execute("SELECT pg_sleep(0.01)")
