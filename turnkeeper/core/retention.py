"""How long an organization keeps things. None keeps them as long as the server does, which for most is for ever."""

from dataclasses import dataclass

LEAST_IDEMPOTENCY_HOURS = 24
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
