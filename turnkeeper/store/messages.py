"""Messages at rest: accepted in one statement together with their event and the task that will answer them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import Citation, Entry, Message, MessageRole, MessageStatus, Origin, Standing
from turnkeeper.core.feedback import Feedback
from turnkeeper.core.files import File
from turnkeeper.core.overlap import Overlap, Ruling, Unfinished
from turnkeeper.core.usage import Usage
from turnkeeper.store.agents import AGENT_IS_VISIBLE
from turnkeeper.store.connection import Texts
from turnkeeper.store.conversations import (
    INSERT_CONVERSATION,
    THIS_IS_VISIBLE,
    NewConversation,
    new_values,
    which,
)
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

MESSAGE_COLUMNS: LiteralString = """
    m.id, m.public_id, m.conversation_id, c.public_id, m.role, m.status, m.text, m.reply_to, m.first_event,
    m.usage::text, m.model, m.citations::text, m.created_at, m.updated_at, m.agent_revision,
    CASE WHEN c.has_files THEN (
        SELECT jsonb_agg(jsonb_build_object(
            'id', f.id, 'public_id', f.public_id, 'name', f.name, 'media_type', f.media_type, 'size', b.size,
            'conversation_id', f.conversation_id, 'created_at', f.created_at) ORDER BY s.place)
        FROM message_files s JOIN files f ON f.id = s.file_id JOIN blobs b ON b.id = f.blob_id
        WHERE s.message_id = coalesce(m.reply_to, m.id) AND s.is_written = (m.role <> 'user')
    )::text END,
    m.overlap, m.answered_with, m.left_out,
    CASE WHEN m.role = 'assistant' THEN (
        SELECT jsonb_agg(jsonb_build_object(
            'account_id', o.public_id, 'rating', k.rating, 'comment', k.comment, 'updated_at', k.updated_at)
            ORDER BY k.id)
        FROM feedback k LEFT JOIN accounts o ON o.id = k.account_id WHERE k.message_id = m.id
    )::text END
"""
"""Of `m` in its conversation `c`, for `message_from`."""
MESSAGE_WIDTH = 20
_COLUMNS_OF_REPLY: LiteralString = MESSAGE_COLUMNS.replace("m.", "r.")

# Every accepted message comes with its first event and the task that answers it, or not at all. The task's lock is the
# conversation: its messages are answered one at a time, in the order in which this statement took the row's lock.
# Its queue is the organization: workers that have much to do take from each in turn.
_MESSAGE_EVENT_TASK_BY: LiteralString = """
    message AS (
        INSERT INTO messages (public_id, conversation_id, role, status, text, first_event{columns})
        SELECT %(message)s, talk.id, 'user', 'queued', %(text)s, talk.last_event{values} FROM talk
        RETURNING id, conversation_id, first_event
    ), logged AS (
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT conversation_id, first_event, id, 'message.queued', {body} FROM message
    )
    SELECT talk.id, talk.public_id, message.id, defer_task(
        'answer', 'conversation:' || talk.id,
        jsonb_build_object('message_id', message.id, 'request_id', %(request_id)s::text),
        'organization:' || talk.organization_id)
    FROM talk, message
"""

_MESSAGE_EVENT_TASK: LiteralString = (
    _MESSAGE_EVENT_TASK_BY.replace("{columns}", "").replace("{values}", "").replace("{body}", "'{}'")
)
_MESSAGE_EVENT_TASK_OVERLAPPING: LiteralString = (
    _MESSAGE_EVENT_TASK_BY.replace("{columns}", ", overlap, steers")
    .replace("{values}", ", nullif(%(applied)s::text, 'enqueue'), %(steers)s::bigint")
    .replace("{body}", "jsonb_build_object('overlap', %(applied)s::text)")
)

# A conversation may be about another data set than its agent is.
_DATA_SET_IS_OPEN: LiteralString = """
    EXISTS (SELECT 1 FROM data_set_members s WHERE s.data_set_id = c.data_set_id AND s.account_id = %(account)s)
"""

# The conversation with its agent, as long as this caller may send messages to it.
_TAKES_MESSAGES: LiteralString = f"""
    {THIS_IS_VISIBLE}
    AND a.id = c.agent_id AND a.deleted_at IS NULL
    AND (%(origin)s::text IS NULL OR c.origin = %(origin)s)
    AND c.status IN ('active', 'error')
    AND (%(data_set)s::bigint IS NULL OR c.data_set_id = %(data_set)s)
    AND {AGENT_IS_VISIBLE}
    AND (%(is_admin)s OR c.data_set_id IS NOT DISTINCT FROM a.data_set_id OR {_DATA_SET_IS_OPEN})
