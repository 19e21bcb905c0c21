"""The task `tidy`: forget what nobody needs any more. Deferred every few minutes; safe to repeat."""

from turnkeeper.store import idempotency, tasks
from turnkeeper.store.database import Database

KEEP_KEYS_HOURS = 48
"""Idempotency keys are promised for 24 hours at least."""
KEEP_TASKS_HOURS = 24


class Tidy:
    """Removes old idempotency keys and finished tasks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, timestamp: int) -> None:  # noqa: ARG002 - the moment for which it was scheduled
        """Remove what is old; a large heap goes in several rounds."""
        async with self._database.connection() as connection:
            await idempotency.purge(connection, older_than_hours=KEEP_KEYS_HOURS)
            await tasks.purge(connection, older_than_hours=KEEP_TASKS_HOURS)
