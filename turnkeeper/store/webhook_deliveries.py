"""Deliveries at rest, as people see them: listed, shown with their attempts, and sent again by request."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.webhooks import Attempt, Delivery, DeliveryFilter
from turnkeeper.store.database import Connection

_COLUMNS: LiteralString = """
    d.id, d.public_id, w.public_id, d.type, d.state, d.attempts,
    CASE WHEN d.state = 'waiting' AND d.next_at > now() THEN d.next_at END, d.body, d.created_at, d.ended_at
"""
_LOG: LiteralString = """
    (SELECT jsonb_agg(jsonb_build_object(
        'number', t.number, 'started_at', t.started_at, 'milliseconds', t.milliseconds, 'status', t.status,
        'error', t.error, 'answer', t.answer) ORDER BY t.number)
     FROM webhook_attempts t WHERE t.delivery_id = d.id)::text
"""
_OF: LiteralString = """
    FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
    WHERE w.organization_id = %(organization)s AND w.public_id = %(webhook)s
"""
_ATTEMPTS = msgspec.json.Decoder(tuple[Attempt, ...])
_MOST_REPLAYED = 10_000


async def listed(connection: Connection, caller: Caller, wanted: DeliveryFilter, *, webhook: UUID) -> list[Delivery]:
    """Those of one webhook, newest first, without their attempts."""
    cursor = await connection.execute(
        f"""
        SELECT {_COLUMNS} {_OF}
          AND (%(state)s::text IS NULL OR d.state = %(state)s) AND (%(type)s::text IS NULL OR d.type = %(type)s)
          AND (%(since)s::timestamptz IS NULL OR d.created_at >= %(since)s)
          AND (%(before)s::bigint IS NULL OR d.id < %(before)s)
        ORDER BY d.id DESC LIMIT %(limit)s
        """,
        {
            "organization": caller.organization_id,
            "webhook": webhook,
            "state": wanted.state,
            "type": wanted.type,
            "since": wanted.since,
            "before": wanted.before,
            "limit": wanted.limit,
        },
    )
    return [_delivery(row) for row in await cursor.fetchall()]


async def find(connection: Connection, caller: Caller, *, webhook: UUID, delivery: UUID) -> Delivery | None:
    """One delivery with its attempts, if the caller's organization has it."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS}, {_LOG} {_OF} AND d.public_id = %(delivery)s",
        {"organization": caller.organization_id, "webhook": webhook, "delivery": delivery},
    )
    row = await cursor.fetchone()
    return None if row is None else _delivery(row)


async def test(connection: Connection, *, webhook_id: int, about: bytes) -> UUID:
    """Write a test for a webhook, to be sent beside what waits; its id. `about` is JSON."""
    cursor = await connection.execute(
        """
        WITH made AS (
            INSERT INTO webhook_deliveries (webhook_id, type, about, aside) VALUES (%s, 'webhook.test', %s::jsonb, true)
            RETURNING public_id, webhook_id
        )
        SELECT public_id, defer_task('deliver', 'webhook:' || webhook_id, jsonb_build_object('webhook', webhook_id))
        FROM made
        """,
        (webhook_id, about.decode()),
    )
    row = await cursor.fetchone()
    assert row is not None
    return row[0]


async def replay(
    connection: Connection, *, webhook_id: int, delivery: UUID | None, since: datetime | None, only_failed: bool
) -> int:
    """Have deliveries sent again, with the ids that they had and beside those that wait; returns how many, at most 10,000.

    One delivery, or all since a moment: the oldest first.
    """
    cursor = await connection.execute(
        """
        WITH wanted AS (
            SELECT id FROM webhook_deliveries
            WHERE webhook_id = %(webhook)s AND (%(delivery)s::uuid IS NULL OR public_id = %(delivery)s)
              AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
              AND (NOT %(only_failed)s OR state = 'failed')
              AND (%(delivery)s::uuid IS NOT NULL OR state <> 'waiting')
            ORDER BY id LIMIT %(most)s
        ), again AS (
            UPDATE webhook_deliveries d
            SET state = 'waiting', tries = 0, aside = true, next_at = '-infinity', ended_at = NULL
            FROM wanted WHERE d.id = wanted.id RETURNING d.id
        ), deferred AS (
            SELECT defer_task('deliver', 'webhook:' || %(webhook)s, jsonb_build_object('webhook', %(webhook)s::bigint))
        )
        SELECT count(*) FROM again, deferred
        """,
        {
            "webhook": webhook_id,
            "delivery": delivery,
            "since": since,
            "only_failed": only_failed,
            "most": _MOST_REPLAYED,
        },
    )
    row = await cursor.fetchone() or (0,)
    return int(row[0])


def _delivery(row: TupleRow) -> Delivery:
    return Delivery(
        id=row[0],
        public_id=row[1],
        webhook=row[2],
        type=row[3],
        state=row[4],
        attempts=row[5],
        next_at=row[6],
        body=row[7],
        created_at=row[8],
        ended_at=row[9],
        log=_ATTEMPTS.decode(row[10]) if len(row) > 10 and row[10] is not None else (),
    )
