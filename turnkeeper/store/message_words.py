"""The words of messages at rest: written behind, by those who search, so that nobody else pays for them.

Messages are read in the order of their ids, from where the last reader stopped. A message whose transaction is still open
has an id below those that are read already, so the newest stretch is always looked at again. Conversations that came whole,
by fork or import, tell by themselves that they are to be read.
"""

from typing import LiteralString

from turnkeeper.store.conversation_lists import SEARCHED_CHARACTERS
from turnkeeper.store.database import Connection

A_ROUND = 500
"""Messages that are read at once: about a tenth of a second."""
_OPEN_SECONDS = 300
"""No transaction that accepts a message or writes a reply is open for longer."""
_WANTED_DAYS = 7

# `up_to` goes on only over messages that are old enough for all before them to be visible.
_READ_ON: LiteralString = """
    WITH stretch AS (
        SELECT id, conversation_id, text, created_at < now() - make_interval(secs => %(open)s) AS is_settled
        FROM messages WHERE id > %(after)s ORDER BY id LIMIT %(round)s
    ), read AS (
        INSERT INTO message_words (message_id, conversation_id, words)
        SELECT id, conversation_id, to_tsvector('simple', left(text, %(most)s)) FROM stretch s
        WHERE NOT EXISTS (SELECT 1 FROM message_words w WHERE w.message_id = s.id) ON CONFLICT DO NOTHING
    ), settled AS (
        SELECT max(id) AS id FROM stretch
        WHERE id < coalesce((SELECT min(id) FROM stretch WHERE NOT is_settled), 9223372036854775807)
    ), advanced AS (
        UPDATE message_words_progress SET up_to = settled.id FROM settled
        WHERE settled.id > up_to AND up_to >= %(after)s
    )
    SELECT count(*), max(id) FROM stretch
"""

_READ_WHOLE: LiteralString = """
    WITH one AS (
        SELECT conversation_id FROM conversations_to_read ORDER BY conversation_id LIMIT 1
    ), new AS (
        SELECT m.id, m.conversation_id, m.text FROM messages m
        WHERE m.conversation_id = (SELECT conversation_id FROM one)
          AND NOT EXISTS (SELECT 1 FROM message_words w WHERE w.message_id = m.id)
        ORDER BY m.id LIMIT %(round)s
    ), read AS (
        INSERT INTO message_words (message_id, conversation_id, words)
        SELECT id, conversation_id, to_tsvector('simple', left(text, %(most)s)) FROM new ON CONFLICT DO NOTHING
    ), done AS (
        DELETE FROM conversations_to_read
        WHERE conversation_id = (SELECT conversation_id FROM one) AND (SELECT count(*) FROM new) < %(round)s
    )
    SELECT count(*) FROM one
"""


async def read_whole(connection: Connection) -> bool:
    """Write down some words of the conversations that came whole; whether there may be more. Takes a transaction."""
    await _wait_for_others(connection)
    cursor = await connection.execute(_READ_WHOLE, {"most": SEARCHED_CHARACTERS, "round": A_ROUND})
    row = await cursor.fetchone()
    return row is not None and row[0] == 1


async def read_on(connection: Connection, *, after: int | None = None) -> int | None:
    """Write down the words of the messages with ids above `after`; where to go on, None at the end. Takes a transaction.

    Without `after`, begin where everything before is read.
    """
    up_to = await _wait_for_others(connection)
    values = {"after": up_to if after is None else after, "open": _OPEN_SECONDS}
    cursor = await connection.execute(_READ_ON, {**values, "most": SEARCHED_CHARACTERS, "round": A_ROUND})
    row = await cursor.fetchone()
    return None if row is None or row[0] < A_ROUND else int(row[1])


async def note_wanted(connection: Connection) -> None:
    """Somebody searches: the words are kept up with for a week."""
    await connection.execute(
        "UPDATE message_words_progress SET wanted_at = now()"
        " WHERE wanted_at IS NULL OR wanted_at < now() - interval '1 hour'"
    )


async def is_wanted(connection: Connection) -> bool:
    """Whether anybody searched lately."""
    cursor = await connection.execute(
        "SELECT 1 FROM message_words_progress WHERE wanted_at > now() - make_interval(days => %s)", (_WANTED_DAYS,)
    )
    return await cursor.fetchone() is not None


async def ask_to_read(connection: Connection) -> bool:
    """Defer the task `read_messages`, unless one waits or runs already; whether it was deferred."""
    cursor = await connection.execute(
        """
        SELECT defer_task('read_messages', 'read_messages', '{}'::jsonb) WHERE NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs WHERE lock = 'read_messages' AND status IN ('todo', 'doing'))
        """
    )
    return cursor.rowcount == 1


async def have_read(connection: Connection, *, conversation_id: int) -> None:
    """Have the words of a conversation that came whole written down by the next reader."""
    await connection.execute(
        "INSERT INTO conversations_to_read (conversation_id) VALUES (%s) ON CONFLICT DO NOTHING", (conversation_id,)
    )


async def _wait_for_others(connection: Connection) -> int:
    """One reader at a time: who comes second finds the work done. Returns up to which message everything is read."""
    cursor = await connection.execute("SELECT up_to FROM message_words_progress FOR UPDATE")
    row = await cursor.fetchone()
    return 0 if row is None else int(row[0])
