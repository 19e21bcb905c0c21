"""Deliveries at rest, as the one who sends sees them: what is due for an endpoint, and what came of sending it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString
from uuid import UUID

from turnkeeper.core.webhooks import Attempt, DisabledReason
from turnkeeper.store.database import Connection
from turnkeeper.store.webhooks import tell

# In the order of their ids, one after the other; those that stand aside go between, when their moment has come.
_DUE: LiteralString = """
    SELECT d.id, d.public_id, d.type, d.attempts, d.tries, d.body, d.about::text, d.created_at, w.organization_id, w.url,
           d.conversation_id, d.event
    FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
    WHERE d.webhook_id = %(webhook)s AND d.state = 'waiting' AND d.next_at <= %(now)s AND w.is_enabled
      AND (w.not_before IS NULL OR w.not_before <= %(now)s)
      AND (d.aside OR d.id = (
          SELECT min(h.id) FROM webhook_deliveries h
          WHERE h.webhook_id = %(webhook)s AND h.state = 'waiting' AND NOT h.aside))
    ORDER BY d.id LIMIT 1
"""

# Whoever changes a webhook holds it, and then what waits to be sent: in the other order each would wait for the other.
_HOOK_FIRST: LiteralString = """
    hook AS (
        SELECT w.id FROM webhooks w
        WHERE w.id = (SELECT webhook_id FROM webhook_deliveries WHERE id = %(delivery)s) FOR NO KEY UPDATE
    )
"""

# Only the attempt that follows the last one is written: who was thought dead and comes back writes nothing.
_ATTEMPTED: LiteralString = """
    attempted AS (
        INSERT INTO webhook_attempts (delivery_id, number, started_at, milliseconds, status, error, answer)
        SELECT d.id, %(number)s, %(started)s, %(milliseconds)s, %(status)s, %(error)s, %(answer)s FROM d
    )
"""

# The endpoint is back: what stood aside meanwhile is due at once, and comes in its order.
_DELIVERED: LiteralString = f"""
    WITH {_HOOK_FIRST}, d AS (
        UPDATE webhook_deliveries s
        SET state = 'delivered', attempts = %(number)s, tries = tries + 1, body = %(body)s, ended_at = %(now)s
        FROM hook WHERE s.webhook_id = hook.id
          AND s.id = %(delivery)s AND attempts = %(number)s - 1 AND state = 'waiting' RETURNING s.id, s.webhook_id
    ), {_ATTEMPTED}, well AS (
        UPDATE webhooks w SET failing_since = NULL, not_before = NULL FROM d
        WHERE w.id = d.webhook_id AND w.failing_since IS NOT NULL RETURNING w.id
    )
    UPDATE webhook_deliveries o SET next_at = '-infinity' FROM well
    WHERE o.webhook_id = well.id AND o.state = 'waiting' AND o.id <> %(delivery)s
"""

_FAILED: LiteralString = f"""
    WITH {_HOOK_FIRST}, d AS (
        UPDATE webhook_deliveries s
        SET state = CASE WHEN %(next_at)s::timestamptz IS NULL THEN 'failed' ELSE 'waiting' END,
            attempts = %(number)s, tries = tries + 1, body = %(body)s, aside = aside OR %(aside)s,
            next_at = coalesce(%(next_at)s, next_at),
            ended_at = CASE WHEN %(next_at)s::timestamptz IS NULL THEN %(now)s::timestamptz END
        FROM hook WHERE s.webhook_id = hook.id
          AND s.id = %(delivery)s AND attempts = %(number)s - 1 AND state = 'waiting'
        RETURNING s.id, s.webhook_id, s.public_id
    ), {_ATTEMPTED}, ill AS (
        UPDATE webhooks w SET failing_since = coalesce(w.failing_since, %(now)s),
            not_before = greatest(w.not_before, %(not_before)s::timestamptz),
            is_enabled = w.is_enabled AND %(disabled)s::text IS NULL
                         AND coalesce(w.failing_since, %(now)s) > %(too_long_ago)s::timestamptz,
            disabled_reason = CASE
                WHEN NOT w.is_enabled THEN w.disabled_reason
                WHEN %(disabled)s::text IS NOT NULL THEN %(disabled)s
                WHEN coalesce(w.failing_since, %(now)s) <= %(too_long_ago)s::timestamptz THEN 'failing' END
        FROM d, webhooks old WHERE w.id = d.webhook_id AND old.id = w.id
        RETURNING w.organization_id, w.public_id, w.disabled_reason, old.is_enabled AND NOT w.is_enabled AS switched_off
    ), later AS (
        SELECT defer_task('deliver_later', NULL, jsonb_build_object('webhook', %(webhook)s::bigint),
                          run_at => greatest(%(next_at)s::timestamptz, %(not_before)s::timestamptz))
        FROM d WHERE %(next_at)s::timestamptz IS NOT NULL
    )
    SELECT ill.switched_off, ill.disabled_reason, ill.organization_id, ill.public_id, (SELECT count(*) FROM later) FROM ill
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A delivery that may be sent now."""

    id: int
    public_id: UUID
    type: str
    attempts: int
    tries: int
    body: str | None
    """What an earlier attempt sent."""
    about: str
    """JSON: ids of what it is about."""
    created_at: datetime
    organization_id: int
    url: str
    conversation_id: int | None
    event: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Content:
    """What the event log has of a fact, as far as it is still there."""

    event: str | None
    """The event's body in JSON."""
    text: str | None
    reply_id: UUID | None
    reply_role: str | None
    reply_text: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Setback:
    """What follows from a failed attempt."""

    next_at: datetime | None
    """When it is tried again; None when it is given up."""
    aside: bool
    """Whether those behind it need not wait for it."""
    not_before: datetime | None
    """Until then nothing is sent to this endpoint, as it asked."""
    disabled: DisabledReason | None
    """Why the webhook is switched off, if it is."""
    days_to_live: float
    """Days of failures after which it is switched off in any case."""


