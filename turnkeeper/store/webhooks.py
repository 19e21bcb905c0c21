"""Webhooks at rest: the endpoints of an organization, and telling them of what no event log has."""

from collections.abc import Mapping, Sequence
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from turnkeeper.core.accounts import Caller
from turnkeeper.core.webhooks import NewWebhook, Webhook
from turnkeeper.store.database import Connection

_COLUMNS: LiteralString = """
    w.id, w.public_id, w.organization_id, w.url, w.description, w.types,
    CASE WHEN w.agent_ids IS NOT NULL THEN ARRAY(
        SELECT a.public_id FROM agents a WHERE a.id = ANY(w.agent_ids) ORDER BY a.id) END AS agents,
    w.is_enabled, w.disabled_reason, w.failing_since,
    (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'waiting') AS waiting,
    (SELECT max(s.expires_at) FROM secrets s WHERE s.webhook_id = w.id AND s.expires_at > now()) AS old_secret_until,
    w.created_at, w.updated_at
"""


async def create(
    connection: Connection, caller: Caller, new: NewWebhook, *, public_id: UUID, agent_ids: Sequence[int] | None
) -> Webhook:
    """Write a webhook."""
    await connection.execute(
        """
        INSERT INTO webhooks (public_id, organization_id, url, description, types, agent_ids, is_enabled, disabled_reason)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
        """,
        (
            *(public_id, caller.organization_id, new.url, new.description, list(new.types)),
            *(None if agent_ids is None else list(agent_ids), new.is_enabled, None if new.is_enabled else "asked"),
        ),
    )
    made = await find(connection, caller, webhook=public_id)
    assert made is not None
    return made


async def change(
    connection: Connection, caller: Caller, new: NewWebhook, *, webhook_id: int, agent_ids: Sequence[int] | None
) -> None:
    """Write another address, description, choice of facts and switch over a webhook that was locked.

    Switched on, it forgets that it failed, and what waits is due at once. One that is off keeps the reason that it had.
    """
    await connection.execute(
        """
        WITH before AS (SELECT is_enabled FROM webhooks WHERE id = %(id)s), changed AS (
            UPDATE webhooks SET url = %(url)s, description = %(description)s, types = %(types)s, agent_ids = %(agents)s,
                is_enabled = %(enabled)s,
                disabled_reason = CASE WHEN NOT %(enabled)s THEN coalesce(disabled_reason, 'asked') END,
                failing_since = CASE WHEN is_enabled THEN failing_since END,
                not_before = CASE WHEN is_enabled THEN not_before END, updated_at = now()
            WHERE id = %(id)s AND organization_id = %(organization)s
        ), due AS (
            UPDATE webhook_deliveries d SET next_at = '-infinity', tries = 0 FROM before
            WHERE d.webhook_id = %(id)s AND d.state = 'waiting' AND NOT before.is_enabled AND %(enabled)s
        )
        SELECT defer_task('deliver', 'webhook:' || %(id)s, jsonb_build_object('webhook', %(id)s::bigint))
        FROM before WHERE NOT is_enabled AND %(enabled)s
        """,
        {
            "id": webhook_id,
            "organization": caller.organization_id,
            "url": new.url,
            "description": new.description,
            "types": list(new.types),
            "agents": None if agent_ids is None else list(agent_ids),
            "enabled": new.is_enabled,
        },
    )


async def lock(connection: Connection, caller: Caller, *, webhook: UUID) -> Webhook | None:
    """The webhook, which nobody else changes until the transaction ends; None when there is none for this caller."""
    await connection.execute(
        "SELECT 1 FROM webhooks WHERE public_id = %s AND organization_id = %s FOR UPDATE",
        (webhook, caller.organization_id),
    )
    return await find(connection, caller, webhook=webhook)


async def find(connection: Connection, caller: Caller, *, webhook: UUID) -> Webhook | None:
    """The webhook with this id, if it is of the caller's organization."""
    found = await _select(
        connection,
        f"SELECT {_COLUMNS} FROM webhooks w WHERE w.public_id = %s AND w.organization_id = %s",
        (webhook, caller.organization_id),
    )
    return found[0] if found else None


