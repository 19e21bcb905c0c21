"""What models cost: tokens and US dollars of one call, one turn, one day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Literal, get_args
from uuid import UUID

COST_DIGITS = Decimal("1E-12")
"""The cost of each call is rounded to this; so every sum of costs is exact, here and in the database."""

Grouping = Literal["agent", "model", "account", "day"]
"""What sums of usage can be told apart by."""
GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)


@dataclass(frozen=True, kw_only=True, slots=True)
class Usage:
    """What one or several calls of models took.

    `input_tokens` are all tokens of the requests: those read from and written to a cache too, which are also counted apart.
    `cost_usd` is the sum over the calls whose cost is known, and None when none is; `unpriced_calls` is how many there are
    besides. So with `unpriced_calls` above 0 the real cost is higher than the sum.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: Decimal | None = None
    unpriced_calls: int = 0
    """Calls of a model whose price is not known, or whose end did not say how many tokens it took."""

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            cache_write_tokens=self.cache_write_tokens + other.cache_write_tokens,
            cost_usd=_sum(self.cost_usd, other.cost_usd),
            unpriced_calls=self.unpriced_calls + other.unpriced_calls,
        )

    @property
    def tokens(self) -> int:
        """All tokens, in and out."""
        return self.input_tokens + self.output_tokens


NOTHING = Usage()


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What a turn took in all, whatever came of it. `model` is the `provider:model` name that was asked for."""

    model: str
    usage: Usage

    @property
    def called(self) -> str:
        """What the provider itself calls the model; replies name it so."""
        return self.model.partition(":")[2] or self.model


@dataclass(frozen=True, kw_only=True, slots=True)
class DaySpend:
    """What was spent today, in UTC, by turns that ended: by one agent, and by its whole organization."""

    agent: Usage = NOTHING
    organization: Usage = NOTHING

    def __add__(self, other: "DaySpend") -> "DaySpend":
        return DaySpend(agent=self.agent + other.agent, organization=self.organization + other.organization)


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageFilter:
    """Which days, both included, in UTC, of whom, and what is told apart."""

    first_day: date
    last_day: date
    by: tuple[Grouping, ...]
    agent: UUID | None = None
    account: UUID | None = None
    model: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageGroup:
    """What a sum is of; only that is set which sums are told apart by.

    Agents and accounts that are gone have a name such as `#12`, and no id.
    """

    day: date | None = None
    agent: str | None = None
    """The slug."""
    agent_id: UUID | None = None
    model: str | None = None
    account: str | None = None
    """The e-mail address, or the service account's name."""
    account_id: UUID | None = None

    def name(self, by: Grouping) -> str:
        """What this is called in sums by this; a day is an ISO date."""
        match by:
            case "day":
                return "" if self.day is None else self.day.isoformat()
            case "agent":
                return self.agent or ""
            case "model":
                return self.model or ""
            case "account":
                return self.account or ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageSum:
    """What was spent on something."""

    of: UsageGroup
    turns: int
    usage: Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class UsageReport:
    """What an organization spent from one day to another, both included, in UTC.

    The costliest first; by days too, these in order. `is_cut` when there were more sums than are told; the total is of all.
    """

    first_day: date
    last_day: date
    by: tuple[Grouping, ...]
    sums: tuple[UsageSum, ...]
    total: UsageSum
    is_cut: bool = False


def total_of(usages: Mapping[str, Usage]) -> Usage:
    """The sum of all."""
    total = NOTHING
    for usage in usages.values():
        total += usage
    return total


NONE_SPENT: Mapping[str, Usage] = MappingProxyType({})


def _sum(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other
