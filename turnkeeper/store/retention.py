"""Retention at rest: what an organization decided, and removing what is older, a bounded number of rows at a time."""

from collections.abc import Mapping
from typing import LiteralString

import msgspec

from turnkeeper.core.retention import Retention
from turnkeeper.store.database import Connection

_RETENTION = msgspec.json.Decoder(Retention)
_ROUND = 200
_ROWS = 5_000

_IDLE: LiteralString = """
    c.organization_id = %(organization)s AND c.updated_at < now() - make_interval(days => %(days)s)
    AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND m.status IN ('queued', 'pending'))
"""
_CONVERSATIONS: LiteralString = f"""
    DELETE FROM conversations WHERE id IN (
        SELECT c.id FROM conversations c WHERE {_IDLE} ORDER BY c.updated_at LIMIT %(round)s FOR UPDATE SKIP LOCKED)
"""
# Numbers stay without gaps: who resumes from any number finds the log as long as it was.
_TEXTS: LiteralString = f"""
    WITH idle AS (
        SELECT c.id FROM conversations c WHERE {_IDLE} AND (c.trimmed_at IS NULL OR c.trimmed_at < c.updated_at)
        ORDER BY c.updated_at LIMIT %(round)s FOR UPDATE SKIP LOCKED
    ), noted AS (
        UPDATE conversations SET trimmed_at = clock_timestamp() FROM idle WHERE conversations.id = idle.id
    )
    UPDATE events SET body = jsonb_set(body, '{{text}}', '""') FROM idle
    WHERE events.conversation_id = idle.id AND events.kind = 'text' AND body ->> 'text' <> ''
"""
_FILES: LiteralString = """
    WITH old AS (
        SELECT f.id FROM files f WHERE f.organization_id = %(organization)s
          AND f.created_at < now() - make_interval(days => %(days)s) AND NOT EXISTS (
            SELECT 1 FROM message_files s JOIN messages m ON m.id = s.message_id
            WHERE s.file_id = f.id AND m.status IN ('queued', 'pending'))
        ORDER BY f.created_at LIMIT %(round)s FOR UPDATE SKIP LOCKED
    )
    DELETE FROM files USING old WHERE files.id = old.id
"""
_DELIVERIES: LiteralString = """
    DELETE FROM webhook_deliveries WHERE id IN (
        SELECT d.id FROM webhook_deliveries d JOIN webhooks w ON w.id = d.webhook_id
        WHERE w.organization_id = %(organization)s AND d.created_at < now() - make_interval(days => %(days)s)
        ORDER BY d.created_at LIMIT %(rows)s)
"""
_KEYS: LiteralString = """
    DELETE FROM idempotency_keys
    WHERE organization_id = %(organization)s AND created_at < now() - make_interval(hours => %(days)s)
"""


async def of_organization(connection: Connection, *, organization_id: int) -> Retention:
    """What the organization decided."""
    cursor = await connection.execute("SELECT retention::text FROM organizations WHERE id = %s", (organization_id,))
    row = await cursor.fetchone()
    return Retention() if row is None else _RETENTION.decode(row[0])


async def put(connection: Connection, retention: Retention, *, organization_id: int) -> None:
    """Write down what the organization decides."""
    await connection.execute(
        "UPDATE organizations SET retention = %s::jsonb WHERE id = %s",
        (msgspec.json.encode(retention).decode(), organization_id),
    )


async def decided(connection: Connection) -> Mapping[int, Retention]:
    """The organizations that decided anything, by number."""
    cursor = await connection.execute(
        "SELECT id, retention::text FROM organizations WHERE retention <> '{}' ORDER BY id"
    )
    return {row[0]: _RETENTION.decode(row[1]) for row in await cursor.fetchall()}


async def apply(connection: Connection, retention: Retention, *, organization_id: int) -> Mapping[str, int]:
    """Remove some of what is older; how many rows, by kind, and nothing when all is done. Takes a transaction."""
    removed: dict[str, int] = {}
    parts: tuple[tuple[str, LiteralString, int | None], ...] = (
        ("conversations", _CONVERSATIONS, retention.conversations_days),
        ("text", _TEXTS, retention.text_days),
        ("files", _FILES, retention.files_days),
        ("webhook_deliveries", _DELIVERIES, retention.webhook_deliveries_days),
        ("stored_results", _KEYS, retention.idempotency_hours),
    )
    for kind, statement, age in parts:
        if age is not None:
            cursor = await connection.execute(
                statement, {"organization": organization_id, "days": age, "round": _ROUND, "rows": _ROWS}
            )
            removed[kind] = cursor.rowcount
    return {kind: count for kind, count in removed.items() if count > 0}
