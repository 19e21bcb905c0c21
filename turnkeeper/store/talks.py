"""Conversations with their messages, in one statement."""

from typing import LiteralString
from uuid import UUID

from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import Talk
from turnkeeper.store.conversations import CONVERSATION_COLUMNS, THIS_IS_VISIBLE, conversation_from, which
from turnkeeper.store.database import Connection
from turnkeeper.store.messages import MESSAGE_COLUMNS, MESSAGE_WIDTH, message_from, place_in_talk
from turnkeeper.store.scope import scope

# The conversation, which may be long with its agent's instructions, stands beside the newest message only.
_TALK: LiteralString = f"""
    SELECT m.*, talk.* FROM conversations c
    LEFT JOIN LATERAL (
        SELECT {MESSAGE_COLUMNS}, row_number() OVER (ORDER BY coalesce(m.reply_to, m.id) DESC, m.id DESC) AS place
        FROM messages m WHERE m.conversation_id = c.id AND m.left_out IS DISTINCT FROM 'superseded'
        ORDER BY coalesce(m.reply_to, m.id) DESC, m.id DESC LIMIT %(limit)s
    ) AS m ON true
    LEFT JOIN LATERAL (
        SELECT {CONVERSATION_COLUMNS} FROM agents a WHERE a.id = c.agent_id
    ) AS talk ON coalesce(m.place, 1) = 1
"""


async def find(
    connection: Connection, caller: Caller, *, conversation: int | UUID, only_own: bool, limit: int
) -> Talk | None:
    """The conversation with this integer or public id, if the caller may see it, with its newest `limit` messages.

    The oldest comes first. Each message is followed by those that were answered with it, and these by its reply, also when
    later messages were accepted before the reply was written. Messages in whose place others stand are not among them.
    """
    cursor = await connection.execute(
        f"{_TALK} WHERE {THIS_IS_VISIBLE} AND {which('c', conversation)} ORDER BY m.place",
        {**scope(caller), "only_own": only_own, "wanted": conversation, "limit": limit},
    )
    rows = await cursor.fetchall()
    if not rows:
        return None
    messages = [message_from(row) for row in rows if row[0] is not None]
    return Talk(
        conversation=conversation_from(rows[0][MESSAGE_WIDTH + 1 :]), messages=sorted(messages, key=place_in_talk)
    )
