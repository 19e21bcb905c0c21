"""Deleting conversations at rest: the row goes, and by its foreign keys everything that belongs to it."""

from typing import LiteralString
from uuid import UUID

from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversation_lists import Removed
from turnkeeper.store.conversations import THIS_IS_VISIBLE
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

_COUNTED: LiteralString = """
    SELECT c.public_id,
        (SELECT count(*) FROM messages WHERE conversation_id = c.id),
        (SELECT count(*) FROM events WHERE conversation_id = c.id),
        (SELECT count(*) FROM effects e JOIN messages m ON m.id = e.message_id WHERE m.conversation_id = c.id),
        (SELECT count(*) FROM approvals WHERE conversation_id = c.id),
        (SELECT count(*) FROM message_files WHERE conversation_id = c.id)
    FROM conversations c WHERE c.id = %s
"""


async def hold(connection: Connection, caller: Caller, *, conversation: UUID) -> int | None:
    """The number of a conversation that the caller may see; nothing is written to it until the transaction ends."""
    cursor = await connection.execute(
        f"SELECT c.id FROM conversations c WHERE {THIS_IS_VISIBLE} AND c.public_id = %(conversation)s FOR UPDATE",
        {**scope(caller), "only_own": False, "conversation": conversation},
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


async def begun_messages(connection: Connection, *, conversation_id: int) -> list[int]:
    """The messages that are being answered, or wait for people: what they spent is to be counted before they go."""
    cursor = await connection.execute(
        """
        SELECT m.id FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE c.id = %s AND coalesce(m.reply_to, m.id) > c.answered AND m.status = 'pending' ORDER BY m.id
        """,
        (conversation_id,),
    )
    return [row[0] for row in await cursor.fetchall()]


async def remove(connection: Connection, *, conversation_id: int) -> None:
    """Remove a conversation that is held: messages, events, steps, effects, approvals, memory, words, links to files.

    Files that no other message has are forgotten by the next purges. What its turns cost stays in the sums of the days.
    """
    await connection.execute("DELETE FROM conversations WHERE id = %s", (conversation_id,))


async def counted(connection: Connection, *, conversation_id: int) -> Removed:
    """What will go with a conversation that is held."""
    row = await (await connection.execute(_COUNTED, (conversation_id,))).fetchone()
    assert row is not None
    return Removed(conversation=row[0], messages=row[1], events=row[2], effects=row[3], approvals=row[4], files=row[5])
