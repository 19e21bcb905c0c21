"""Where a queued message stands: counted when somebody asks, and not beyond a bound."""

from turnkeeper.core.conversations import MOST_COUNTED, QueuePlace
from turnkeeper.store.database import Connection


async def of_message(connection: Connection, *, message_id: int) -> QueuePlace:
    """What is before this message in its conversation, and before its task in the queue."""
    cursor = await connection.execute(
        """
        WITH task AS (
            SELECT j.id, j.queue_name FROM messages m JOIN procrastinate_jobs j
                ON j.lock = 'conversation:' || m.conversation_id AND j.status IN ('todo', 'doing')
            WHERE m.id = %(message)s AND (j.args ->> 'message_id')::bigint = m.id
            ORDER BY j.id LIMIT 1
        )
        SELECT (
            SELECT count(*) FROM (
                SELECT 1 FROM messages m JOIN conversations c ON c.id = m.conversation_id
                JOIN messages e ON e.conversation_id = c.id
                WHERE m.id = %(message)s AND coalesce(e.reply_to, e.id) > c.answered AND e.id < m.id
                  AND e.status IN ('queued', 'pending') AND e.answered_with IS NULL
                LIMIT %(most)s
            ) earlier
        ), (
            SELECT (
                SELECT count(*) FROM (
                    SELECT 1 FROM procrastinate_jobs o
                    WHERE o.status = 'todo' AND o.queue_name = task.queue_name AND o.id < task.id
                      AND (o.scheduled_at IS NULL OR o.scheduled_at <= now())
                    LIMIT %(most)s
                ) before
            ) FROM task
        )
        """,
        {"message": message_id, "most": MOST_COUNTED},
    )
    row = await cursor.fetchone()
    assert row is not None
    return QueuePlace(ahead_in_conversation=row[0], ahead_in_queue=row[1])