"""

_FILES = msgspec.json.Decoder(tuple[File, ...])
_CITATIONS = msgspec.json.Decoder(tuple[Citation, ...])
_USAGE = msgspec.json.Decoder(Usage)
_FEEDBACK = msgspec.json.Decoder(tuple[Feedback, ...])


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMessage:
    """A message for a conversation that there is."""

    public_id: UUID
    conversation: int | UUID
    text: str
    summary: str
    """Becomes the conversation's, if it has none yet."""
    only_own: bool
    """Whether only the caller's own conversations count, also for an admin."""
    origin: Origin | None
    """The only origin that the conversation may have; None for any."""
    data_set_id: int | None
    """The only data set that the conversation may be about; None for any."""
    request_id: str | None
    """The request that brought it, for the log."""
    overlap: Overlap | None = None
    """What is to become of it while others are unfinished; None for what the agent's settings say."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageState:
    """How far a message is: what is asked for most often, and nothing else."""

    conversation_id: int
    role: MessageRole
    status: MessageStatus


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The ids of a message that was written and will be answered."""

    conversation_id: int
    conversation_public_id: UUID
    message_id: int
    message_public_id: UUID
    overlap: Overlap = "enqueue"
    """What was done with it."""


_BEHIND: LiteralString = (
    "((SELECT coalesce(b.reply_to, b.id) FROM messages b"
    " WHERE b.id = %(behind)s AND b.conversation_id = %(conversation)s), %(behind)s)"
)
_ASCENDING: tuple[LiteralString, LiteralString] = (
    f"(coalesce(m.reply_to, m.id), m.id) > {_BEHIND}",
    "coalesce(m.reply_to, m.id), m.id",
)
_DESCENDING: tuple[LiteralString, LiteralString] = (
    f"(coalesce(m.reply_to, m.id), m.id) < {_BEHIND}",
    "coalesce(m.reply_to, m.id) DESC, m.id DESC",
)


async def start(
    connection: Connection,
    caller: Caller,
    new: NewConversation,
    *,
    message: UUID,
    text: str,
    request_id: str | None,
) -> Accepted | None:
    """Begin a conversation with its first message; None when the caller has no such live agent."""
    cursor = await connection.execute(
        f"WITH talk AS ({INSERT_CONVERSATION}), {_MESSAGE_EVENT_TASK}",
        {**new_values(caller, new, events=1), "message": message, "text": text, "request_id": request_id},
    )
    return _accepted(await cursor.fetchone(), message)


async def send(connection: Connection, caller: Caller, new: NewMessage) -> Accepted | None:
    """Add a message to a conversation of the caller's, to be answered after those before it.

    None when there is no conversation that takes messages, or the policy for those that overlap is another.
    """
    cursor = await connection.execute(
        f"""
        WITH talk AS (
            UPDATE conversations c
            SET last_event = last_event + 1, summary = coalesce(summary, %(summary)s), status = 'active',
                updated_at = clock_timestamp()
            FROM agents a
            WHERE {which("c", new.conversation)} AND {_TAKES_MESSAGES}
              AND coalesce(%(overlap)s::text, a.settings ->> 'overlap', 'enqueue') = 'enqueue'
            RETURNING c.id, c.public_id, c.last_event, c.organization_id
        ), {_MESSAGE_EVENT_TASK}
        """,
        {**_sendable(caller, new), **_written(new)},
    )
    return _accepted(await cursor.fetchone(), new.public_id)


async def send_overlapping(
    connection: Connection, new: NewMessage, *, conversation_id: int, ruling: Ruling
) -> Accepted:
    """Add a message as it was ruled, in the transaction that holds the conversation's lock: see `lock_to_send`."""
    cursor = await connection.execute(
        f"""
        WITH talk AS (
            UPDATE conversations c
            SET last_event = last_event + 1, summary = coalesce(summary, %(summary)s), status = 'active',
                updated_at = clock_timestamp(),
                joining = CASE WHEN %(applied)s::text IN ('steer', 'merge') THEN last_event + 1 ELSE joining END
            WHERE c.id = %(conversation)s RETURNING c.id, c.public_id, c.last_event, c.organization_id
        ), {_MESSAGE_EVENT_TASK_OVERLAPPING}
        """,
        {
            **_written(new),
            "conversation": conversation_id,
            "applied": ruling.applied,
            "steers": ruling.steers,
        },
    )
    accepted = _accepted(await cursor.fetchone(), new.public_id)
    assert accepted is not None, "the row of the conversation is held"
    return replace(accepted, overlap=ruling.applied)


async def answer_with(connection: Connection, *, message_id: int, revision: int) -> bool:
    """Say which revision of its agent answers a message that nobody has begun; False when the agent has none such."""
    cursor = await connection.execute(
        """
        UPDATE messages m SET agent_revision = r.number FROM conversations c, agent_revisions r
        WHERE m.id = %(message)s AND c.id = m.conversation_id AND r.agent_id = c.agent_id AND r.number = %(revision)s
        """,
        {"message": message_id, "revision": revision},
    )
    return cursor.rowcount == 1


