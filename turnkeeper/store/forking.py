"""Forks at rest: the beginning of a conversation, written a second time.

Messages get new ids in their old order, events new numbers without gaps. Effects and approvals are not copied: what was done
was done once, and there, and nobody is asked again. A talk that was superseded lives on in a fork of itself.
"""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from turnkeeper.core.accounts import Caller
from turnkeeper.store.conversations import THIS_IS_VISIBLE
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope


@dataclass(frozen=True, kw_only=True, slots=True)
class ForkPoint:
    """Where a conversation is to be forked."""

    conversation_id: int
    last: int
    """The message (no reply) after whose answer the fork ends."""
    has_open: bool
    """Whether a message up to there is not finished."""


# Ids are of one sequence for messages and files, and their order tells what came before what. Events keep their order; a
# message's first event is found by its old number.
_MAPPED: LiteralString = """
    CREATE TEMPORARY TABLE fork_ids ON COMMIT DROP AS
    SELECT old, is_file, nextval('messages_id_seq') AS new FROM (
        SELECT id AS old, false AS is_file FROM messages
        WHERE conversation_id = %(source)s AND (coalesce(reply_to, id) <= %(last)s OR answered_with <= %(last)s)
        UNION
        SELECT s.file_id, true FROM message_files s JOIN messages m ON m.id = s.message_id
        WHERE s.conversation_id = %(source)s AND (m.id <= %(last)s OR m.answered_with <= %(last)s)
        ORDER BY 1
    ) s
"""
_NUMBERED: LiteralString = """
    CREATE TEMPORARY TABLE fork_numbers ON COMMIT DROP AS
    SELECT e.number AS old, row_number() OVER (ORDER BY e.number) AS new
    FROM events e JOIN fork_ids f ON f.old = e.message_id AND NOT f.is_file
    WHERE e.conversation_id = %(source)s AND (e.kind <> 'messages.superseded' OR EXISTS (
        SELECT 1 FROM messages b JOIN fork_ids i ON i.old = b.id AND NOT i.is_file
        WHERE b.public_id = (e.body ->> 'by')::uuid))
"""
_COPIES: tuple[LiteralString, ...] = (
    """
    INSERT INTO messages (id, public_id, conversation_id, role, status, text, reply_to, first_event, attempt, model, usage,
                          citations, created_at, updated_at, overlap, answered_with, joined_call, left_out)
    OVERRIDING SYSTEM VALUE
    SELECT i.new, make_public_id(), %(target)s, m.role, m.status, m.text, r.new, n.new, m.attempt, m.model, m.usage,
           m.citations, m.created_at, m.updated_at, m.overlap, w.new, m.joined_call,
           CASE WHEN m.left_out IS NOT DISTINCT FROM 'superseded' AND NOT EXISTS (
               SELECT 1 FROM fork_numbers k JOIN events e ON e.conversation_id = %(source)s AND e.number = k.old
               JOIN messages b ON b.public_id = (e.body ->> 'by')::uuid
               WHERE e.kind = 'messages.superseded' AND e.message_id <= coalesce(m.reply_to, m.id) AND b.id > m.id
           ) THEN NULL ELSE m.left_out END
    FROM fork_ids i JOIN messages m ON m.id = i.old AND NOT i.is_file
    JOIN fork_numbers n ON n.old = m.first_event LEFT JOIN fork_ids r ON r.old = m.reply_to AND NOT r.is_file
    LEFT JOIN fork_ids w ON w.old = m.answered_with AND NOT w.is_file
    ORDER BY i.new
    """,
    """
    INSERT INTO events (conversation_id, number, message_id, kind, body, created_at)
    SELECT %(target)s, n.new, i.new, e.kind,
           CASE WHEN r.new IS NOT NULL THEN e.body || jsonb_build_object('reply_id', r.new)
                WHEN e.kind = 'message.absorbed' THEN e.body || jsonb_build_object('into', (
                    SELECT t.public_id FROM messages b JOIN fork_ids x ON x.old = b.id AND NOT x.is_file
                    JOIN messages t ON t.id = x.new WHERE b.public_id = (e.body ->> 'into')::uuid))
                WHEN e.kind = 'messages.superseded' THEN e.body || jsonb_build_object('by', (
                    SELECT t.public_id FROM messages b JOIN fork_ids x ON x.old = b.id AND NOT x.is_file
                    JOIN messages t ON t.id = x.new WHERE b.public_id = (e.body ->> 'by')::uuid))
                ELSE e.body END, e.created_at
    FROM fork_numbers n JOIN events e ON e.conversation_id = %(source)s AND e.number = n.old
    JOIN fork_ids i ON i.old = e.message_id AND NOT i.is_file
    LEFT JOIN fork_ids r ON r.old = (e.body ->> 'reply_id')::bigint AND NOT r.is_file
    """,
    """
    INSERT INTO steps (message_id, name, value, created_at)
    SELECT i.new, s.name, s.value, s.created_at
    FROM fork_ids i JOIN steps s ON s.message_id = i.old WHERE NOT i.is_file
    """,
    """
    INSERT INTO files (id, public_id, organization_id, account_id, conversation_id, blob_id, name, media_type, unused_since,
                       created_at)
    SELECT i.new, make_public_id(), f.organization_id, %(account)s,
           CASE WHEN f.conversation_id IS NULL THEN NULL ELSE %(target)s::bigint END, f.blob_id, f.name, f.media_type, NULL,
           f.created_at
    FROM fork_ids i JOIN files f ON f.id = i.old WHERE i.is_file
    """,
    """
    INSERT INTO message_files (message_id, file_id, conversation_id, place, is_written)
    SELECT m.new, f.new, %(target)s, s.place, s.is_written
    FROM message_files s JOIN fork_ids m ON m.old = s.message_id AND NOT m.is_file
    JOIN fork_ids f ON f.old = s.file_id AND f.is_file WHERE s.conversation_id = %(source)s
    """,
    """
    INSERT INTO feedback (message_id, account_id, rating, comment, created_at, updated_at)
    SELECT i.new, k.account_id, k.rating, k.comment, k.created_at, k.updated_at
    FROM fork_ids i JOIN feedback k ON k.message_id = i.old WHERE NOT i.is_file ORDER BY k.id
    """,
    """
    INSERT INTO memories (conversation_id, up_to_message_id, text, model)
    SELECT %(target)s, i.new, y.text, y.model
    FROM memories y JOIN fork_ids i ON i.old = y.up_to_message_id AND NOT i.is_file WHERE y.conversation_id = %(source)s
    """,
    """
    UPDATE conversations c SET
        last_event = (SELECT count(*) FROM fork_numbers),
        answered = (SELECT coalesce(max(i.new), 0) FROM fork_ids i JOIN messages m ON m.id = i.old
                    WHERE NOT i.is_file AND m.role = 'user'),
        has_files = EXISTS (SELECT 1 FROM fork_ids WHERE is_file),
        summary = (SELECT summary FROM conversations WHERE id = %(source)s)
    WHERE c.id = %(target)s
    """,
)


