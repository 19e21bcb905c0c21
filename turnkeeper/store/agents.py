"""Agents at rest. Callers see those of their organization whose data set they may read."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent, AgentFilter, AgentSettings, Limits
from turnkeeper.core.revisions import content_of
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
    int,
    int,
    int,
]

AGENT_COLUMNS: LiteralString = """
    a.id, a.public_id, a.organization_id, a.slug, a.name, a.description, a.data_set_id, a.instructions, a.model, a.tools,
    a.limits::text, a.settings::text, a.instances_count, a.deployed_at, a.created_at, a.updated_at,
    a.deleted_at, a.revision, a.latest_revision, a.version
"""
AGENT_WIDTH = 20

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
        revision=row[17],
        latest_revision=row[18],
        version=row[19],
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


async def page(connection: Connection, caller: Caller, wanted: AgentFilter) -> list[Agent]:
    """The live agents that fit the filter and that the caller may see, newest first."""
    return await _select(
        connection,
        f"""
        SELECT {AGENT_COLUMNS} FROM agents a
        WHERE {AGENT_IS_VISIBLE} AND a.deleted_at IS NULL
          AND (%(data_set)s::uuid IS NULL
               OR a.data_set_id = (SELECT d.id FROM data_sets d WHERE d.public_id = %(data_set)s))
          AND (%(model)s::text IS NULL OR a.model = %(model)s)
          AND (%(search)s::text IS NULL
               OR strpos(lower(concat_ws(' ', a.name, a.slug, a.description)), lower(%(search)s)) > 0)
          AND (%(id)s::bigint IS NULL OR (a.created_at, a.id) < (%(at)s::timestamptz, %(id)s::bigint))
        ORDER BY a.created_at DESC, a.id DESC LIMIT %(limit)s
        """,
        {
            **scope(caller),
            "data_set": wanted.data_set,
            "model": wanted.model,
            "search": wanted.search,
            "at": None if wanted.before is None else wanted.before[0],
            "id": None if wanted.before is None else wanted.before[1],
            "limit": wanted.limit,
        },
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


async def create(connection: Connection, agent: Agent, *, author: int | None = None) -> Agent:
    """Write a new agent with its first revision, which answers from now on; `author` is an account.

    A slug that is taken gets `-2`, `-3` … `agent.id` and the moments are the database's to give.
    """
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
                                tools, limits, settings, instances_count, deployed_at)
            SELECT %(public_id)s, %(organization)s, %(data_set)s, slug, %(name)s, %(description)s, %(instructions)s,
                   %(model)s, %(tools)s, %(limits)s::jsonb, %(settings)s::jsonb, %(instances)s, now()
            FROM free RETURNING *
        ), first AS (
            INSERT INTO agent_revisions (agent_id, number, content, account_id, deployed_at)
            SELECT id, revision, %(content)s::jsonb, %(author)s, deployed_at FROM a
        ) SELECT {AGENT_COLUMNS} FROM a
        """,
        {"slug": agent.slug, "public_id": agent.public_id, "author": author, **agent_values(agent)},
    )
    return rows[0]


async def hold_slugs(connection: Connection, caller: Caller) -> None:
    """Until the transaction ends nobody else gives a slug to an agent of the organization."""
    await _hold_slugs(connection, caller.organization_id)


async def delete(connection: Connection, caller: Caller, *, agent_id: int) -> bool:
    """Take a live agent out of use; False when there is none. Its conversations and revisions stay."""
    cursor = await connection.execute(
        "UPDATE agents SET deleted_at = now(), updated_at = now()"
        " WHERE id = %s AND organization_id = %s AND deleted_at IS NULL",
        (agent_id, caller.organization_id),
    )
    return cursor.rowcount == 1


def agent_values(agent: Agent) -> dict[str, object]:
    """What an agent is made of, as the statements here and in `revisions` take it."""
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
        "content": msgspec.json.encode(content_of(agent)).decode(),
    }


async def _hold_slugs(connection: Connection, organization_id: int) -> None:
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('agents:slug:' || %s, 0))", (str(organization_id),)
    )


async def _select(connection: Connection, query: LiteralString, values: dict[str, object]) -> list[Agent]:
    cursor = await connection.execute(query, values)
    rows: Sequence[AgentRow] = await cursor.fetchall()  # pyright: ignore[reportAssignmentType] - the columns above
    return [agent_from(row) for row in rows]
