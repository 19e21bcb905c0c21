"""Schedules and runs in the dialect's words."""

from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET

from turnkeeper.core.ids import prefixed
from turnkeeper.core.schedules import Run, Schedule
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.schedules import RunShape, ScheduleShape


def schedule_shape(schedule: Schedule, *, ticks: Sequence[datetime] | None = None) -> ScheduleShape:
    """A schedule in the dialect's words, with its next ticks when they are given."""
    return ScheduleShape(
        id=prefixed("sch", schedule.public_id),
        name=schedule.name,
        agent=schedule.agent,
        account_id=prefixed("acc", schedule.account),
        cron=schedule.cron,
        timezone=schedule.timezone,
        text=schedule.text,
        mode=schedule.mode,
        conversation="one" if schedule.keeps_conversation else "new",
        conversation_id=None if schedule.conversation is None else prefixed("conv", schedule.conversation),
        paused_reason=schedule.paused_reason,
        next_at=None if schedule.next_at is None else moment(schedule.next_at),
        next_ticks=UNSET if ticks is None else [moment(tick) for tick in ticks],
        created_at=moment(schedule.created_at),
        updated_at=moment(schedule.updated_at),
    )


def run_shape(run: Run) -> RunShape:
    """A run in the dialect's words."""
    return RunShape(
        tick_at=None if run.tick_at is None else moment(run.tick_at),
        fired_at=moment(run.fired_at),
        outcome=run.outcome,
        reason=run.reason,
        conversation_id=None if run.conversation is None else prefixed("conv", run.conversation),
        message_id=None if run.message is None else prefixed("msg", run.message),
    )
