"""Schedules: messages that are sent again and again, at the moments of a cron line."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from turnkeeper.core.conversations import Mode

MOST_SCHEDULES = 200
"""Of one organization."""
LONGEST_NAME = 200
PREVIEWED_TICKS = 5
KEEP_RUNS_DAYS = 30

PausedReason = Literal["asked", "agent_gone", "account_inactive", "no_more_ticks"]
RunOutcome = Literal["accepted", "skipped", "refused"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A message that is sent to an agent at every tick, in the name of who made the schedule."""

    id: int
    public_id: UUID
    organization_id: int
    account: UUID
    agent_id: int
    agent: str
    """The agent's slug."""
    name: str
    cron: str
    timezone: str
    text: str
    mode: Mode
    keeps_conversation: bool
    """Whether all messages go into one conversation; else each begins a new one."""
    conversation: UUID | None
    """The one that goes on, once there is one."""
    next_at: datetime | None
    """None while it is paused."""
    paused_reason: PausedReason | None
    """`asked` by a person; `agent_gone`, the agent was deleted or is closed to the account; `account_inactive`."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NewSchedule:
    """What a person decides about a schedule. `agent` is a public id or a slug."""

    name: str
    agent: UUID | str
    cron: str
    timezone: str = "UTC"
    text: str
    mode: Mode = "execute"
    keeps_conversation: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What came of one tick, or of being asked to run now."""

    id: int
    tick_at: datetime | None
    """The tick, which may be earlier when the server was down; None when somebody asked for the run."""
    fired_at: datetime
    outcome: RunOutcome
    """`skipped`: the message before is not answered yet, in the one conversation that is kept."""
    reason: str | None
    """A sentence, unless the message was accepted."""
    conversation: UUID | None
    message: UUID | None
    """The message that was sent, as long as it is there."""
