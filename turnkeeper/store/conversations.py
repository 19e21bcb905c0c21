"""Conversations at rest: born in one statement, read within what the caller may see."""

from dataclasses import dataclass
from typing import Literal, LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import AgentFilter, Conversation, Mode, Origin, Sort
from turnkeeper.core.labels import NO_LABELS, Labels
from turnkeeper.store.agents import AGENT_COLUMNS, AGENT_IS_VISIBLE, AGENT_WIDTH, agent_from
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

_OWN_COLUMNS: LiteralString = """
    c.id, c.public_id, c.organization_id, c.account_id, c.data_set_id, c.origin, c.mode, c.status, c.summary, c.last_event,
    c.created_at, c.updated_at
"""
CONVERSATION_COLUMNS: LiteralString = f"{_OWN_COLUMNS}, {AGENT_COLUMNS}"
"""Of `c` and its agent `a`, for `conversation_from`."""
CONVERSATION_WIDTH = 12 + AGENT_WIDTH

# Admins read every conversation of the organization, others their own.
CONVERSATION_IS_VISIBLE: LiteralString = (
    "c.organization_id = %(organization)s AND (c.account_id = %(account)s OR (%(is_admin)s AND NOT %(only_own)s))"
)
# Of one conversation, which is found by its id. Written so that no index over organizations or accounts fits: plans are
# kept, and one that was made while the table was small would read through all conversations of them later.
THIS_IS_VISIBLE: LiteralString = CONVERSATION_IS_VISIBLE.replace(
    "c.organization_id = %(organization)s", "c.organization_id IS NOT DISTINCT FROM %(organization)s"
).replace("c.account_id = %(account)s", "c.account_id IS NOT DISTINCT FROM %(account)s")

