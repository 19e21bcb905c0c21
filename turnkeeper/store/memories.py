"""Running summaries at rest: one a conversation, replaced only by one that knows it."""

from dataclasses import dataclass
from typing import LiteralString

from turnkeeper.core.agents import Agent
from turnkeeper.core.conversations import Usage
from turnkeeper.core.history import Memory
from turnkeeper.core.limits import Ceilings
from turnkeeper.store.agents import AGENT_COLUMNS, agent_from
from turnkeeper.store.database import Connection
from turnkeeper.store.limits import ceilings_from

_LAST_ID = 2**63 - 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """A conversation that may be summarized: who answers in it, and what is summarized already."""

    conversation_id: int
    agent: Agent
    ceilings: Ceilings
    """What the organization allows."""
    memory: Memory | None
    before: int
    """The id of the oldest message that is not finished; the summary must not reach it."""
    edits: int = 0
    """How often the talk was edited: a summary of what was there before is not kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMemory:
    """A summary that takes the place of an earlier one, and what it cost."""

    conversation_id: int
    memory: Memory
    replaces: Memory | None
    model: str
    usage: Usage
    edits: int = 0
    """As of the moment when the turns were read."""


# Asked at the end of a turn. A task that waits or runs already does this one's work too, or is followed by another turn.
_ASK: LiteralString = """
    SELECT defer_task('remember', 'remember:' || %(conversation)s,
                      jsonb_build_object('conversation_id', %(conversation)s::bigint),
                      coalesce('organization:' || (SELECT organization_id FROM conversations WHERE id = %(conversation)s),
                               'default'))
    WHERE NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs
        WHERE lock = 'remember:' || %(conversation)s AND status IN ('todo', 'doing'))
"""

_SAVE: LiteralString = """
    WITH talk AS (SELECT id FROM conversations WHERE id = %(conversation)s FOR KEY SHARE)
    INSERT INTO memories AS m (conversation_id, up_to_message_id, text, model, model_calls, input_tokens, output_tokens,
                               cache_read_tokens, cache_write_tokens)
    SELECT id, %(up_to)s, %(text)s, %(model)s, 1, %(input)s, %(output)s, %(cache_read)s, %(cache_write)s FROM talk
    ON CONFLICT (conversation_id) DO UPDATE
    SET up_to_message_id = EXCLUDED.up_to_message_id, text = EXCLUDED.text, model = EXCLUDED.model,
        model_calls = m.model_calls + 1, input_tokens = m.input_tokens + EXCLUDED.input_tokens,
        output_tokens = m.output_tokens + EXCLUDED.output_tokens,
        cache_read_tokens = m.cache_read_tokens + EXCLUDED.cache_read_tokens,
        cache_write_tokens = m.cache_write_tokens + EXCLUDED.cache_write_tokens, updated_at = now()
    WHERE m.up_to_message_id = coalesce(%(replaces)s, 0) AND m.edits = %(edits)s
"""

# A talk without a summary gets an empty one, so that one which is being written now finds that it comes too late.
_FORGET: LiteralString = """
    INSERT INTO memories AS m (conversation_id, up_to_message_id, text, model, edits)
    SELECT c.id, 0, '', '', 1 FROM conversations c JOIN agents a ON a.id = c.agent_id
    WHERE c.id = %(conversation)s AND (
        a.settings ->> 'memory' = 'summary' OR EXISTS (SELECT 1 FROM memories k WHERE k.conversation_id = c.id))
    ON CONFLICT (conversation_id) DO UPDATE
    SET edits = m.edits + 1, updated_at = now(),
        text = CASE WHEN m.up_to_message_id >= %(from_message)s THEN '' ELSE m.text END,
        up_to_message_id = CASE WHEN m.up_to_message_id >= %(from_message)s THEN 0 ELSE m.up_to_message_id END
"""


async def find(connection: Connection, *, conversation_id: int) -> Memory | None:
    """The summary of a conversation, if it has one."""
    cursor = await connection.execute(
        "SELECT up_to_message_id, text FROM memories WHERE conversation_id = %s AND up_to_message_id > 0",
        (conversation_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else Memory(up_to_message_id=row[0], text=row[1])


async def subject(connection: Connection, *, conversation_id: int) -> Subject | None:
    """What is needed to summarize a conversation; None when it is gone."""
    cursor = await connection.execute(
        f"""
        SELECT m.up_to_message_id, m.text, (
            SELECT min(u.id) FROM messages u
            WHERE u.conversation_id = c.id AND coalesce(u.reply_to, u.id) > c.answered
              AND u.status IN ('queued', 'pending')), coalesce(m.edits, 0), o.limits::text, {AGENT_COLUMNS}
        FROM conversations c JOIN agents a ON a.id = c.agent_id JOIN organizations o ON o.id = c.organization_id
             LEFT JOIN memories m ON m.conversation_id = c.id
        WHERE c.id = %s
        """,
        (conversation_id,),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    return Subject(
        conversation_id=conversation_id,
        memory=None if not row[0] else Memory(up_to_message_id=row[0], text=row[1]),
        before=_LAST_ID if row[2] is None else row[2],
        edits=row[3],
        ceilings=ceilings_from(row[4]),
        agent=agent_from(row[5:]),  # pyright: ignore[reportArgumentType] - the columns as selected
    )


async def save(connection: Connection, new: NewMemory) -> bool:
    """Keep a summary; False when the one that it replaces is not there any more, or the conversation is gone."""
    cursor = await connection.execute(
        _SAVE,
        {
            "conversation": new.conversation_id,
            "up_to": new.memory.up_to_message_id,
            "text": new.memory.text,
            "model": new.model,
            "input": new.usage.input_tokens,
            "output": new.usage.output_tokens,
            "cache_read": new.usage.cache_read_tokens,
            "cache_write": new.usage.cache_write_tokens,
            "replaces": None if new.replaces is None else new.replaces.up_to_message_id,
            "edits": new.edits,
        },
    )
    return cursor.rowcount == 1


async def ask_for_summary(connection: Connection, *, conversation_id: int) -> bool:
    """Defer the task `remember`, unless one for this conversation waits or runs already; whether it was deferred."""
    cursor = await connection.execute(_ASK, {"conversation": conversation_id})
    return cursor.rowcount == 1


async def forget(connection: Connection, *, conversation_id: int, from_message: int) -> None:
    """The talk from this message on is not to be remembered: a summary that reaches it goes, and none that was begun stays.

    What is forgotten of earlier turns is summarized anew when it is due.
    """
    await connection.execute(_FORGET, {"conversation": conversation_id, "from_message": from_message})
