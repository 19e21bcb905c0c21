"""Retention at rest: what an organization decided, and removing what is older, a bounded number of rows at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import LiteralString

import msgspec

from turnkeeper.core.retention import AgentRetention, Decided, Retention
from turnkeeper.store.database import Connection

_RETENTION = msgspec.json.Decoder(Retention)
_AGENT_RETENTION = msgspec.json.Decoder(AgentRetention)
_ROUND = 200
_ROWS = 5_000

# Of one agent, or of all but those that have a time of their own.
_IDLE: LiteralString = """
    c.organization_id = %(organization)s AND c.updated_at < now() - make_interval(days => %(days)s)
    AND (%(agent)s::bigint IS NULL OR c.agent_id = %(agent)s) AND c.agent_id <> ALL(%(others)s::bigint[])
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
    WITH own AS (
        SELECT * FROM unnest(%(agents)s::bigint[], %(agents_days)s::int[]) AS own (agent_id, days)
    ), old AS (
        SELECT f.id FROM files f WHERE f.organization_id = %(organization)s
          AND f.created_at < now() - make_interval(days => %(least_days)s) AND NOT EXISTS (
            SELECT 1 FROM message_files s JOIN messages m ON m.id = s.message_id
            WHERE s.file_id = f.id AND m.status IN ('queued', 'pending'))
          AND NOT EXISTS (
            SELECT 1 FROM message_files s JOIN conversations c ON c.id = s.conversation_id
            LEFT JOIN own ON own.agent_id = c.agent_id
            WHERE s.file_id = f.id
              AND (f.created_at < now() - make_interval(days => coalesce(own.days, %(days)s::int))) IS NOT TRUE)
          AND (f.created_at < now() - make_interval(days => %(days)s::int)
               OR EXISTS (SELECT 1 FROM message_files s WHERE s.file_id = f.id))
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


async def decided(connection: Connection) -> Mapping[int, Decided]:
    """The organizations in which anything was decided, by number."""
    cursor = await connection.execute(
        """
        SELECT o.id, o.retention::text, a.id, (a.settings -> 'retention')::text
        FROM organizations o LEFT JOIN agents a ON a.organization_id = o.id
            AND jsonb_path_exists(a.settings, '$.retention.* ? (@ != null)')
        WHERE o.retention <> '{}' OR a.id IS NOT NULL ORDER BY o.id, a.id
        """
    )
    found: dict[int, tuple[Retention, dict[int, AgentRetention]]] = {}
    for organization_id, retention, agent_id, own in await cursor.fetchall():
        _, agents = found.setdefault(organization_id, (_RETENTION.decode(retention), {}))
        if agent_id is not None:
            agents[agent_id] = _AGENT_RETENTION.decode(own)
    return {number: Decided(retention=retention, agents=agents) for number, (retention, agents) in found.items()}


async def apply(connection: Connection, decided: Decided, *, organization_id: int) -> Mapping[str, int]:
    """Remove some of what is older; how many rows, by kind, and nothing when all is done. Takes a transaction."""
    removed: Counter[str] = Counter()
    for kind, statement, about in _parts(decided):
        cursor = await connection.execute(
            statement, {"organization": organization_id, "round": _ROUND, "rows": _ROWS, **about}
        )
        removed[kind] += max(cursor.rowcount, 0)
        # What is left of agents is done in the next round: a transaction shall not grow with their number.
        if removed.total() > _ROWS:
            break
    return {kind: count for kind, count in removed.items() if count > 0}


def _parts(decided: Decided) -> Iterator[tuple[str, LiteralString, Mapping[str, object]]]:
    """What is removed, how, and what the statement is to know."""
    whole, agents = decided.retention, decided.agents
    kinds: tuple[tuple[str, LiteralString, int | None, dict[int, int]], ...] = (
        ("conversations", _CONVERSATIONS, whole.conversations_days, _own(agents, "conversations_days")),
        ("text", _TEXTS, whole.text_days, _own(agents, "text_days")),
    )
    for kind, statement, days, own in kinds:
        if days is not None:
            yield kind, statement, {"agent": None, "others": list(own), "days": days}
        for agent_id, own_days in own.items():
            yield kind, statement, {"agent": agent_id, "others": [], "days": own_days}
    own = _own(agents, "files_days")
    every = [*own.values(), *([] if whole.files_days is None else [whole.files_days])]
    if every:
        about = {"agents": list(own), "agents_days": list(own.values()), "days": whole.files_days}
        yield "files", _FILES, {**about, "least_days": min(every)}
    if whole.webhook_deliveries_days is not None:
        yield "webhook_deliveries", _DELIVERIES, {"days": whole.webhook_deliveries_days}
    if whole.idempotency_hours is not None:
        yield "stored_results", _KEYS, {"days": whole.idempotency_hours}


def _own(agents: Mapping[int, AgentRetention], name: str) -> dict[int, int]:
    found: dict[int, int | None] = {agent_id: getattr(retention, name) for agent_id, retention in agents.items()}
    return {agent_id: days for agent_id, days in found.items() if days is not None}
