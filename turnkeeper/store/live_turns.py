"""The turn under way at rest: what it has said and which calls are open, put together from its events by the database."""

from typing import LiteralString

from turnkeeper.core.events import ToolCalled
from turnkeeper.core.snapshots import LiveTurn, Said
from turnkeeper.store.database import Connection

# Text of a model call that a later attempt makes again is void, as the attempt's `resumes_at` says.
_SAID: LiteralString = """
    WITH live AS (
        SELECT id, public_id, conversation_id, first_event, attempt FROM messages
        WHERE conversation_id = %s AND status = 'pending' ORDER BY id LIMIT 1
    ), happened AS (
        SELECT e.number, e.kind, e.body FROM events e JOIN live ON e.conversation_id = live.conversation_id
        WHERE e.message_id = live.id AND e.number > live.first_event
          AND e.kind IN ('turn.started', 'text', 'thinking', 'tool.called', 'tool.returned')
    ), said AS (
        SELECT (h.body ->> 'model_call')::integer AS model_call,
               coalesce(string_agg(h.body ->> 'text', '' ORDER BY h.number) FILTER (WHERE h.kind = 'text'), '') AS text,
               coalesce(string_agg(h.body ->> 'text', '' ORDER BY h.number) FILTER (WHERE h.kind = 'thinking'), '')
                   AS thinking
        FROM happened h
        WHERE h.kind IN ('text', 'thinking') AND NOT EXISTS (
            SELECT 1 FROM happened s WHERE s.kind = 'turn.started' AND s.number > h.number
              AND (s.body ->> 'resumes_at')::integer <= (h.body ->> 'model_call')::integer)
        GROUP BY 1
    ), called AS (
        SELECT DISTINCT ON (c.body ->> 'call_id') c.number, c.body FROM happened c
        WHERE c.kind = 'tool.called' AND NOT EXISTS (
            SELECT 1 FROM happened r WHERE r.kind = 'tool.returned' AND r.body ->> 'call_id' = c.body ->> 'call_id')
        ORDER BY c.body ->> 'call_id', c.number DESC
    )
    SELECT live.public_id, live.attempt,
           ARRAY(SELECT model_call FROM said ORDER BY model_call),
           ARRAY(SELECT text FROM said ORDER BY model_call),
           ARRAY(SELECT thinking FROM said ORDER BY model_call),
           ARRAY(SELECT body ->> 'call_id' FROM called ORDER BY number),
           ARRAY(SELECT body ->> 'tool' FROM called ORDER BY number),
           ARRAY(SELECT body ->> 'input' FROM called ORDER BY number)
    FROM live
"""


async def of_conversation(connection: Connection, *, conversation_id: int) -> LiveTurn | None:
    """The turn of the message that is being answered, or that waits for people; None when there is none."""
    row = await (await connection.execute(_SAID, (conversation_id,))).fetchone()
    if row is None:
        return None
    message, attempt, numbers, texts, thoughts, calls, tools, inputs = row
    return LiveTurn(
        message_id=message,
        attempt=attempt,
        said=tuple(
            Said(model_call=number, text=text, thinking=thinking)
            for number, text, thinking in zip(numbers, texts, thoughts, strict=True)
        ),
        open_calls=tuple(
            ToolCalled(call_id=call, tool=tool, input=given)
            for call, tool, given in zip(calls, tools, inputs, strict=True)
        ),
    )
