"""Revisions of agents at rest. A row never changes but for the moment of its last deployment."""

from collections.abc import Sequence
from dataclasses import replace
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.agents import Agent
from turnkeeper.core.revisions import AgentContent, Revision, with_content
from turnkeeper.store.agents import AGENT_COLUMNS, AgentRow, agent_from, agent_values
from turnkeeper.store.database import Connection

CONTENT_OF_ROW: LiteralString = """jsonb_build_object(
    'name', a.name, 'description', a.description, 'data_set_id', a.data_set_id, 'instructions', a.instructions,
    'model', a.model, 'tools', a.tools, 'limits', a.limits, 'settings', a.settings, 'instances_count', a.instances_count)
"""
_COLUMNS: LiteralString = """
    r.number, r.content::text, r.note, r.based_on,
    (SELECT public_id FROM accounts WHERE id = r.account_id), r.created_at, r.deployed_at
"""
_MADE_OF: LiteralString = """
    data_set_id = %(data_set)s, name = %(name)s, description = %(description)s, instructions = %(instructions)s,
    model = %(model)s, tools = %(tools)s, limits = %(limits)s::jsonb, settings = %(settings)s::jsonb,
    instances_count = %(instances)s, deployed_at = now(), updated_at = now()
"""
_CONTENT = msgspec.json.Decoder(AgentContent)


def agent_of_turn(row: TupleRow, *, number: int | None, content: str | None) -> Agent:
    """The agent in the columns of `AGENT_COLUMNS`, as it was at revision `number` if there is a content of that."""
    agent = agent_from(row)  # pyright: ignore[reportArgumentType] - the columns as selected
    if number is None or content is None:
        return agent
    return replace(with_content(agent, _CONTENT.decode(content)), revision=number)


async def lock(connection: Connection, *, agent_id: int) -> Agent | None:
    """The live agent, kept from being changed until the transaction ends; None when it is gone."""
    return await _agent(
        connection,
        f"SELECT {AGENT_COLUMNS} FROM agents a WHERE a.id = %(id)s AND a.deleted_at IS NULL FOR UPDATE",
        {"id": agent_id},
    )


async def add(
    connection: Connection, agent: Agent, *, deploys: bool, note: str | None, based_on: int, author: int | None
) -> Agent:
    """Write what a locked agent is made of now as its newest revision, which answers from now on if it `deploys`."""
    live: LiteralString = f", revision = latest_revision + 1, {_MADE_OF}" if deploys else ", updated_at = now()"
    changed = await _agent(
        connection,
        f"""
        WITH a AS (
            UPDATE agents SET latest_revision = latest_revision + 1, version = version + 1{live}
            WHERE id = %(id)s RETURNING *
        ), made AS (
            INSERT INTO agent_revisions (agent_id, number, content, note, based_on, account_id, deployed_at)
            SELECT id, latest_revision, %(content)s::jsonb, %(note)s, %(based_on)s, %(author)s,
                   CASE WHEN %(deploys)s THEN now() END
            FROM a
        ) SELECT {AGENT_COLUMNS} FROM a
        """,
        {
            **agent_values(agent),
            "id": agent.id,
            "deploys": deploys,
            "note": note,
            "based_on": based_on,
            "author": author,
        },
    )
    assert changed is not None, "the agent is locked"
    return changed


async def deploy(connection: Connection, agent: Agent, *, number: int) -> Agent:
    """Have a locked agent answer with the revision of this number, which is what `agent` is made of."""
    changed = await _agent(
        connection,
        f"""
        WITH a AS (
            UPDATE agents SET revision = %(number)s, version = version + 1, {_MADE_OF} WHERE id = %(id)s RETURNING *
        ), noted AS (
            UPDATE agent_revisions SET deployed_at = now() WHERE agent_id = %(id)s AND number = %(number)s
        ) SELECT {AGENT_COLUMNS} FROM a
        """,
        {**agent_values(agent), "id": agent.id, "number": number},
    )
    assert changed is not None, "the agent is locked"
    return changed


async def find(connection: Connection, *, agent_id: int, number: int) -> Revision | None:
    """One revision of an agent that the caller may see."""
    found = await _revisions(connection, "r.number = %(number)s", {"agent": agent_id, "number": number, "limit": 1})
    return found[0] if found else None


async def page(connection: Connection, *, agent_id: int, before: int | None, limit: int) -> list[Revision]:
    """Revisions of an agent that the caller may see, newest first, with numbers below `before`."""
    return await _revisions(
        connection,
        "(%(before)s::integer IS NULL OR r.number < %(before)s)",
        {"agent": agent_id, "before": before, "limit": limit},
    )


async def data_set_ids(connection: Connection, numbers: Sequence[int]) -> dict[int, UUID]:
    """The public ids of data sets by their numbers, of those that there are."""
    if not numbers:
        return {}
    cursor = await connection.execute("SELECT id, public_id FROM data_sets WHERE id = ANY(%s)", (list(set(numbers)),))
    return {int(row[0]): row[1] for row in await cursor.fetchall()}


async def _revisions(connection: Connection, which: LiteralString, values: dict[str, object]) -> list[Revision]:
    cursor = await connection.execute(
        f"SELECT {_COLUMNS} FROM agent_revisions r WHERE r.agent_id = %(agent)s AND {which}"
        " ORDER BY r.number DESC LIMIT %(limit)s",
        values,
    )
    return [_revision(row) for row in await cursor.fetchall()]


def _revision(row: TupleRow) -> Revision:
    return Revision(
        number=row[0],
        content=_CONTENT.decode(row[1]),
        note=row[2],
        based_on=row[3],
        author=row[4],
        created_at=row[5],
        deployed_at=row[6],
    )


async def _agent(connection: Connection, query: LiteralString, values: dict[str, object]) -> Agent | None:
    cursor = await connection.execute(query, values)
    row: AgentRow | None = await cursor.fetchone()  # pyright: ignore[reportAssignmentType] - the columns as selected
    return None if row is None else agent_from(row)