async def listed(connection: Connection, caller: Caller, *, before: int | None, limit: int) -> list[Webhook]:
    """Those of the caller's organization, newest first, with numbers below `before`."""
    return await _select(
        connection,
        f"""
        SELECT {_COLUMNS} FROM webhooks w WHERE w.organization_id = %s AND (%s::bigint IS NULL OR w.id < %s)
        ORDER BY w.id DESC LIMIT %s
        """,
        (caller.organization_id, before, before, limit),
    )


async def count(connection: Connection, caller: Caller) -> int:
    """How many the organization has. Until the transaction ends nobody else counts them."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('webhooks:' || %s, 0))", (str(caller.organization_id),)
    )
    cursor = await connection.execute(
        "SELECT count(*) FROM webhooks WHERE organization_id = %s", (caller.organization_id,)
    )
    row = await cursor.fetchone() or (0,)
    return int(row[0])


async def delete(connection: Connection, caller: Caller, *, webhook: UUID) -> bool:
    """Forget a webhook, its secrets and its deliveries; False when there is none."""
    cursor = await connection.execute(
        "DELETE FROM webhooks WHERE public_id = %s AND organization_id = %s", (webhook, caller.organization_id)
    )
    return cursor.rowcount > 0


async def agent_ids(connection: Connection, caller: Caller, *, agents: Sequence[UUID]) -> dict[UUID, int]:
    """The numbers of those of these agents that the organization has."""
    cursor = await connection.execute(
        "SELECT public_id, id FROM agents WHERE organization_id = %s AND public_id = ANY(%s) AND deleted_at IS NULL",
        (caller.organization_id, list(agents)),
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def tell(
    connection: Connection,
    *,
    organization_id: int,
    fact: str,
    about: Mapping[str, object],
    agent_id: int | None = None,
    conversation_id: int | None = None,
) -> bool:
    """Tell the organization's webhooks of a fact, in the transaction of the fact; whether any is told.

    `about` says in JSON what it is about; UUIDs under names that end in `_id` are sent as ids of the native dialect. What
    stands in the event log is told by the database itself and must not be told here.
    """
    cursor = await connection.execute(
        "SELECT tell_webhooks(%s, %s, %s, %s::jsonb, %s)",
        (organization_id, agent_id, fact, msgspec.json.encode(about).decode(), conversation_id),
    )
    row = await cursor.fetchone() or (0,)
    return int(row[0]) > 0


async def purge(connection: Connection, *, older_than_days: int, limit: int = 10_000) -> int:
    """Forget old deliveries, and signing secrets that no longer sign; returns how many deliveries."""
    await connection.execute("DELETE FROM secrets WHERE webhook_id IS NOT NULL AND expires_at < now()")
    cursor = await connection.execute(
        """
        DELETE FROM webhook_deliveries WHERE id IN (
            SELECT id FROM webhook_deliveries WHERE created_at < now() - make_interval(days => %s)
            ORDER BY created_at LIMIT %s)
        """,
        (older_than_days, limit),
    )
    return cursor.rowcount


async def defer_overdue(connection: Connection) -> int:
    """Tasks for endpoints whose deliveries are due for long, should their own have been lost; returns how many."""
    cursor = await connection.execute(
        """
        SELECT defer_task('deliver', 'webhook:' || w.id, jsonb_build_object('webhook', w.id)) FROM webhooks w
        WHERE w.is_enabled AND (w.not_before IS NULL OR w.not_before < now()) AND EXISTS (
            SELECT 1 FROM webhook_deliveries d
            WHERE d.webhook_id = w.id AND d.state = 'waiting' AND d.next_at < now() - interval '15 minutes'
              AND d.created_at < now() - interval '15 minutes')
        """
    )
    return cursor.rowcount


async def _select(connection: Connection, query: LiteralString, values: Sequence[object]) -> list[Webhook]:
    async with connection.cursor(row_factory=kwargs_row(_webhook)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


def _webhook(*, types: list[str], agents: list[UUID] | None, **columns: object) -> Webhook:
    row = {**columns, "types": tuple(types), "agents": None if agents is None else tuple(agents)}
    return Webhook(**row)  # pyright: ignore[reportArgumentType] - the columns are named for its fields
