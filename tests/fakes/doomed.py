"""A worker that dies in the middle: it comes to a statement that needs what a test holds, and is killed there."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.fakes.forked_workers import ForkedWorkers
from tests.fakes.held import held
from tests.fakes.rooms import open_pool
from tests.patience import PROCESS_PATIENCE
from turnkeeper.store.database import Database
from turnkeeper.store.tasks import Rescue


@dataclass(frozen=True, kw_only=True, slots=True)
class Doomed:
    """Workers over one database. `settings` are more of theirs, as variables of the environment."""

    url: str
    forks: ForkedWorkers
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    async def start(self) -> int:
        """A worker that lives, until the test's end or `forks.kill`."""
        own = {"TURNKEEPER_DATABASE_URL": self.url, "TURNKEEPER_DATABASE_CONNECTIONS": "4"}
        return await self.forks.start({**own, **self.settings})

    async def killed_at(self, hold: str, *, worker: int | None = None) -> None:
        """Hold what the statement `hold` locks, and kill a worker that waits for it; a new one if none is given.

        What it had not committed is lost, and the queue has heard for long that it is dead.
        """
        async with asyncio.timeout(PROCESS_PATIENCE), held(self.url, hold) as holding:
            if worker is None:
                worker = await self.start()
            waiter = await holding.waiter()
            self.forks.kill(worker)
            await holding.cut(waiter)
            await holding.give_up()
        await self.bury()

    async def bury(self) -> None:
        """Let time pass for the queue: who was killed has not been heard of for long, and its tasks are free again."""
        async with open_pool(Database(self.url, max_connections=1)) as database:
            async with database.connection() as connection:
                await connection.execute(
                    "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
                )
            assert await Rescue(database)(stalled_seconds=30) > 0
