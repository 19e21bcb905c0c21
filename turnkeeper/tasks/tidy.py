"""The task `tidy`: forget what nobody needs any more. Deferred every few minutes; safe to repeat.

Where people search, it also has new messages read for the search.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial

from turnkeeper.core.audit import Actor
from turnkeeper.core.errors import TransientError
from turnkeeper.core.retention import MOST_IDEMPOTENCY_HOURS
from turnkeeper.core.schedules import KEEP_RUNS_DAYS
from turnkeeper.core.webhooks import KEEP_DELIVERIES_DAYS
from turnkeeper.store import audit, file_purge, idempotency, message_words, retention, schedules, syncs, tasks, webhooks
from turnkeeper.store.blobs import Blobs, sweep
from turnkeeper.store.database import Connection, Database

KEEP_TASKS_HOURS = 24
KEEP_FILES_HOURS = 24
"""Uploads that no message has. What is half received is swept after the same time."""

KEEP_SYNCS_DAYS = 90
"""Runs of data sets, with what they could not read."""
COMMAND_IS_GONE_SECONDS = 120
"""A command that imports says every second that it lives."""
KEEP_SIGN_INS_DAYS = 90
_MOST_ROUNDS = 50


async def _have_messages_read(connection: Connection) -> None:
    if await message_words.is_wanted(connection):
        await message_words.ask_to_read(connection)


_STATEMENTS: Sequence[Callable[[Connection], Awaitable[object]]] = (
    partial(idempotency.purge, older_than_hours=MOST_IDEMPOTENCY_HOURS),
    partial(tasks.purge, older_than_hours=KEEP_TASKS_HOURS),
    _have_messages_read,
    partial(webhooks.purge, older_than_days=KEEP_DELIVERIES_DAYS),
    webhooks.defer_overdue,
    partial(schedules.purge, older_than_days=KEEP_RUNS_DAYS),
    schedules.defer_overdue,
    partial(syncs.give_up_abandoned, silent_seconds=COMMAND_IS_GONE_SECONDS),
    partial(syncs.purge, older_than_days=KEEP_SYNCS_DAYS),
    partial(audit.purge_failed_sign_ins, older_than_days=KEEP_SIGN_INS_DAYS),
)


class Tidy:
    """Removes what is old, and files that nobody uses; has done what should have been done long ago."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def __call__(self, timestamp: int) -> None:  # noqa: ARG002 - the moment for which it was scheduled
        """Remove what is old; a large heap goes in several rounds. One step that fails keeps no other from its work.

        Raises:
            TransientError: the database went away; nothing after that was tried.
            ExceptionGroup: what went wrong in single steps.
        """
        failures: list[Exception] = []
        for step in self._steps():
            try:
                await step()
            except TransientError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are to be done; it is told at the end
                failures.append(error)
        if failures:
            raise ExceptionGroup("Some of the tidying failed.", failures)

    def _steps(self) -> Iterator[Callable[[], Awaitable[object]]]:
        for statement in _STATEMENTS:
            yield partial(self._run, statement)
        yield self._keep_as_decided
        yield partial(file_purge.purge, self._database, self._blobs, older_than_hours=KEEP_FILES_HOURS)
        yield self._sweep

    async def _run(self, statement: Callable[[Connection], Awaitable[object]]) -> None:
        async with self._database.connection() as connection:
            await statement(connection)

    async def _sweep(self) -> None:
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
