"""What an organization allows its agents to spend, and which of two limits counts."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import TypeVar

from turnkeeper.core.agents import Limits
from turnkeeper.core.errors import InvalidError

_BOUNDS: Mapping[str, tuple[float, float]] = {
    "model_calls": (1, 1_000),
    "tool_calls": (0, 10_000),
    "tokens": (1, 10**12),
    "cost_usd": (0, 10**9),
    "output_tokens": (1, 10**7),
    "history_tokens": (0, 10**8),
    "seconds": (1, 86_400),
    "tokens_a_day": (0, 10**15),
    "cost_usd_a_day": (0, 10**9),
}
_BROKEN = frozenset({"cost_usd", "cost_usd_a_day", "seconds"})
"""Limits that need not be whole numbers."""
_LONGEST_NUMBER = 40

N = TypeVar("N", int, float, Decimal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ceilings:
    """An organization's limits. Those of a turn lie over each agent's own; those of a day over all agents together.

    None is no limit. Days are those of UTC.
    """

    model_calls: int | None = None
    tool_calls: int | None = None
    tokens: int | None = None
    cost_usd: Decimal | None = None
    seconds: float | None = None
    tokens_a_day: int | None = None
    cost_usd_a_day: Decimal | None = None

    @property
    def is_by_day(self) -> bool:
        """Whether what was spent today matters."""
        return self.tokens_a_day is not None or self.cost_usd_a_day is not None


NO_CEILINGS = Ceilings()

LIMIT_NAMES: tuple[str, ...] = tuple(field.name for field in fields(Ceilings))
"""The limits that both agents and organizations may have."""


def check_limits(limits: Limits) -> None:
    """Refuse limits of an agent that no turn could work with.

    Raises:
        InvalidError: the field is the name of the limit that is out of bounds.
    """
    for each in fields(Limits):
        value: int | float | Decimal | None = getattr(limits, each.name)
        check_limit(each.name, value)


def check_limit(name: str, value: float | Decimal | None) -> None:
    """Refuse a value that is out of bounds; None is no limit.

    Raises:
        InvalidError: the field is the name of the limit.
    """
    if value is not None and not _is_possible(name, value):
        least, most = _BOUNDS[name]
        kind = "a number" if name in _BROKEN else "a whole number"
        raise InvalidError(name, f"The limit {name} must be {kind} from {least:,} to {most:,}, or none.")


def capped(limits: Limits, ceilings: Ceilings) -> Limits:
    """The limits of one turn: of each pair the lower one. What an agent may spend a day stays its own."""
    if ceilings == NO_CEILINGS:
        return limits
    return Limits(
        model_calls=_lower(limits.model_calls, ceilings.model_calls),
        tool_calls=_lower(limits.tool_calls, ceilings.tool_calls),
        tokens=lower(limits.tokens, ceilings.tokens),
        cost_usd=lower(limits.cost_usd, ceilings.cost_usd),
        output_tokens=limits.output_tokens,
        history_tokens=limits.history_tokens,
        seconds=_lower(limits.seconds, ceilings.seconds),
        tokens_a_day=limits.tokens_a_day,
        cost_usd_a_day=limits.cost_usd_a_day,
    )


def lower(one: N | None, other: N | None) -> N | None:
    """The lower of two limits, of which either may be missing."""
    if one is None or other is None:
        return one if other is None else other
    return min(one, other)


def _lower(own: N, ceiling: N | None) -> N:
    return own if ceiling is None else min(own, ceiling)


def _is_possible(name: str, value: float | Decimal) -> bool:
    least, most = _BOUNDS[name]
    if name not in _BROKEN and not isinstance(value, int):
        return False
    return math.isfinite(value) and least <= value <= most and len(str(value)) <= _LONGEST_NUMBER
