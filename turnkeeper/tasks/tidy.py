"""The task `tidy`: forget what nobody needs any more. Deferred every few minutes; safe to repeat.

Where people search, it also has new messages read for the search.
"""

import asyncio
from functools import partial

from turnkeeper.core.audit import Actor
from turnkeeper.core.retention import MOST_IDEMPOTENCY_HOURS
from turnkeeper.core.schedules import KEEP_RUNS_DAYS
from turnkeeper.core.webhooks import KEEP_DELIVERIES_DAYS
from turnkeeper.store import audit, file_purge, idempotency, message_words, retention, schedules, syncs, tasks, webhooks
from turnkeeper.store.blobs import Blobs, sweep
from turnkeeper.store.database import Database

KEEP_TASKS_HOURS = 24
KEEP_FILES_HOURS = 24
"""Uploads that no message has. What is half received is swept after the same time."""

KEEP_SYNCS_DAYS = 90
"""Runs of data sets, with what they could not read."""
COMMAND_IS_GONE_SECONDS = 120
"""A command that imports says every second that it lives."""
KEEP_SIGN_INS_DAYS = 90
_MOST_ROUNDS = 50


class Tidy:
    """Removes what is old, and files that nobody uses; has done what should have been done long ago."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def __call__(self, timestamp: int) -> None:  # noqa: ARG002 - the moment for which it was scheduled
        """Remove what is old; a large heap goes in several rounds."""
        async with self._database.connection() as connection:
            await idempotency.purge(connection, older_than_hours=MOST_IDEMPOTENCY_HOURS)
            await tasks.purge(connection, older_than_hours=KEEP_TASKS_HOURS)
            if await message_words.is_wanted(connection):
                await message_words.ask_to_read(connection)
            await webhooks.purge(connection, older_than_days=KEEP_DELIVERIES_DAYS)
            await webhooks.defer_overdue(connection)
            await schedules.purge(connection, older_than_days=KEEP_RUNS_DAYS)
            await schedules.defer_overdue(connection)
            await syncs.give_up_abandoned(connection, silent_seconds=COMMAND_IS_GONE_SECONDS)
            await syncs.purge(connection, older_than_days=KEEP_SYNCS_DAYS)
            await audit.purge_failed_sign_ins(connection, older_than_days=KEEP_SIGN_INS_DAYS)
        await self._keep_as_decided()
        await file_purge.purge(self._database, self._blobs, older_than_hours=KEEP_FILES_HOURS)
        await asyncio.to_thread(partial(sweep, self._blobs.spool, older_than_seconds=KEEP_FILES_HOURS * 3600))

    async def _keep_as_decided(self) -> None:
        """Remove what organizations do not want to keep; what is not done now is done at the next round."""
        async with self._database.connection() as connection:
            decided = await retention.decided(connection)
        for organization_id, wanted in decided.items():
            for _ in range(_MOST_ROUNDS):
                async with self._database.transaction() as connection:
                    removed = await retention.apply(connection, wanted, organization_id=organization_id)
                    if not removed:
                        break
                    actor = Actor(organization_id=organization_id, origin="server")
                    await audit.append(connection, actor, "retention.applied", details={"removed": dict(removed)})
