"""A transaction of somebody else, which holds what it touched until the test lets it end."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import psycopg

_WAITING = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND %s = ANY(pg_blocking_pids(pid)) LIMIT 1
"""

Connection = psycopg.AsyncConnection[tuple[object, ...]]


class Held:
    """The open transaction, and a second connection that looks who waits for it."""

    def __init__(self, holding: Connection, watching: Connection) -> None:
        self._holding = holding
        self._watching = watching

    async def waiter(self) -> object:
        """Wait until a connection waits for what is held; its process id. To be bounded by who asks."""
        while True:
            cursor = await self._watching.execute(_WAITING, (self._holding.info.backend_pid,))
            row = await cursor.fetchone()
            if row is not None:
                return row[0]
            await self._watching.execute("SELECT pg_sleep(0.01)")

    async def cut(self, waiter: object) -> None:
        """End that connection, and wait until it is gone."""
        await self._watching.execute("SELECT pg_terminate_backend(%s, 5000)", (waiter,))

    async def commit(self) -> None:
        """Let go of all, and keep what was done."""
        await self._holding.commit()

    async def give_up(self) -> None:
        """Let go of all, as if nothing had been done."""
        await self._holding.rollback()


@asynccontextmanager
async def held(url: str, *statements: str) -> AsyncGenerator[Held]:
    """Hold what these statements touch."""
    async with (
        await psycopg.AsyncConnection.connect(url) as holding,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as watching,
    ):
        for statement in statements:
            await holding.execute(statement.encode())
        yield Held(holding, watching)
