"""Schedules at rest: what people decide about them, and what came of their runs."""

from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from turnkeeper.core.accounts import Caller
from turnkeeper.core.schedules import NewSchedule, PausedReason, Run, Schedule
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

SCHEDULE_COLUMNS: LiteralString = """
    s.id, s.public_id, s.organization_id, u.public_id AS account, s.agent_id, a.slug AS agent, s.name, s.cron, s.timezone,
    s.text, s.mode, s.keeps_conversation, c.public_id AS conversation, s.next_at, s.paused_reason, s.created_at, s.updated_at
"""
SCHEDULE_TABLES: LiteralString = """
    schedules s JOIN accounts u ON u.id = s.account_id JOIN agents a ON a.id = s.agent_id
    LEFT JOIN conversations c ON c.id = s.conversation_id
"""
# Admins see all of the organization, others their own.
_IS_VISIBLE: LiteralString = "s.organization_id = %(organization)s AND (%(is_admin)s OR s.account_id = %(account)s)"

_OVERDUE_MINUTES = 15


async def create(
    connection: Connection, caller: Caller, new: NewSchedule, *, public_id: UUID, agent_id: int, next_at: datetime
) -> Schedule:
    """Write a schedule and the task of its first tick."""
    await connection.execute(
        """
        INSERT INTO schedules (public_id, organization_id, account_id, agent_id, name, cron, timezone, text, mode,
                               keeps_conversation, next_at)
        VALUES (%(id)s, %(organization)s, %(account)s, %(agent)s, %(name)s, %(cron)s, %(timezone)s, %(text)s, %(mode)s,
                %(keeps)s, %(next_at)s)
        """,
        {**scope(caller), **_values(new), "id": public_id, "agent": agent_id, "next_at": next_at},
    )
    made = await find(connection, caller, schedule=public_id)
    assert made is not None
    await defer_tick(connection, schedule_id=made.id, at=next_at)
    return made


async def change(connection: Connection, new: NewSchedule, *, schedule_id: int, agent_id: int) -> None:
    """Write what a person decided over a schedule that was locked. With another agent, another conversation begins."""
    await connection.execute(
        """
        UPDATE schedules SET agent_id = %(agent)s, name = %(name)s, cron = %(cron)s, timezone = %(timezone)s,
            text = %(text)s, mode = %(mode)s, keeps_conversation = %(keeps)s, updated_at = now(),
            conversation_id = CASE WHEN agent_id = %(agent)s AND mode = %(mode)s AND %(keeps)s THEN conversation_id END
        WHERE id = %(id)s
        """,
        {**_values(new), "id": schedule_id, "agent": agent_id},
    )


async def set_next(
    connection: Connection, *, schedule_id: int, next_at: datetime | None, paused: PausedReason | None = None
) -> None:
    """Wait for this tick from now on, with a task for it; or for none, and why. Tasks of other ticks end by themselves."""
    await connection.execute(
        "UPDATE schedules SET next_at = %s, paused_reason = %s, updated_at = now() WHERE id = %s",
        (next_at, paused, schedule_id),
    )
    if next_at is not None:
        await defer_tick(connection, schedule_id=schedule_id, at=next_at)


async def defer_tick(connection: Connection, *, schedule_id: int, at: datetime) -> None:
    """Have the tick fired at its moment."""
    await connection.execute(
        "SELECT defer_task('fire', NULL, jsonb_build_object('schedule', %s::bigint, 'due', %s::text), run_at => %s)",
        (schedule_id, at.isoformat(), at),
    )


async def defer_overdue(connection: Connection) -> int:
    """Tasks for ticks that nobody fired for long, should their own have been lost; returns how many."""
    cursor = await connection.execute(
        """
        SELECT id, next_at FROM schedules WHERE next_at < now() - make_interval(mins => %s) ORDER BY next_at LIMIT 1000
        """,
        (_OVERDUE_MINUTES,),
    )
    rows = await cursor.fetchall()
    for schedule_id, next_at in rows:
        await defer_tick(connection, schedule_id=schedule_id, at=next_at)
    return len(rows)


