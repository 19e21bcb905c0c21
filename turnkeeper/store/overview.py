"""How turns went, summed up from the messages themselves: nothing is written for it.

Public ids begin with the moment at which they were made, and have an index: a stretch of time is a stretch of it.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import LiteralString
from uuid import UUID

from psycopg.errors import QueryCanceled
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import TransientError
from turnkeeper.core.overview import MOST_TURNS, Failure, OverviewFilter, QueueNow, Spread, TurnSums
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.scope import scope

_DEADLINE_MS = "10000"
_MOST_FAILURES = 10
# The clocks of processes, which make the ids, and of the database, which tells the moments, may differ by so much.
_CLOCKS = timedelta(minutes=5)

_OF_TURNS: LiteralString = """
    FROM messages m
    JOIN conversations c ON c.id = m.conversation_id
    LEFT JOIN messages r ON r.reply_to = m.id
    WHERE m.public_id >= %(low)s AND m.public_id < %(high)s
      AND m.created_at >= %(since)s AND m.created_at < %(until)s
      AND m.role = 'user' AND m.answered_with IS NULL
      AND c.organization_id = %(organization)s AND (%(is_admin)s OR c.account_id = %(account)s)
      AND (%(of_agent)s::uuid IS NULL OR c.agent_id = (SELECT id FROM agents WHERE public_id = %(of_agent)s))
      AND (%(of_account)s::uuid IS NULL OR c.account_id = (SELECT id FROM accounts WHERE public_id = %(of_account)s))
      AND (%(of_model)s::text IS NULL OR r.model IN (%(of_model)s, split_part(%(of_model)s, ':', 2)))
"""

_SUMS: LiteralString = f"""
    WITH turns AS MATERIALIZED (
        SELECT m.id, m.conversation_id, m.first_event, m.status, m.counted_from, m.created_at, r.created_at AS ended_at,
               r.usage
        {_OF_TURNS}
        ORDER BY m.public_id DESC LIMIT %(most)s
    ), timed AS (
        SELECT date_trunc(%(by)s, t.created_at, 'UTC') AS at, t.status,
               extract(epoch FROM (
                   SELECT e.created_at FROM events e
                   WHERE e.conversation_id = t.conversation_id AND e.number > t.first_event AND e.message_id = t.id
                     AND e.kind = 'turn.started'
                   ORDER BY e.number LIMIT 1) - t.created_at) * 1000 AS waited,
               CASE WHEN t.status = 'completed' AND t.counted_from = 0
                    THEN extract(epoch FROM t.ended_at - t.created_at) * 1000 END AS answered,
               (t.usage ->> 'input_tokens')::bigint AS input, (t.usage ->> 'output_tokens')::bigint AS output,
               (t.usage ->> 'cost_usd')::numeric AS cost
        FROM turns t
    )
    SELECT grouping(at) = 1, at, count(*), count(*) FILTER (WHERE status = 'completed'),
           count(*) FILTER (WHERE status = 'failed'), count(*) FILTER (WHERE status = 'cancelled'),
           percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY waited),
           percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY answered),
           coalesce(sum(input), 0)::bigint, coalesce(sum(output), 0)::bigint, sum(cost)
    FROM timed GROUP BY GROUPING SETS ((at), ())
"""

_FAILURES: LiteralString = f"""
    SELECT m.public_id, c.public_id, a.slug, m.created_at, r.text
    {_OF_TURNS.replace("WHERE", "JOIN agents a ON a.id = c.agent_id WHERE", 1)}
      AND m.status = 'failed' ORDER BY m.public_id DESC LIMIT %(most)s
"""


@asynccontextmanager
async def reading(database: Database) -> AsyncGenerator[Connection]:
    """A connection on which no statement takes longer than 10 seconds.

    Raises:
        TransientError: one did.
    """
    try:
        async with database.transaction() as connection:
            await connection.execute("SELECT set_config('statement_timeout', %s, true)", (_DEADLINE_MS,))
            yield connection
    except TransientError as error:
        if isinstance(error.__cause__, QueryCanceled):
            message = "Summing up the turns took too long and was stopped; ask for a shorter time."
            raise TransientError("overview", message) from error
        raise


async def sums(connection: Connection, caller: Caller, wanted: OverviewFilter) -> tuple[TurnSums, Sequence[TurnSums]]:
    """What came of the turns in all, and by stretch, without those in which there were none."""
    cursor = await connection.execute(_SUMS, {**_values(caller, wanted), "by": wanted.by, "most": MOST_TURNS})
    total, found = TurnSums(at=None), list[TurnSums]()
    for is_total, *row in await cursor.fetchall():
        if is_total:
            total = _sum(row)
        else:
            found.append(_sum(row))
    return total, found


async def failures(connection: Connection, caller: Caller, wanted: OverviewFilter) -> Sequence[Failure]:
    """The newest turns that failed."""
    cursor = await connection.execute(_FAILURES, {**_values(caller, wanted), "most": _MOST_FAILURES})
    return [
        Failure(message_id=row[0], conversation_id=row[1], agent=row[2], at=row[3], reason=row[4] or "")
        for row in await cursor.fetchall()
    ]


async def queue_now(connection: Connection, *, organization_id: int) -> QueueNow:
    """The organization's turns that wait and run; by partial indexes."""
    cursor = await connection.execute(
        """
        SELECT
            (SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = %(queue)s),
            (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND queue_name = %(queue)s),
            (SELECT coalesce(extract(epoch FROM now() - min(deferred_at)), 0)::float8 FROM procrastinate_jobs
             WHERE status = 'todo' AND queue_name = %(queue)s AND (scheduled_at IS NULL OR scheduled_at <= now()))
        """,
        {"queue": f"organization:{organization_id}"},
    )
    row = await cursor.fetchone()
    assert row is not None
    return QueueNow(waiting=row[0], running=row[1], oldest_seconds=row[2])


def _values(caller: Caller, wanted: OverviewFilter) -> Mapping[str, object]:
    return {
        **scope(caller),
        "low": _first_id(wanted.since - _CLOCKS),
        "high": _first_id(wanted.until + _CLOCKS),
        "since": wanted.since,
        "until": wanted.until,
        "of_agent": wanted.agent,
        "of_account": wanted.account,
        "of_model": wanted.model,
    }


def _first_id(at: datetime) -> UUID:
    """No id that is made from this moment on is smaller."""
    return UUID(int=max(0, int(at.timestamp() * 1000)) << 80)


def _sum(row: TupleRow | list[object]) -> TurnSums:
    at, turns, completed, failed, cancelled, waited, answered, read, written, cost = row
    assert isinstance(at, datetime | None)
    assert isinstance(cost, Decimal | None)
    return TurnSums(
        at=None if at is None else at.astimezone(UTC),
        turns=_whole(turns),
        completed=_whole(completed),
        failed=_whole(failed),
        cancelled=_whole(cancelled),
        waited=_spread(waited),
        answered=_spread(answered),
        input_tokens=_whole(read),
        output_tokens=_whole(written),
        cost_usd=cost,
    )


def _whole(value: object) -> int:
    assert isinstance(value, int)
    return value


def _spread(value: object) -> Spread | None:
    match value:
        case [float() as p50, float() as p95, float() as p99]:
            return Spread(p50=p50, p95=p95, p99=p99)
        case _:
            return None
