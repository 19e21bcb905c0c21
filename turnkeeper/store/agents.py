"""Agents at rest. Callers see those of their organization whose data set they may read."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent, AgentSettings, Limits
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

AgentRow = tuple[
    int,
    UUID,
    int,
    str,
    str,
    str | None,
    int | None,
    str | None,
    str | None,
    list[str],
    str,
    str,
    int,
    datetime | None,
    datetime,
    datetime,
    datetime | None,
]

AGENT_COLUMNS: LiteralString = """
    a.id, a.public_id, a.organization_id, a.slug, a.name, a.description, a.data_set_id, a.instructions, a.model, a.tools,
    a.limits::text, a.settings::text, a.instances_count, a.deployed_at, a.created_at, a.updated_at,
    a.deleted_at
"""
AGENT_WIDTH = 17

AGENT_IS_VISIBLE: LiteralString = """
    a.organization_id = %(organization)s AND (%(is_admin)s OR a.data_set_id IS NULL OR EXISTS (
        SELECT 1 FROM data_set_members m WHERE m.data_set_id = a.data_set_id AND m.account_id = %(account)s))
"""

_LIMITS = msgspec.json.Decoder(Limits)
_SETTINGS = msgspec.json.Decoder(AgentSettings)


def agent_from(row: AgentRow) -> Agent:
    """The agent in the columns of `AGENT_COLUMNS`."""
    return Agent(
        id=row[0],
        public_id=row[1],
        organization_id=row[2],
        slug=row[3],
        name=row[4],
        description=row[5],
        data_set_id=row[6],
        instructions=row[7],
        model=row[8],
        tools=tuple(row[9]),
        limits=_LIMITS.decode(row[10]),
        settings=_SETTINGS.decode(row[11]),
        instances_count=row[12],
        deployed_at=row[13],
        created_at=row[14],
        updated_at=row[15],
        deleted_at=row[16],
    )


async def find(connection: Connection, caller: Caller, *, public_id: UUID | None, slug: str | None) -> Agent | None:
    """The live agent with this id or slug, if the caller may see it."""
    rows = await _select(
        connection,
        f"SELECT {AGENT_COLUMNS} FROM agents a WHERE {AGENT_IS_VISIBLE} AND a.deleted_at IS NULL"
        " AND (a.public_id = %(public_id)s OR a.slug = %(slug)s) LIMIT 1",
        {**scope(caller), "public_id": public_id, "slug": slug},
    )
    return rows[0] if rows else None


async def listed(connection: Connection, caller: Caller, *, limit: int) -> list[Agent]:
    """The live agents that the caller may see, newest first."""
    return await _select(
        connection,
        f"SELECT {AGENT_COLUMNS} FROM agents a WHERE {AGENT_IS_VISIBLE} AND a.deleted_at IS NULL"
        " ORDER BY a.created_at DESC, a.id DESC LIMIT %(limit)s",
        {**scope(caller), "limit": limit},
    )


async def is_known(connection: Connection, caller: Caller, *, agent_id: int) -> bool:
    """Whether the organization has such a live agent, seen by the caller or not."""
    cursor = await connection.execute(
        "SELECT 1 FROM agents WHERE id = %s AND organization_id = %s AND deleted_at IS NULL",
        (agent_id, caller.organization_id),
    )
    return await cursor.fetchone() is not None


async def first_of_data_set(connection: Connection, caller: Caller, *, data_set_id: int) -> int | None:
    """The oldest live agent of a data set of the organization."""
    cursor = await connection.execute(
        "SELECT id FROM agents WHERE data_set_id = %s AND organization_id = %s AND deleted_at IS NULL"
        " ORDER BY id LIMIT 1",
        (data_set_id, caller.organization_id),
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def create(connection: Connection, agent: Agent) -> Agent:
    """Write a new agent; a slug that is taken gets `-2`, `-3` … `agent.id` and the moments are the database's to give."""
    await _hold_slugs(connection, agent.organization_id)
    rows = await _select(
        connection,
        f"""
        WITH free AS (
            SELECT slug FROM (
                SELECT 1 AS n, %(slug)s AS slug UNION ALL SELECT n, %(slug)s || '-' || n FROM generate_series(2, 10000) n
            ) wanted
            WHERE NOT EXISTS (
                SELECT 1 FROM agents t
                WHERE t.organization_id = %(organization)s AND t.slug = wanted.slug AND t.deleted_at IS NULL)
            ORDER BY n LIMIT 1
        ), a AS (
            INSERT INTO agents (public_id, organization_id, data_set_id, slug, name, description, instructions, model,
                                tools, limits, settings, instances_count)
            SELECT %(public_id)s, %(organization)s, %(data_set)s, slug, %(name)s, %(description)s, %(instructions)s,
                   %(model)s, %(tools)s, %(limits)s::jsonb, %(settings)s::jsonb, %(instances)s
            FROM free RETURNING *
        ) SELECT {AGENT_COLUMNS} FROM a
        """,
        {"slug": agent.slug, "public_id": agent.public_id, **_values(agent)},
    )
    return rows[0]


async def hold_slugs(connection: Connection, caller: Caller) -> None:
    """Until the transaction ends nobody else gives a slug to an agent of the organization."""
    await _hold_slugs(connection, caller.organization_id)


async def update(connection: Connection, agent: Agent) -> Agent | None:
    """Write what an agent is made of over the live one with its id; slug, ids and moments stay. None when it is gone."""
    rows = await _select(
        connection,
        f"""
        WITH a AS (
            UPDATE agents SET data_set_id = %(data_set)s, name = %(name)s, description = %(description)s,
                instructions = %(instructions)s, model = %(model)s, tools = %(tools)s, limits = %(limits)s::jsonb,
                settings = %(settings)s::jsonb, instances_count = %(instances)s, updated_at = now()
            WHERE id = %(id)s AND organization_id = %(organization)s AND deleted_at IS NULL RETURNING *
        ) SELECT {AGENT_COLUMNS} FROM a
        """,
        {"id": agent.id, **_values(agent)},
    )
    return rows[0] if rows else None


async def mark_deployed(connection: Connection, caller: Caller, *, agent_id: int) -> None:
    """Note the moment of the latest deployment."""
    await connection.execute(
        "UPDATE agents SET deployed_at = now() WHERE id = %s AND organization_id = %s",
        (agent_id, caller.organization_id),
    )


async def _hold_slugs(connection: Connection, organization_id: int) -> None:
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('agents:slug:' || %s, 0))", (str(organization_id),)
    )


def _values(agent: Agent) -> dict[str, object]:
    return {
        "organization": agent.organization_id,
        "data_set": agent.data_set_id,
        "name": agent.name,
        "description": agent.description,
        "instructions": agent.instructions,
        "model": agent.model,
        "tools": list(agent.tools),
        "limits": msgspec.json.encode(agent.limits).decode(),
        "settings": msgspec.json.encode(agent.settings).decode(),
        "instances": agent.instances_count,
    }


async def _select(connection: Connection, query: LiteralString, values: dict[str, object]) -> list[Agent]:
    cursor = await connection.execute(query, values)
    rows: Sequence[AgentRow] = await cursor.fetchall()  # pyright: ignore[reportAssignmentType] - the columns above
    return [agent_from(row) for row in rows]
