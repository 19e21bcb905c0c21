"""Messages that a running turn takes in: those that steer it, and those that are answered together with it.

`conversations.joining` is the number of the event with which the newest such message came. Every write of a turn reads it
from the row that it updates anyway, so that a turn looks here only when there is something to take.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import TupleRow

from turnkeeper.core.overlap import Behind, joining
from turnkeeper.store.database import Connection
from turnkeeper.store.turns import Claim, claim_lost

MOST_AT_ONCE = 50
"""Messages that are looked at before one call of the model."""


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinedMessage:
    """A message that a turn has taken in."""

    id: int
    text: str
    has_files: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What a look at the messages behind a turn came to. `looked_to` is the conversation's `joining` at that moment."""

    messages: tuple[JoinedMessage, ...]
    looked_to: int


_COLUMNS: LiteralString = "m.id, m.text, EXISTS (SELECT 1 FROM message_files f WHERE f.message_id = m.id)"

_BEHIND: LiteralString = """
    SELECT id, CASE WHEN overlap = 'steer' AND steers = %(message)s THEN 'steers' WHEN overlap = 'merge' THEN 'merges'
                    ELSE 'waits' END
    FROM messages
    WHERE conversation_id = %(conversation)s AND coalesce(reply_to, id) > %(message)s AND status = 'queued'
    ORDER BY id LIMIT %(limit)s
"""

_TAKE: LiteralString = f"""
    WITH talk AS (
        UPDATE conversations SET last_event = last_event + cardinality(%(ids)s::bigint[]), updated_at = clock_timestamp()
        WHERE id = %(conversation)s RETURNING id, last_event - cardinality(%(ids)s::bigint[]) AS base
    ), taken AS (
        UPDATE messages SET status = 'pending', answered_with = %(message)s, joined_call = %(call)s,
               updated_at = clock_timestamp()
        WHERE id = ANY(%(ids)s::bigint[])
    ), logged AS (
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT talk.id, talk.base + j.n, j.id, 'message.absorbed', jsonb_build_object(
            'into', %(public_id)s::uuid, 'model_call', %(call)s::integer, 'how', m.overlap)
        FROM talk, unnest(%(ids)s::bigint[]) WITH ORDINALITY AS j(id, n) JOIN messages m ON m.id = j.id
    )
    SELECT {_COLUMNS} FROM talk, messages m WHERE m.id = ANY(%(ids)s::bigint[]) ORDER BY m.id
"""


async def take(connection: Connection, claim: Claim, *, message_public_id: UUID, model_call: int) -> Taken:
    """Make the messages that wait for this turn a part of it, before this call of the model: 1, 2, 3 …

    To be called in a transaction. They are `pending` from now on, and end when the turn does.

    Raises:
        ClaimLostError: another worker answers this message now; nothing was taken.
    """
    cursor = await connection.execute(
        "SELECT joining FROM conversations WHERE id = %s AND claim = %s FOR UPDATE",
        (claim.conversation_id, claim.number),
    )
    talk = await cursor.fetchone()
    if talk is None:
        raise claim_lost()
    about = {"conversation": claim.conversation_id, "message": claim.message_id}
    cursor = await connection.execute(_BEHIND, {**about, "limit": MOST_AT_ONCE})
    behind = [Behind(id=row[0], way=row[1]) for row in await cursor.fetchall()]
    ids = joining(behind, before_first_call=model_call == 1)
    looked_to = int(talk[0]) if len(behind) < MOST_AT_ONCE else 0
    if not ids:
        return Taken(messages=(), looked_to=looked_to)
    values = {**about, "ids": list(ids), "public_id": message_public_id, "call": model_call}
    cursor = await connection.execute(_TAKE, values)
    return Taken(messages=tuple([_joined(row) for row in await cursor.fetchall()]), looked_to=looked_to)


async def taken_by(connection: Connection, *, message_id: int) -> Mapping[int, tuple[JoinedMessage, ...]]:
    """What the turn of this message has taken in, in earlier attempts, by the call of the model that it came before."""
    cursor = await connection.execute(
        f"SELECT {_COLUMNS}, m.joined_call FROM messages m WHERE m.answered_with = %s ORDER BY m.id", (message_id,)
    )
    found: dict[int, tuple[JoinedMessage, ...]] = {}
    for row in await cursor.fetchall():
        found[row[3]] = (*found.get(row[3], ()), _joined(row))
    return found


def _joined(row: TupleRow) -> JoinedMessage:
    return JoinedMessage(id=row[0], text=row[1], has_files=row[2])
