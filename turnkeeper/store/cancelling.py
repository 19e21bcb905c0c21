"""Cancelling at rest: a message that is not finished ends at once, and keeps what was said."""

from typing import LiteralString

from turnkeeper.core.conversations import MessageStatus, statuses_before
from turnkeeper.core.ids import new_id
from turnkeeper.store.approvals import defer_answers
from turnkeeper.store.database import Connection

_OPEN: tuple[MessageStatus, ...] = statuses_before("cancelled")

# What the model call that was under way had said; text of calls that a later attempt made again is void.
_SAID: LiteralString = """
    WITH said AS (
        SELECT e.number, e.kind, (e.body ->> 'model_call')::integer AS model_call, e.body ->> 'text' AS text,
               (e.body ->> 'resumes_at')::integer AS resumes_at
        FROM events e
        WHERE e.conversation_id = %(conversation)s AND e.number > %(first_event)s AND e.message_id = %(message)s
          AND e.kind IN ('text', 'turn.started')
    ), started AS (
        SELECT number, resumes_at FROM said WHERE kind = 'turn.started' ORDER BY number DESC LIMIT 1
    ), spoken AS (
        SELECT said.number, said.model_call, said.text FROM said, started
        WHERE said.kind = 'text' AND (said.number > started.number OR said.model_call < started.resumes_at)
    )
    SELECT coalesce(string_agg(text, '' ORDER BY number), '') FROM spoken
    WHERE model_call = (SELECT max(model_call) FROM spoken)
"""

# A queued message may stand behind others: only the one that is being answered moves `answered`. The claim is taken away
# unless another message is being answered, so that a worker which is about to begin this one finds it gone.
_CANCEL: LiteralString = """
    WITH talk AS (
        UPDATE conversations SET last_event = last_event + 1, status = 'active', updated_at = clock_timestamp(),
               claim = claim + CASE WHEN %(was_pending)s OR NOT EXISTS (
                   SELECT 1 FROM messages o
                   WHERE o.conversation_id = conversations.id AND o.status = 'pending' AND NOT o.parked
               ) THEN 1 ELSE 0 END,
               answered = CASE WHEN %(was_pending)s THEN %(message)s ELSE answered END
        WHERE id = %(conversation)s RETURNING id, last_event
    ), reply AS (
        INSERT INTO messages (public_id, conversation_id, role, status, text, reply_to, first_event)
        SELECT %(reply)s, talk.id, %(role)s, 'completed', %(text)s, %(message)s, talk.last_event FROM talk RETURNING id
    ), ended AS (
        UPDATE messages SET status = 'cancelled', parked = false, updated_at = clock_timestamp() WHERE id = %(message)s
    ), withdrawn AS (
        UPDATE approvals SET state = 'cancelled', decided_at = clock_timestamp()
        WHERE message_id = %(message)s AND state = 'waiting'
    ), closed AS (
        UPDATE effects SET state = 'unknown', ended_at = clock_timestamp()
        WHERE message_id = %(message)s AND state = 'intended'
    )
    INSERT INTO events (conversation_id, number, message_id, kind, body)
    SELECT talk.id, talk.last_event, %(message)s, 'message.cancelled', jsonb_build_object('reply_id', reply.id)
    FROM talk, reply
"""


async def cancel(connection: Connection, *, conversation_id: int, message_id: int, nothing_said: str) -> bool:
    """End a message that is not finished; False when it is. To be called in a transaction.

    Its reply is what was said so far, or a system message with `nothing_said`. Whoever answers it loses the claim.
    Questions to people are withdrawn, and calls whose outcome is not written down become unknown.
    """
    await connection.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (conversation_id,))
    cursor = await connection.execute(
        "SELECT status, parked, first_event FROM messages WHERE id = %s AND role = 'user'", (message_id,)
    )
    row = await cursor.fetchone()
    if row is None or row[0] not in _OPEN:
        return False
    about = {"conversation": conversation_id, "message": message_id, "first_event": row[2]}
    said = await (await connection.execute(_SAID, about)).fetchone()
    text = str(said[0]) if said is not None else ""
    await connection.execute(
        _CANCEL,
        {
            **about,
            "was_pending": row[0] == "pending",
            "reply": new_id(),
            "role": "assistant" if text.strip() else "system",
            "text": text if text.strip() else nothing_said,
        },
    )
    if row[1]:
        await defer_answers(connection, conversation_id=conversation_id, from_message=message_id)
    return True
