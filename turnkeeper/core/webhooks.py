"""Webhooks: which facts are told, whom, and how long it is tried."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

FACTS: Mapping[str, str] = {
    "conversation.created": "A conversation began.",
    "conversation.updated": "Its name, tags or metadata changed.",
    "conversation.archived": "It was put away, or taken out again.",
    "conversation.deleted": "It was deleted, with all that was in it.",
    "message.queued": "A message was accepted and will be answered.",
    "message.started": "A worker began to answer it; told once, however often it begins anew.",
    "message.completed": "It is answered; the reply comes with it.",
    "message.failed": "It could not be answered; a safe reason comes with it.",
    "message.cancelled": "Somebody cancelled it; what was said so far comes with it.",
    "message.superseded": "Another message took its place.",
    "message.absorbed": "It became part of the turn that was being answered.",
    "approval.asked": "A call of a tool waits for a person's yes.",
    "approval.decided": "It was decided, or nobody decided in time.",
    "tool.called": "The model asked for a tool.",
    "tool.returned": "The tool answered.",
    "agent.changed": "An agent was made, changed, deployed or deleted.",
    "data_set.synced": "A data set was brought up to date.",
    "webhook.disabled": "Another webhook of the organization was switched off because it cannot be reached.",
    "webhook.test": "Sent when somebody asks for a test; to that webhook only, whatever it subscribes to.",
}
"""The types of facts, with a sentence each."""

FAMILIES = tuple(sorted({f"{name.partition('.')[0]}.*" for name in FACTS if name != "webhook.test"}))
SUBSCRIPTIONS: frozenset[str] = frozenset({"*", *FAMILIES, *FACTS} - {"webhook.test"})
"""What a webhook may subscribe to: everything, a family, or one type."""

MOST_WEBHOOKS = 50
"""Of one organization."""
LONGEST_URL = 2_000
LONGEST_DESCRIPTION = 500
LONGEST_TEXT_SENT = 10_000
"""Characters of a message, or of a tool's input or output, that a delivery carries."""
KEEP_DELIVERIES_DAYS = 30
GRACE_HOURS = 24
"""How long the old secret signs beside a new one, unless told otherwise."""
LONGEST_GRACE_HOURS = 168

_MINUTE, _HOUR = 60.0, 3600.0
WAITS = (
    *(5.0, 30.0, 2 * _MINUTE, 5 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE),
    *(hours * _HOUR for hours in (1, 2, 4, 8, 12, 20, 24)),
)
"""Seconds from one attempt to the next, before jitter: 14 attempts in three days."""
STEPS_ASIDE_AFTER = 5
"""Attempts that those behind a delivery wait for, some 8 minutes; then they go on, and it is tried beside them."""
LONGEST_RETRY_AFTER_SECONDS = 24 * _HOUR
DISABLED_AFTER_DAYS = 5
"""Days of failures only, until a webhook is switched off."""

DisabledReason = Literal["asked", "gone", "failing"]
DeliveryState = Literal["waiting", "delivered", "failed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """An address that is told what happens in an organization."""

    id: int
    public_id: UUID
    organization_id: int
    url: str
    description: str | None
    types: tuple[str, ...]
    agents: tuple[UUID, ...] | None
    """Only facts about these agents; None for all. What is about no agent is told all the same."""
    is_enabled: bool
    disabled_reason: DisabledReason | None
    """`asked` by a person; `gone`, it answered 410; `failing`, it failed for days."""
    failing_since: datetime | None
    waiting: int
    """Deliveries that are not made yet."""
    old_secret_until: datetime | None
    """Until when an older secret signs too."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class NewWebhook:
    """What a person decides about a webhook."""

    url: str
    description: str | None = None
    types: tuple[str, ...] = ("*",)
    agents: tuple[UUID, ...] | None = None
    is_enabled: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class MadeWebhook:
    """A webhook with its secret, which is shown this once."""

    webhook: Webhook
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """One try at a delivery. Without `status` no answer came, and `error` says why."""

    number: int
    started_at: datetime
    milliseconds: int
    status: int | None
    error: str | None
    answer: str | None
    """The beginning of the answer's body."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """One fact for one webhook."""

    id: int
    public_id: UUID
    """Its `webhook-id`, the same at every attempt."""
    webhook: UUID
    type: str
    state: DeliveryState
    attempts: int
    next_at: datetime | None
    """When it is tried next, at the earliest; None when it is due, and when it came to its end."""
    body: str | None
    """What is sent; None before the first attempt."""
    created_at: datetime
    ended_at: datetime | None
    log: tuple[Attempt, ...] = ()
    """The attempts, oldest first; only in a single delivery."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DeliveryFilter:
    """Which deliveries of a webhook, newest first; those older than the one numbered `before` are wanted."""

    state: DeliveryState | None = None
    type: str | None = None
    since: datetime | None = None
    before: int | None = None
    limit: int


def wait_after(tries: int, *, jitter: float, retry_after: float | None) -> float | None:
    """Seconds from the attempt number `tries` to the next; None when it was the last.

    `jitter`, from 0 to 1, spreads the wait by a tenth to both sides. `retry_after` is what the endpoint asked for.
    """
    if tries > len(WAITS):
        return None
    wait = WAITS[tries - 1] * (0.9 + 0.2 * jitter)
    return max(wait, min(retry_after or 0.0, LONGEST_RETRY_AFTER_SECONDS))


def signature(keys: Sequence[bytes], *, delivery: str, timestamp: int, body: bytes) -> str:
    """What goes out as `webhook-signature`: one signature a key, any of which proves where the body comes from.

    Source: Standard Webhooks 1.0, signature scheme.
    """
    signed = f"{delivery}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
