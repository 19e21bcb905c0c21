"""Many rows at once, and how many a statement reads."""

from turnkeeper.store.database import Connection


async def insert_answered(connection: Connection, conversation: int, length: int) -> None:
    """Add so many answered messages, each third with a tool's call."""
    await connection.execute(
        """
        WITH asked AS (
            INSERT INTO messages (public_id, conversation_id, role, status, text, first_event)
            SELECT gen_random_uuid(), %(talk)s, 'user', 'completed', 'Question ' || n || repeat(' x', 50), 1
            FROM generate_series(1, %(length)s::bigint) n RETURNING id
        ), answered AS (
            INSERT INTO messages (public_id, conversation_id, role, status, text, reply_to, first_event)
            SELECT gen_random_uuid(), %(talk)s, 'assistant', 'completed', repeat('Answer. ', 20), id, 1 FROM asked
        )
        INSERT INTO steps (message_id, name, value)
        SELECT id, s.name, s.value::jsonb FROM asked, (VALUES
            ('model:1', '{"text":"","tool_calls":[{"call_id":"a","tool":"t","arguments":"{}"}]}'),
            ('tool:1:a', '{"outcome":"completed","output":"Found."}')) s (name, value) WHERE id %% 3 = 0
        """,
        {"talk": conversation, "length": length},
    )


async def rows_read(connection: Connection) -> int:
    """How many rows of messages and steps were read so far, by index or not: in a transaction, compare two of these."""
    cursor = await connection.execute(
        "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables"
        " WHERE relname IN ('messages', 'steps', 'memories')"
    )
    [row] = await cursor.fetchall()
    return int(row[0])