async def find(connection: Connection, caller: Caller, *, schedule: UUID, locked: bool = False) -> Schedule | None:
    """The schedule with this id, if the caller may see it; `locked` keeps others from it until the transaction ends."""
    if locked:
        await connection.execute(
            f"SELECT 1 FROM schedules s WHERE s.public_id = %(schedule)s AND {_IS_VISIBLE} FOR UPDATE",
            {**scope(caller), "schedule": schedule},
        )
    found = await _select(
        connection,
        f"SELECT {SCHEDULE_COLUMNS} FROM {SCHEDULE_TABLES} WHERE s.public_id = %(schedule)s AND {_IS_VISIBLE}",
        {**scope(caller), "schedule": schedule},
    )
    return found[0] if found else None


async def listed(connection: Connection, caller: Caller, *, before: int | None, limit: int) -> Sequence[Schedule]:
    """Those that the caller may see, newest first, with numbers below `before`."""
    return await _select(
        connection,
        f"""
        SELECT {SCHEDULE_COLUMNS} FROM {SCHEDULE_TABLES}
        WHERE {_IS_VISIBLE} AND (%(before)s::bigint IS NULL OR s.id < %(before)s) ORDER BY s.id DESC LIMIT %(limit)s
        """,
        {**scope(caller), "before": before, "limit": limit},
    )


async def count(connection: Connection, caller: Caller) -> int:
    """How many the organization has. Until the transaction ends nobody else counts them."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('schedules:' || %s, 0))", (str(caller.organization_id),)
    )
    cursor = await connection.execute(
        "SELECT count(*) FROM schedules WHERE organization_id = %s", (caller.organization_id,)
    )
    row = await cursor.fetchone() or (0,)
    return int(row[0])


async def delete(connection: Connection, caller: Caller, *, schedule: UUID) -> bool:
    """Forget a schedule and its runs; what it sent stays. False when there is none for this caller."""
    cursor = await connection.execute(
        f"DELETE FROM schedules s WHERE s.public_id = %(schedule)s AND {_IS_VISIBLE}",
        {**scope(caller), "schedule": schedule},
    )
    return cursor.rowcount > 0


async def runs(connection: Connection, *, schedule_id: int, before: int | None, limit: int) -> list[Run]:
    """What came of a schedule that the caller was allowed to see, newest first."""
    async with connection.cursor(row_factory=class_row(Run)) as cursor:
        await cursor.execute(
            """
            SELECT r.id, r.tick_at, r.fired_at, r.outcome, r.reason, c.public_id AS conversation, m.public_id AS message
            FROM schedule_runs r LEFT JOIN messages m ON m.id = r.message_id
            LEFT JOIN conversations c ON c.id = m.conversation_id
            WHERE r.schedule_id = %s AND (%s::bigint IS NULL OR r.id < %s) ORDER BY r.id DESC LIMIT %s
            """,
            (schedule_id, before, before, limit),
        )
        return await cursor.fetchall()


async def purge(connection: Connection, *, older_than_days: int, limit: int = 10_000) -> int:
    """Forget old runs; returns how many."""
    cursor = await connection.execute(
        """
        DELETE FROM schedule_runs WHERE id IN (
            SELECT id FROM schedule_runs WHERE fired_at < now() - make_interval(days => %s) ORDER BY fired_at LIMIT %s)
        """,
        (older_than_days, limit),
    )
    return cursor.rowcount


def _values(new: NewSchedule) -> dict[str, object]:
    return {
        "name": new.name,
        "cron": new.cron,
        "timezone": new.timezone,
        "text": new.text,
        "mode": new.mode,
        "keeps": new.keeps_conversation,
    }


async def _select(connection: Connection, query: LiteralString, values: dict[str, object]) -> list[Schedule]:
    async with connection.cursor(row_factory=class_row(Schedule)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()