_ORDERS: dict[Sort, tuple[LiteralString, LiteralString]] = {
    "created_at_asc": ("(c.created_at, c.id) > (%(after_at)s, %(after_id)s)", "c.created_at, c.id"),
    "created_at_desc": ("(c.created_at, c.id) < (%(after_at)s, %(after_id)s)", "c.created_at DESC, c.id DESC"),
    "updated_at_asc": ("(c.updated_at, c.id) > (%(after_at)s, %(after_id)s)", "c.updated_at, c.id"),
    "updated_at_desc": ("(c.updated_at, c.id) < (%(after_at)s, %(after_id)s)", "c.updated_at DESC, c.id DESC"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class NewConversation:
    """What a caller decides about a conversation that is to begin."""

    public_id: UUID
    agent_id: int | None
    """None for the oldest agent of `agents_data_set_id`."""
    origin: Origin
    mode: Mode
    summary: str | None = None
    data_set_id: int | None = None
    """The data set to be about; None for the agent's."""
    labels: Labels = NO_LABELS
    agents_data_set_id: int | None = None


# The agent must be live and visible; otherwise nothing is written and no row comes back.
INSERT_CONVERSATION: LiteralString = f"""
    INSERT INTO conversations
        (public_id, organization_id, account_id, agent_id, data_set_id, origin, mode, summary, last_event, title, tags,
         metadata)
    SELECT %(public_id)s, a.organization_id, %(account)s, a.id, coalesce(%(data_set)s::bigint, a.data_set_id),
           %(origin)s, %(mode)s, %(summary)s, %(events)s, %(title)s, %(tags)s::text[], %(metadata)s::jsonb
    FROM agents a WHERE a.id = %(agent_id)s AND a.deleted_at IS NULL AND {AGENT_IS_VISIBLE}
    RETURNING *
"""
_INSERT_WITH_OLDEST_AGENT: LiteralString = INSERT_CONVERSATION.replace(
    "a.id = %(agent_id)s",
    """a.id = (
        SELECT o.id FROM agents o
        WHERE o.data_set_id = %(agents_data_set)s AND o.organization_id = %(organization)s AND o.deleted_at IS NULL
        ORDER BY o.id LIMIT 1)""",
)


def new_values(caller: Caller, new: NewConversation, *, events: int) -> dict[str, object]:
    """The parameters of `INSERT_CONVERSATION`; `events` is how many events come with it."""
    return {
        **scope(caller),
        "public_id": new.public_id,
        "agent_id": new.agent_id,
        "agents_data_set": new.agents_data_set_id,
        "origin": new.origin,
        "mode": new.mode,
        "summary": new.summary,
        "events": events,
        "data_set": new.data_set_id,
        **label_values(new.labels),
    }


def label_values(labels: Labels) -> dict[str, object]:
    """The columns of labels: null where nothing is said."""
    return {
        "title": labels.title,
        "tags": list(labels.tags) or None,
        "metadata": msgspec.json.encode(labels.metadata).decode() if labels.metadata else None,
    }


def which(table: Literal["c", "m"], wanted: int | UUID) -> LiteralString:
    """The condition that finds a row by its integer or its public id, the parameter `wanted`."""
    if isinstance(wanted, int):
        return "c.id = %(wanted)s" if table == "c" else "m.id = %(wanted)s"
    return "c.public_id = %(wanted)s" if table == "c" else "m.public_id = %(wanted)s"


async def create(connection: Connection, caller: Caller, new: NewConversation) -> Conversation | None:
    """Begin a conversation without a message; None when the caller has no such live agent."""
    insert = _INSERT_WITH_OLDEST_AGENT if new.agent_id is None else INSERT_CONVERSATION
    cursor = await connection.execute(
        f"WITH c AS ({insert}) SELECT {CONVERSATION_COLUMNS} FROM c JOIN agents a ON a.id = c.agent_id",
        new_values(caller, new, events=0),
    )
    row = await cursor.fetchone()
    return None if row is None else conversation_from(row)


async def find(
    connection: Connection, caller: Caller, *, conversation: int | UUID, only_own: bool
) -> Conversation | None:
    """The conversation with this integer or public id, if the caller may see it."""
    cursor = await connection.execute(
        f"SELECT {CONVERSATION_COLUMNS} FROM conversations c JOIN agents a ON a.id = c.agent_id"
        f" WHERE {THIS_IS_VISIBLE} AND {which('c', conversation)}",
        {**scope(caller), "only_own": only_own, "wanted": conversation},
    )
    row = await cursor.fetchone()
    return None if row is None else conversation_from(row)


async def page_of_own(
    connection: Connection, caller: Caller, *, agent_id: int | None, data_set_id: int | None, offset: int, limit: int
) -> tuple[int, list[Conversation]]:
    """How many conversations the caller has, and some of them, newest first."""
    where: LiteralString = f"""
        {CONVERSATION_IS_VISIBLE} AND (%(agent_id)s::bigint IS NULL OR c.agent_id = %(agent_id)s)
        AND (%(data_set_id)s::bigint IS NULL OR c.data_set_id = %(data_set_id)s)
    """
    values = {**scope(caller), "only_own": True, "agent_id": agent_id, "data_set_id": data_set_id}
    counted = await (await connection.execute(f"SELECT count(*) FROM conversations c WHERE {where}", values)).fetchone()
    cursor = await connection.execute(
        f"SELECT {CONVERSATION_COLUMNS} FROM conversations c JOIN agents a ON a.id = c.agent_id WHERE {where}"
        " ORDER BY c.id DESC OFFSET %(offset)s LIMIT %(limit)s",
        {**values, "offset": offset, "limit": limit},
    )
    return (int(counted[0]) if counted else 0), [conversation_from(row) for row in await cursor.fetchall()]


async def of_agent(connection: Connection, caller: Caller, wanted: AgentFilter) -> list[Conversation]:
    """Conversations with one agent that the caller may see."""
    beyond, order = _ORDERS[wanted.sort]
    cursor = await connection.execute(
        f"""
        SELECT {CONVERSATION_COLUMNS} FROM conversations c JOIN agents a ON a.id = c.agent_id
        WHERE {CONVERSATION_IS_VISIBLE} AND c.agent_id = %(agent_id)s
          AND (%(statuses)s::text[] IS NULL OR c.status = ANY(%(statuses)s::text[]))
          AND (%(updated_after)s::timestamptz IS NULL OR c.updated_at > %(updated_after)s::timestamptz)
          AND (%(after_id)s::bigint IS NULL OR {beyond})
        ORDER BY {order} OFFSET %(offset)s LIMIT %(limit)s
        """,
        {
            **scope(caller),
            "only_own": False,
            "agent_id": wanted.agent_id,
            "statuses": None if wanted.statuses is None else list(wanted.statuses),
            "updated_after": wanted.updated_after,
            "after_at": wanted.after[0] if wanted.after else None,
            "after_id": wanted.after[1] if wanted.after else None,
            "offset": wanted.offset,
            "limit": wanted.limit,
        },
    )
    return [conversation_from(row) for row in await cursor.fetchall()]


def conversation_from(row: TupleRow) -> Conversation:
    """The conversation in the first columns of a row, those of `CONVERSATION_COLUMNS`."""
    agent = agent_from(row[12 : 12 + AGENT_WIDTH])  # pyright: ignore[reportArgumentType] - the columns as selected
    return Conversation(
        id=row[0],
        public_id=row[1],
        organization_id=row[2],
        account_id=row[3],
        agent=agent,
        data_set_id=row[4],
        origin=row[5],
        mode=row[6],
        status=row[7],
        summary=row[8],
        last_event=row[9],
        created_at=row[10],
        updated_at=row[11],
    )
