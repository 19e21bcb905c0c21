"""Leaving a part of a talk behind: what stands there is kept, and marked; the agent does not remember it any more."""

from dataclasses import dataclass
from uuid import UUID

from turnkeeper.store.database import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class Original:
    """A message in whose place another is to stand, under the lock of its conversation."""

    text: str
    is_superseded: bool
    is_busy: bool
    """Whether it, or something after it, is unfinished."""
    joined: tuple[tuple[int, str], ...]
    """The ids and texts of the messages that were answered with it, in order."""


async def original(connection: Connection, *, message_id: int) -> Original | None:
    """How a message of a person stands; None when it is gone."""
    cursor = await connection.execute(
        """
        SELECT m.text, m.left_out IS NOT DISTINCT FROM 'superseded', EXISTS (
            SELECT 1 FROM messages u
            WHERE u.conversation_id = m.conversation_id AND coalesce(u.reply_to, u.id) >= m.id
              AND u.status IN ('queued', 'pending'))
        FROM messages m WHERE m.id = %s
        """,
        (message_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    cursor = await connection.execute(
        "SELECT id, text FROM messages WHERE answered_with = %s AND left_out IS DISTINCT FROM 'superseded' ORDER BY id",
        (message_id,),
    )
    joined = tuple([(int(one), str(text)) for one, text in await cursor.fetchall()])
    return Original(text=row[0], is_superseded=row[1], is_busy=row[2], joined=joined)


async def supersede(connection: Connection, *, conversation_id: int, from_message: int, by: UUID, summary: str) -> None:
    """Mark the talk from this message on as left behind, and tell so. To be called under the conversation's lock.

    What was answered with an earlier message belongs to that one and stays. When nothing stays, `summary` becomes the
    conversation's.
    """
    await connection.execute(
        """
        WITH gone AS (
            UPDATE messages SET left_out = 'superseded', updated_at = clock_timestamp()
            WHERE conversation_id = %(conversation)s AND coalesce(reply_to, id) >= %(message)s
              AND coalesce(answered_with, reply_to, id) >= %(message)s AND left_out IS DISTINCT FROM 'superseded'
            RETURNING id
        ), talk AS (
            UPDATE conversations c SET last_event = last_event + 1, updated_at = clock_timestamp(),
                summary = CASE WHEN EXISTS (
                    SELECT 1 FROM messages k WHERE k.conversation_id = c.id AND coalesce(k.reply_to, k.id) < %(message)s
                      AND k.left_out IS DISTINCT FROM 'superseded') THEN c.summary ELSE %(summary)s END
            WHERE c.id = %(conversation)s RETURNING c.id, c.last_event
        )
        INSERT INTO events (conversation_id, number, message_id, kind, body)
        SELECT talk.id, talk.last_event, %(message)s, 'messages.superseded', jsonb_build_object(
            'by', %(by)s::uuid, 'count', (SELECT count(*) FROM gone))
        FROM talk
        """,
        {"conversation": conversation_id, "message": from_message, "by": by, "summary": summary},
    )


async def attach_the_same(connection: Connection, *, from_message: int, to_message: int) -> None:
    """Give a message the files that another one of its conversation came with."""
    await connection.execute(
        """
        INSERT INTO message_files (message_id, file_id, conversation_id, place)
        SELECT %s, file_id, conversation_id, place FROM message_files WHERE message_id = %s AND NOT is_written
        """,
        (to_message, from_message),
    )