async def point(connection: Connection, caller: Caller, *, conversation: UUID, message: UUID) -> ForkPoint | None:
    """Where to fork a conversation that the caller may see, at a message or a reply of it.

    The conversation is not deleted until the transaction ends.
    """
    cursor = await connection.execute(
        f"""
        SELECT c.id, coalesce(m.reply_to, m.answered_with, m.id), EXISTS (
            SELECT 1 FROM messages o WHERE o.conversation_id = c.id AND coalesce(o.reply_to, o.id) > c.answered
              AND coalesce(o.reply_to, o.id) <= coalesce(m.reply_to, m.id) AND o.status IN ('queued', 'pending'))
        FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.public_id = %(message)s
        WHERE {THIS_IS_VISIBLE} AND c.public_id = %(conversation)s FOR KEY SHARE OF c
        """,
        {**scope(caller), "only_own": False, "conversation": conversation, "message": message},
    )
    row = await cursor.fetchone()
    return None if row is None else ForkPoint(conversation_id=row[0], last=row[1], has_open=row[2])


async def copy(connection: Connection, caller: Caller, *, source: ForkPoint, target_id: int) -> None:
    """Write the beginning of one conversation into another that is empty. Takes a transaction, in which it is done once."""
    values = {
        "source": source.conversation_id,
        "last": source.last,
        "target": target_id,
        "account": caller.account_id,
    }
    # Tables that nobody analyzed yet make the planner expect a handful of rows; with indexes that does no harm.
    await connection.execute(_MAPPED, values)
    await connection.execute("CREATE UNIQUE INDEX ON fork_ids (old)")
    await connection.execute("ANALYZE fork_ids")
    await connection.execute(_NUMBERED, values)
    await connection.execute("CREATE UNIQUE INDEX ON fork_numbers (old)")
    await connection.execute("ANALYZE fork_numbers")
    for statement in _COPIES:
        await connection.execute(statement, values)
