"""The task `fire`: one tick of a schedule, once, however many nodes try.

Deferred for its moment in the transaction that made the tick the next one. What was missed while no server ran is one run.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from turnkeeper.core.cron import Cron
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.schedules import Schedule
from turnkeeper.engine.queue import RetryLaterError
from turnkeeper.store import schedule_firing, schedules
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.schedule_firing import Fired

_log = logging.getLogger(__name__)


class FireSchedule:
    """Sends the message of a tick and waits for the next one, in one transaction."""

    def __init__(
        self, database: Database, changes: Changes, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._changes = changes
        self._clock = clock

    async def __call__(self, schedule: int, due: str) -> None:
        """Fire the tick, unless it is not the next one any more: then it was fired, moved or paused."""
        tick_at = datetime.fromisoformat(due)
        async with self._database.transaction() as connection:
            found = await schedule_firing.lock(connection, schedule_id=schedule)
            if found is None or found.next_at != tick_at:
                return
            now = self._clock()
            if now < tick_at:  # this node's clock is behind the database's
                raise RetryLaterError((tick_at - now).total_seconds())
            fired = await schedule_firing.fire(connection, found, tick_at=tick_at, now=now)
            await _go_on(connection, found, fired, now)
        if fired.conversation_id is not None:
            self._changes.accepted(fired.conversation_id)
        if fired.paused is not None:
            _log.warning("a schedule was paused", extra={"schedule": schedule, "reason": fired.paused})


async def _go_on(connection: Connection, schedule: Schedule, fired: Fired, now: datetime) -> None:
    paused = fired.paused
    if paused is not None:
        await schedules.set_next(connection, schedule_id=schedule.id, next_at=None, paused=paused)
        return
    try:
        next_at = Cron(schedule.cron, schedule.timezone).after(now)
    except InvalidError:
        await schedules.set_next(connection, schedule_id=schedule.id, next_at=None, paused="no_more_ticks")
    else:
        await schedules.set_next(connection, schedule_id=schedule.id, next_at=next_at)
