"""The queue's rows as operators see them, and the rescue of tasks whose worker died.

The tables are Procrastinate's (see its `schema.sql`); what its own functions cannot do in one statement is done here.
"""

from dataclasses import dataclass
from typing import LiteralString

from turnkeeper.store.database import Connection, Database

_RESCUE: LiteralString = """
    WITH rescued AS (
        UPDATE procrastinate_jobs SET status = 'todo', attempts = attempts + 1, scheduled_at = NULL, worker_id = NULL
        WHERE status = 'doing' AND (worker_id IS NULL OR worker_id IN (
            SELECT id FROM procrastinate_workers WHERE last_heartbeat < now() - make_interval(secs => %s)))
        RETURNING id
    )
    SELECT id FROM rescued
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueState:
    """How much is waiting and running, and how long the oldest ready task has waited."""

    waiting: int
    running: int
    oldest_seconds: float
    workers: int
    """Workers that were heard of in the last 10 seconds."""


class Rescue:
    """Puts tasks whose worker died back into the queue."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def __call__(self, *, stalled_seconds: float) -> int:
        """Do it for workers that were not heard of for so long; returns how many tasks.

        One statement, so that several rescuers never take a task from a worker that just took it over.
        """
        async with self._database.connection() as connection:
            cursor = await connection.execute(_RESCUE, (stalled_seconds,))
            return cursor.rowcount


async def state(connection: Connection) -> QueueState:
    """A look at the queue; cheap, by partial indexes."""
    cursor = await connection.execute(
        """
        SELECT
            (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'),
            (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'),
            (SELECT coalesce(extract(epoch FROM now() - min(deferred_at)), 0)::float8 FROM procrastinate_jobs
             WHERE status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())),
            (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '10 seconds')
        """
    )
    row = await cursor.fetchone()
    assert row is not None
    return QueueState(waiting=row[0], running=row[1], oldest_seconds=row[2], workers=row[3])


async def purge(connection: Connection, *, older_than_hours: int, limit: int = 10_000) -> int:
    """Delete finished tasks that are older; returns how many. The turns themselves stand in tables of our own."""
    cursor = await connection.execute(
        """
        DELETE FROM procrastinate_jobs WHERE id IN (
            SELECT id FROM procrastinate_jobs
            WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')
              AND deferred_at < now() - make_interval(hours => %s)
            ORDER BY id LIMIT %s)
        """,
        (older_than_hours, limit),
    )
    return cursor.rowcount
