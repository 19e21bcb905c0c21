"""What people think of replies, at rest: one opinion an account and reply."""

from turnkeeper.core.accounts import Caller
from turnkeeper.core.feedback import Rating
from turnkeeper.store.database import Connection


async def put(connection: Connection, caller: Caller, *, message_id: int, rating: Rating, comment: str | None) -> None:
    """Keep the caller's opinion of a reply that they may see, in place of an earlier one."""
    await connection.execute(
        """
        INSERT INTO feedback (message_id, account_id, rating, comment) VALUES (%s, %s, %s, %s)
        ON CONFLICT (message_id, account_id) DO UPDATE
        SET rating = excluded.rating, comment = excluded.comment, updated_at = clock_timestamp()
        """,
        (message_id, caller.account_id, rating, comment),
    )


async def remove(connection: Connection, caller: Caller, *, message_id: int) -> None:
    """Forget the caller's opinion of a reply, if there is one."""
    await connection.execute(
        "DELETE FROM feedback WHERE message_id = %s AND account_id = %s", (message_id, caller.account_id)
    )
