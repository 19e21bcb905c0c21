"""Cancelling at rest: a message that is not finished ends at once, and keeps what was said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString

import msgspec

from turnkeeper.core.conversations import MessageStatus, statuses_before
from turnkeeper.core.events import HowCancelled
from turnkeeper.core.ids import new_id
from turnkeeper.core.usage import NOTHING, Spent, Usage, total_of
from turnkeeper.store.approvals import defer_answers
from turnkeeper.store.database import Connection
from turnkeeper.store.usage import counting, model_in, not_counting, spent_in, spent_values, waste_step

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
    SELECT coalesce(string_agg(text, '' ORDER BY number), ''), max(model_call) FROM spoken
    WHERE model_call = (SELECT max(model_call) FROM spoken)
"""

# A queued message may stand behind others: only the one that is being answered moves `answered`. The claim is taken away
# unless another message is being answered, so that a worker which is about to begin this one finds it gone. What the turn
# had taken in ends with it, and has the same reply.
_CANCEL: LiteralString = """
    WITH joined AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM messages WHERE answered_with = %(message)s
    ), talk AS (
        UPDATE conversations SET last_event = last_event + 1 + (SELECT count(*) FROM joined), status = 'active',
               updated_at = clock_timestamp(),
               claim = claim + CASE WHEN %(was_pending)s OR NOT EXISTS (
                   SELECT 1 FROM messages o
                   WHERE o.conversation_id = conversations.id AND o.status = 'pending' AND NOT o.parked
                     AND o.answered_with IS NULL
               ) THEN 1 ELSE 0 END,
               answered = CASE WHEN %(was_pending)s THEN %(message)s ELSE answered END{spent}
        WHERE id = %(conversation)s
        RETURNING id, last_event - (SELECT count(*) FROM joined) AS number, organization_id, agent_id, account_id
    ), reply AS (
        INSERT INTO messages
            (public_id, conversation_id, role, status, text, reply_to, first_event, model, usage, left_out,
             agent_revision)
        SELECT %(reply)s, talk.id, %(role)s, 'completed', %(text)s, %(message)s, talk.number, %(model)s, %(usage)s::jsonb,
               %(left_out)s, (SELECT agent_revision FROM messages WHERE id = %(message)s)
        FROM talk RETURNING id
    ), ended AS (
        UPDATE messages SET status = 'cancelled', parked = false, left_out = %(left_out)s, updated_at = clock_timestamp()
        WHERE id = %(message)s OR answered_with = %(message)s
    ), withdrawn AS (
        UPDATE approvals SET state = 'cancelled', decided_at = clock_timestamp()
        WHERE message_id = %(message)s AND state = 'waiting'
    ), closed AS (
        UPDATE effects SET state = 'unknown', ended_at = clock_timestamp()
        WHERE message_id = %(message)s AND state = 'intended'
    ){counted}
    INSERT INTO events (conversation_id, number, message_id, kind, body)
    SELECT talk.id, talk.number + ends.n, ends.id, 'message.cancelled',
           jsonb_build_object('reply_id', reply.id, 'how', %(how)s::text)
    FROM talk, reply, (SELECT %(message)s::bigint AS id, 0::bigint AS n UNION ALL SELECT id, n FROM joined) ends
"""


_CANCEL_PLAIN = not_counting(_CANCEL)
_CANCEL_COUNTING = counting(_CANCEL)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """Why a message is ended. `instead` is the sentence that stands where nothing was said, or is kept."""

    how: HowCancelled
    instead: str


async def cancel(
    connection: Connection, ending: Ending, *, conversation_id: int, message_id: int, default_model: str
) -> bool:
    """End a message that is not finished; False when it is. To be called in a transaction.

    Its reply is what was said so far, or a system message with the sentence of the ending; what is rolled back keeps
    nothing, and is not remembered. Whoever answers it loses the claim. A message that was taken in by another one's turn
    ends with that turn, and so does everything else which that turn had taken in.
    Questions to people are withdrawn, and calls whose outcome is not written down become unknown. What the turn spent is
    counted; a call of the model that is cut here counts as one of unknown cost. `default_model` is that of agents which
    name none.
    """
    await connection.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (conversation_id,))
    cursor = await connection.execute(
        """
        SELECT m.status, m.parked, m.first_event, m.attempt, coalesce(a.model, %s), m.id
        FROM messages w JOIN messages m ON m.id = coalesce(w.answered_with, w.id)
        JOIN conversations c ON c.id = m.conversation_id JOIN agents a ON a.id = c.agent_id
        WHERE w.id = %s AND w.role = 'user'
        """,
        (default_model, message_id),
    )
    row = await cursor.fetchone()
    if row is None or row[0] not in _OPEN:
        return False
    message_id = int(row[5])
    about = {"conversation": conversation_id, "message": message_id, "first_event": row[2]}
    said = await (await connection.execute(_SAID, about)).fetchone()
    text = str(said[0]) if said is not None else ""
    cut_call = said[1] if said is not None and not row[1] else None
    recorded = await _steps_of(connection, message_id)
    spent = Spent(model=row[4], usage=_spent_in(recorded, attempt=row[3], cut_call=cut_call))
    has_spent = spent.usage != NOTHING
    keeps_text = bool(text.strip()) and ending.how != "rolled_back"
    await connection.execute(
        _CANCEL_COUNTING if has_spent else _CANCEL_PLAIN,
        {
            **about,
            **spent_values(spent),
            "model": (model_in(recorded) or spent.called) if has_spent else None,
            "usage": msgspec.json.encode(spent.usage).decode() if has_spent else None,
            "was_pending": row[0] == "pending",
            "reply": new_id(),
            "role": "assistant" if keeps_text else "system",
            "text": text if keeps_text else ending.instead,
            "how": ending.how,
            "left_out": "rolled_back" if ending.how == "rolled_back" else None,
        },
    )
    if row[1]:
        await defer_answers(connection, conversation_id=conversation_id, from_message=message_id)
    return True


async def _steps_of(connection: Connection, message_id: int) -> Mapping[str, bytes]:
    cursor = await connection.execute("SELECT name, value::text FROM steps WHERE message_id = %s", (message_id,))
    return {name: value.encode() for name, value in await cursor.fetchall()}


def _spent_in(recorded: Mapping[str, bytes], *, attempt: int, cut_call: int | None) -> Usage:
    """What the turn has spent as far as it is written down; `cut_call` is the newest model call that had said something."""
    is_cut = cut_call is not None and not {f"model:{cut_call}", waste_step(attempt)} & recorded.keys()
    return total_of(spent_in(recorded)) + (Usage(unpriced_calls=1) if is_cut else NOTHING)
