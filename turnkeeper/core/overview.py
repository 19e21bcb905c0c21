"""How turns went over time, and how it stands now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, get_args
from uuid import UUID

Stretch = Literal["hour", "day"]
"""How long the stretches are that turns are counted in; both begin in UTC."""
STRETCHES: tuple[Stretch, ...] = get_args(Stretch)
LONGEST: dict[Stretch, timedelta] = {"hour": timedelta(days=31), "day": timedelta(days=366)}
MOST_TURNS = 200_000
"""No more turns than these are looked at: the newest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OverviewFilter:
    """Which turns: those that were accepted from one moment to before another."""

    since: datetime
    until: datetime
    by: Stretch
    agent: UUID | None = None
    account: UUID | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """How long something took, in milliseconds: half, 95 and 99 of a hundred were no slower."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnSums:
    """What came of some turns, by when they were accepted."""

    at: datetime | None
    """When the stretch begins; None in the sum of all."""
    turns: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0
    waited: Spread | None = None
    """From acceptance to the first start; None when none started."""
    answered: Spread | None = None
    """From acceptance to the answer, of those that waited for nobody's decision; None when there are none."""
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A turn that failed, and what its people were told."""

    message_id: UUID
    conversation_id: UUID
    agent: str
    at: datetime
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueNow:
    """The turns of an organization that are not done: how many, and how long the first one has waited."""

    waiting: int
    running: int
    oldest_seconds: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """How it went: every stretch in order, empty ones too."""

    wanted: OverviewFilter
    total: TurnSums
    sums: Sequence[TurnSums]
    failures: Sequence[Failure]
    """The newest, 10 at most."""
    queue: QueueNow
    is_cut: bool
    """Whether there were more turns than were looked at."""


def starts_of(wanted: OverviewFilter) -> list[datetime]:
    """When each stretch begins, from the one that `since` is in."""
    step = timedelta(hours=1) if wanted.by == "hour" else timedelta(days=1)
    at = wanted.since.replace(minute=0, second=0, microsecond=0)
    if wanted.by == "day":
        at = at.replace(hour=0)
    found: list[datetime] = []
    while at < wanted.until:
        found.append(at)
        at += step
    return found