async def due(connection: Connection, *, webhook_id: int, now: datetime) -> Due | None:
    """What is to be sent to this endpoint next; None when nothing is due, or it is switched off or gone."""
    cursor = await connection.execute(_DUE, {"webhook": webhook_id, "now": now})
    row = await cursor.fetchone()
    if row is None:
        return None
    return Due(
        id=row[0],
        public_id=row[1],
        type=row[2],
        attempts=row[3],
        tries=row[4],
        body=row[5],
        about=row[6],
        created_at=row[7],
        organization_id=row[8],
        url=row[9],
        conversation_id=row[10],
        event=row[11],
    )


async def content(connection: Connection, found: Due, *, longest: int) -> Content:
    """The event, the message and its reply that a delivery tells of, with texts of at most `longest` characters."""
    cursor = await connection.execute(
        """
        SELECT e.body::text, left(m.text, %(longest)s), r.public_id, r.role, left(r.text, %(longest)s)
        FROM events e LEFT JOIN messages m ON m.id = e.message_id LEFT JOIN messages r ON r.reply_to = m.id
        WHERE e.conversation_id = %(conversation)s AND e.number = %(event)s
        """,
        {"conversation": found.conversation_id, "event": found.event, "longest": longest},
    )
    row = await cursor.fetchone() or (None, None, None, None, None)
    return Content(event=row[0], text=row[1], reply_id=row[2], reply_role=row[3], reply_text=row[4])


async def delivered(connection: Connection, found: Due, attempt: Attempt, *, body: str, now: datetime) -> None:
    """Note that the endpoint has it."""
    await connection.execute(_DELIVERED, _values(found, attempt, body, now))


async def failed(  # noqa: PLR0913 - all by keyword
    connection: Connection, found: Due, attempt: Attempt, setback: Setback, *, webhook_id: int, body: str, now: datetime
) -> DisabledReason | None:
    """Note that it was not taken, and have it tried again; why the webhook was switched off by that, if it was.

    To be called in a transaction. Of a webhook that is switched off the organization's other ones are told.
    """
    cursor = await connection.execute(
        _FAILED,
        {
            **_values(found, attempt, body, now),
            "webhook": webhook_id,
            "next_at": setback.next_at,
            "aside": setback.aside,
            "not_before": setback.not_before,
            "disabled": setback.disabled,
            "too_long_ago": now - timedelta(days=setback.days_to_live),
        },
    )
    row = await cursor.fetchone()
    if row is None or not row[0]:
        return None
    _, reason, organization_id, public_id, _ = row
    about = {"webhook_id": str(public_id), "reason": reason}
    await tell(connection, organization_id=organization_id, fact="webhook.disabled", about=about)
    return reason


async def defer(connection: Connection, *, webhook_id: int) -> None:
    """Have somebody look after this endpoint, once those that look now are done."""
    await connection.execute(
        "SELECT defer_task('deliver', 'webhook:' || %(id)s, jsonb_build_object('webhook', %(id)s::bigint))",
        {"id": webhook_id},
    )


def _values(found: Due, attempt: Attempt, body: str, now: datetime) -> dict[str, object]:
    return {
        "delivery": found.id,
        "number": attempt.number,
        "started": attempt.started_at,
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "error": attempt.error,
        "answer": attempt.answer,
        "body": body,
        "now": now,
    }
