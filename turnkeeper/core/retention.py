"""How long things are kept. None keeps them as long as the server does, which for most is for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from turnkeeper.core.errors import InvalidError

LEAST_IDEMPOTENCY_HOURS = 24
MOST_IDEMPOTENCY_HOURS = 48
"""Then they go, whatever is decided."""
MOST_DAYS = 36_500


@dataclass(frozen=True, kw_only=True, slots=True)
class Retention:
    """Days, but for the stored results of requests, which are promised for 24 hours at least."""

    conversations_days: int | None = None
    """Conversations that nobody touched for so long are deleted."""
    text_days: int | None = None
    """In conversations untouched for so long, pieces of text in the event log become empty; the replies stay."""
    files_days: int | None = None
    """Files go from the messages that have them."""
    webhook_deliveries_days: int | None = None
    idempotency_hours: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentRetention:
    """Days for one agent's conversations, in place of the organization's; None takes the organization's."""

    conversations_days: int | None = None
    text_days: int | None = None
    files_days: int | None = None
    """A file in conversations of several agents stays as long as the most patient of them keeps it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """All that was decided in one organization."""

    retention: Retention
    agents: Mapping[int, AgentRetention] = field(default_factory=dict[int, AgentRetention])
    """Of the agents that have times of their own, by number."""


def check_agent_retention(retention: AgentRetention) -> None:
    """Refuse times out of bounds.

    Raises:
        InvalidError: the field is its name, inside the agent's settings.
    """
    for each in fields(retention):
        days: int | None = getattr(retention, each.name)
        if days is not None and not 1 <= days <= MOST_DAYS:
            why = f"{each.name} must be a whole number of days from 1 to {MOST_DAYS:,}, or be left out."
            raise InvalidError(f"settings.retention.{each.name}", why)