async def lock_to_send(connection: Connection, caller: Caller, new: NewMessage) -> tuple[int, Overlap] | None:
    """Hold the conversation's row until the transaction ends; its id, and the policy for the message.

    None when there is no conversation that takes messages.
    """
    cursor = await connection.execute(
        f"""
        SELECT c.id, coalesce(%(overlap)s::text, a.settings ->> 'overlap', 'enqueue') FROM conversations c, agents a
        WHERE {which("c", new.conversation)} AND {_TAKES_MESSAGES} FOR UPDATE OF c
        """,
        _sendable(caller, new),
    )
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def unfinished(connection: Connection, *, conversation_id: int) -> list[Unfinished]:
    """The messages that are not finished, in order, without those that are part of an earlier one's turn."""
    cursor = await connection.execute(
        """
        SELECT m.id, m.status = 'pending', m.parked, EXISTS (
            SELECT 1 FROM effects e WHERE e.message_id = m.id AND e.state = 'intended')
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE c.id = %s AND coalesce(m.reply_to, m.id) > c.answered AND m.status IN ('queued', 'pending')
          AND m.answered_with IS NULL
        ORDER BY m.id
        """,
        (conversation_id,),
    )
    return [
        Unfinished(id=row[0], is_begun=row[1], is_parked=row[2], is_acting=row[3]) for row in await cursor.fetchall()
    ]


async def find(connection: Connection, caller: Caller, *, message: int | UUID, only_own: bool) -> Message | None:
    """The message with this integer or public id, if the caller may see its conversation."""
    cursor = await connection.execute(
        f"SELECT {MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id"
        f" WHERE {which('m', message)} AND {THIS_IS_VISIBLE}",
        {**scope(caller), "wanted": message, "only_own": only_own},
    )
    row = await cursor.fetchone()
    return None if row is None else message_from(row)


async def find_each(
    connection: Connection, caller: Caller, wanted: Sequence[UUID], *, only_own: bool
) -> dict[UUID, Message]:
    """The messages with these public ids; those whose conversation the caller may see."""
    cursor = await connection.execute(_MESSAGES, {**scope(caller), "wanted": _texts(wanted), "only_own": only_own})
    return {row[1]: message_from(row) for row in await cursor.fetchall()}


_STANDING: LiteralString = f"""
    SELECT {MESSAGE_COLUMNS}, {_COLUMNS_OF_REPLY}, q.public_id, e.body ->> 'code', m.parked, ARRAY(
        SELECT p.public_id FROM approvals p WHERE p.message_id = m.id AND p.state = 'waiting' ORDER BY p.id),
        l.public_id
    FROM messages m JOIN conversations c ON c.id = m.conversation_id
    LEFT JOIN messages q ON q.id = m.reply_to
    LEFT JOIN messages l ON l.id = m.answered_with
    LEFT JOIN messages r ON r.reply_to = coalesce(m.answered_with, m.id)
    -- The event that made the reply is the one that closed the turn.
    LEFT JOIN events e ON e.conversation_id = r.conversation_id AND e.number = r.first_event
"""


# Several by their public ids. `OFFSET 0` has each looked up by itself, as one alone is: no other plan can be made and kept.
_EACH: LiteralString = """
    SELECT found.* FROM unnest((SELECT %(wanted)b::text[]::uuid[])) AS wanted (id), LATERAL (
        {found} WHERE m.public_id = wanted.id AND {visible} OFFSET 0) AS found
"""
_MESSAGES: LiteralString = _EACH.replace(
    "{found}", f"SELECT {MESSAGE_COLUMNS} FROM messages m JOIN conversations c ON c.id = m.conversation_id"
).replace("{visible}", THIS_IS_VISIBLE)
_STANDINGS: LiteralString = _EACH.replace("{found}", _STANDING).replace("{visible}", THIS_IS_VISIBLE)
_STATES: LiteralString = _EACH.replace(
    "{found}",
    "SELECT m.public_id, c.id, m.role, m.status FROM messages m JOIN conversations c ON c.id = m.conversation_id",
).replace("{visible}", THIS_IS_VISIBLE)


async def standing(connection: Connection, caller: Caller, *, message: UUID) -> Standing | None:
    """How the message with this public id stands, all of one moment, if the caller may see its conversation."""
    return (await standings(connection, caller, [message])).get(message)


