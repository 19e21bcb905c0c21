"""Schedules without a door: real actions, the real task, and a clock that stands still."""

import asyncio
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from tests.fakes.people import Crew, People
from tests.fakes.still_clock import StillClock
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.schedules import ScheduleActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.schedules import NewSchedule, Run, Schedule
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices
from turnkeeper.tasks.fire import FireSchedule

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERY_MORNING = NewSchedule(name="Report", agent="helper", cron="0 8 * * *", text="What is new?")


@dataclass(kw_only=True)
class Diary:
    """What a test of schedules handles. Ticks are fired by `fire`, at the clock's moment."""

    database: Database
    changes: Changes
    staff: People
    conversations: ConversationActions
    schedules: ScheduleActions
    clock: StillClock

    async def make(
        self, new: NewSchedule = EVERY_MORNING, *, caller: Caller | None = None, **other: object
    ) -> Schedule:
        """A schedule of the admin's, unless told otherwise."""
        wanted = replace(new, **other)  # pyright: ignore[reportArgumentType] - fields of it
        return (await self.schedules.create(caller or self.staff.admin, wanted)).value

    async def fire(self, schedule: Schedule, *, due: datetime | None = None, nodes: int = 1) -> None:
        """What so many workers do at the same time for a tick; the next one, unless told otherwise."""
        present = await self.now(schedule)
        tick = due or present.next_at
        assert tick is not None
        task = FireSchedule(self.database, self.changes, clock=self.clock)
        await asyncio.gather(*(task(schedule=schedule.id, due=tick.isoformat()) for _ in range(nodes)))

    async def now(self, schedule: Schedule) -> Schedule:
        """The schedule as it is by now."""
        return await self.schedules.get(self.staff.admin, schedule=schedule.public_id)

    async def runs(self, schedule: Schedule) -> list[Run]:
        """What came of it, oldest first."""
        found = await self.schedules.runs(self.staff.admin, schedule=schedule.public_id)
        return list(reversed(found))

    async def count(self, table: str) -> int:
        """Rows of a table."""
        async with self.database.connection() as connection:
            cursor = await connection.execute(f"SELECT count(*) FROM {table}".encode())
            row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def execute(self, statement: str) -> None:
        """Change the database behind everybody's back."""
        async with self.database.connection() as connection:
            await connection.execute(statement.encode())


@pytest.fixture
def diary(database: Database, crew: Crew, notices: Notices) -> Diary:
    """Where schedules stand; it is noon."""
    changes, clock = Changes(notices), StillClock(NOON)
    return Diary(
        database=database,
        changes=changes,
        staff=crew.people,
        conversations=ConversationActions(database, changes),
        schedules=ScheduleActions(database, changes, clock=clock),
        clock=clock,
    )