async def standings(connection: Connection, caller: Caller, wanted: Sequence[UUID]) -> dict[UUID, Standing]:
    """How the messages with these public ids stand, all of one moment; those whose conversation the caller may see."""
    cursor = await connection.execute(_STANDINGS, {**scope(caller), "wanted": _texts(wanted), "only_own": False})
    return {row[1]: _standing_from(row) for row in await cursor.fetchall()}


async def newest_standings(connection: Connection, *, conversation_id: int, limit: int) -> list[Standing]:
    """How the newest `limit` messages of a conversation stand, each with its reply, oldest first."""
    cursor = await connection.execute(
        f"{_STANDING} WHERE m.conversation_id = %s AND m.reply_to IS NULL"
        " AND m.left_out IS DISTINCT FROM 'superseded' ORDER BY m.id DESC LIMIT %s",
        (conversation_id, limit),
    )
    return [_standing_from(row) for row in reversed(await cursor.fetchall())]


async def states_of(
    connection: Connection, caller: Caller, wanted: Sequence[UUID], *, only_own: bool
) -> dict[UUID, MessageState]:
    """How far the messages with these public ids are; those whose conversation the caller may see."""
    cursor = await connection.execute(_STATES, {**scope(caller), "wanted": _texts(wanted), "only_own": only_own})
    return {row[0]: MessageState(conversation_id=row[1], role=row[2], status=row[3]) for row in await cursor.fetchall()}


def place_in_talk(message: Message) -> tuple[int, int]:
    """Where a message stands in its talk: behind the one that it answers, or was answered with."""
    return (message.answered_with or message.reply_to or message.id, message.id)


async def page(
    connection: Connection, *, conversation_id: int, behind: int | None, newest_first: bool, limit: int
) -> list[Entry]:
    """Up to `limit` entries of a conversation that the caller was allowed to see, behind the one with the id `behind`.

    In the order of reading, each message followed by its reply, or in the opposite order; not what was superseded.
    """
    beyond, order = _DESCENDING if newest_first else _ASCENDING
    cursor = await connection.execute(
        f"""
        SELECT {MESSAGE_COLUMNS}, (SELECT q.public_id FROM messages q WHERE q.id = m.reply_to),
               (SELECT w.public_id FROM messages w WHERE w.id = m.answered_with)
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.conversation_id = %(conversation)s AND (%(behind)s::bigint IS NULL OR {beyond})
          AND m.left_out IS DISTINCT FROM 'superseded'
        ORDER BY {order} LIMIT %(limit)s
        """,
        {"conversation": conversation_id, "behind": behind, "limit": limit},
    )
    rows = await cursor.fetchall()
    return [
        Entry(message=message_from(row), answers=row[MESSAGE_WIDTH], answered_with=row[MESSAGE_WIDTH + 1])
        for row in rows
    ]


def message_from(row: TupleRow) -> Message:
    """The message in the columns that this file selects."""
    return Message(
        id=row[0],
        public_id=row[1],
        conversation_id=row[2],
        conversation_public_id=row[3],
        role=row[4],
        status=row[5],
        text=row[6],
        reply_to=row[7],
        first_event=row[8],
        usage=None if row[9] is None else _USAGE.decode(row[9]),
        model=row[10],
        citations=() if row[11] is None else _CITATIONS.decode(row[11]),
        created_at=row[12],
        updated_at=row[13],
        agent_revision=row[14],
        files=() if row[15] is None else _FILES.decode(row[15]),
        overlap=row[16] or "enqueue",
        answered_with=row[17],
        left_out=row[18],
        feedback=() if row[19] is None else _FEEDBACK.decode(row[19]),
    )


def _texts(ids: Sequence[UUID]) -> Texts:
    return Texts(map(str, ids))


def _sendable(caller: Caller, new: NewMessage) -> dict[str, object]:
    """The parameters that find a conversation to send to."""
    return {
        **scope(caller),
        "wanted": new.conversation,
        "only_own": new.only_own,
        "origin": new.origin,
        "data_set": new.data_set_id,
        "overlap": new.overlap,
    }


def _written(new: NewMessage) -> dict[str, object]:
    """The parameters that write a message."""
    return {"message": new.public_id, "text": new.text, "summary": new.summary, "request_id": new.request_id}


def _standing_from(row: TupleRow) -> Standing:
    reply, rest = row[MESSAGE_WIDTH : 2 * MESSAGE_WIDTH], row[2 * MESSAGE_WIDTH :]
    return Standing(
        message=message_from(row),
        reply=None if reply[0] is None else message_from(reply),
        answers=rest[0],
        error=rest[1],
        is_parked=rest[2],
        waits_for=tuple(rest[3]),
        answered_with=rest[4],
    )


def _accepted(row: TupleRow | None, message: UUID) -> Accepted | None:
    if row is None:
        return None
    return Accepted(conversation_id=row[0], conversation_public_id=row[1], message_id=row[2], message_public_id=message)
