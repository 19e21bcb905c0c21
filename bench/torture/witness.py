"""What the database says at the end, and the world outside, independently of what clients saw."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import LiteralString

import psycopg

from bench.torture.site import Site

SETTLE_SECONDS = 30.0

_UNFINISHED: LiteralString = """
    SELECT count(*) FROM messages WHERE status IN ('queued', 'pending')
"""
_TASKS: LiteralString = """
    SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'answer' AND status IN ('todo', 'doing')
"""
_CHECKS: Sequence[tuple[LiteralString, LiteralString]] = (
    (
        "messages without exactly one reply",
        """
        SELECT count(*) FROM messages q WHERE q.role = 'user' AND (
            SELECT count(*) FROM messages r WHERE r.reply_to = q.id) <> 1
        """,
    ),
    (
        "replies that are not the model's reply to their question",
        r"""
        SELECT count(*) FROM messages r JOIN messages q ON q.id = r.reply_to
        WHERE position(substring(q.text FROM 'Ticket \d+-[0-9a-f]{16}') IN r.text) <> 1
        """,
    ),
    (
        "replies that stand before the reply to an earlier question",
        """
        SELECT count(*) FROM (
            SELECT first_event < lag(first_event) OVER (PARTITION BY conversation_id ORDER BY reply_to) AS is_early
            FROM messages WHERE reply_to IS NOT NULL
        ) replies WHERE is_early
        """,
    ),
    (
        "questions that stand twice",
        r"""
        SELECT count(*) FROM (
            SELECT FROM messages WHERE role = 'user'
            GROUP BY substring(text FROM 'Ticket \d+-[0-9a-f]{16}') HAVING count(*) > 1
        ) twice
        """,
    ),
    (
        "logs whose numbers are not 1 to n",
        """
        SELECT count(*) FROM conversations c LEFT JOIN (
            SELECT conversation_id, count(*) AS many, max(number) AS last FROM events GROUP BY conversation_id
        ) e ON e.conversation_id = c.id
        WHERE coalesce(e.many, 0) <> c.last_event OR coalesce(e.last, 0) <> c.last_event
        """,
    ),
    (
        "messages with more than one end in their log",
        """
        SELECT count(*) FROM (
            SELECT FROM events WHERE kind IN ('message.completed', 'message.failed', 'message.cancelled')
            GROUP BY message_id HAVING count(*) > 1
        ) more
        """,
    ),
)


async def judge(site: Site, promised: Sequence[str]) -> list[str]:
    """What is wrong, as sentences; waits a little for what is still under way."""
    async with await site.cluster.connect() as connection:
        broken = [*(await _unfinished(connection)), *(await _lost(connection, promised))]
        for what, query in _CHECKS:
            count = await _number(connection, query)
            if count:
                broken.append(f"{count} {what}.")
    return broken


async def lost_turns(site: Site, promised: Sequence[str]) -> int:
    """How many accepted messages have no reply, or none of the model's to this very question."""
    async with await site.cluster.connect() as connection:
        cursor = await connection.execute(
            r"SELECT substring(q.text FROM 'Ticket \d+-[0-9a-f]{16}') FROM messages q JOIN messages r ON r.reply_to = q.id"
            r" WHERE q.status = 'completed' AND position(substring(q.text FROM 'Ticket \d+-[0-9a-f]{16}') IN r.text) = 1"
        )
        answered = {str(row[0]) for row in await cursor.fetchall()}
    return len(set(promised) - answered)


async def in_hand(site: Site) -> Mapping[int, Sequence[int]]:
    """The messages that are being answered at this moment, by the process that does it."""
    async with await site.cluster.connect() as connection:
        cursor = await connection.execute(
            r"SELECT substring(w.process FROM ':(\d+) ')::int, array_agg(m.id)"
            r" FROM procrastinate_jobs j JOIN procrastinate_workers w ON w.id = j.worker_id"
            r" JOIN messages m ON m.id = (j.args ->> 'message_id')::bigint"
            r" WHERE j.status = 'doing' AND j.task_name = 'answer' AND m.status = 'pending' AND NOT m.parked GROUP BY 1"
        )
        return {row[0]: row[1] for row in await cursor.fetchall()}  # pyright: ignore[reportReturnType] - as the query says


async def has_open_transaction(site: Site, process: int) -> bool:
    """Whether this process is in the middle of a transaction: while it stands still, what it locked stays locked."""
    async with await site.cluster.connect() as connection:
        query: LiteralString = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE %s AND xact_start IS NOT NULL"
        )
        return await _number(connection, query, f"turnkeeper %:{process} %") > 0


async def unfinished(site: Site, messages: Sequence[int]) -> int:
    """How many of these are neither at their end nor wait for a person."""
    async with await site.cluster.connect() as connection:
        query: LiteralString = (
            "SELECT count(*) FROM messages WHERE id = ANY(%s) AND status IN ('queued', 'pending') AND NOT parked"
        )
        return await _number(connection, query, list(messages))


async def attempts(site: Site) -> int:
    """Turns that were begun more than once."""
    async with await site.cluster.connect() as connection:
        return await _number(connection, "SELECT count(*) FROM messages WHERE attempt > 1")


async def doubled_effects(site: Site) -> tuple[int, int, list[str]]:
    """How many effects there were, how many of them twice, and sentences about what is wrong."""
    happened = await site.happened()
    doubled = sum(len(keys) - 1 for keys in happened.refunds.values()) + sum(n - 1 for n in happened.mails.values())
    broken = [f"{doubled} effects happened twice."] if doubled else []
    async with await site.cluster.connect() as connection:
        cursor = await connection.execute(
            r"SELECT substring(text FROM 'Ticket \d+-[0-9a-f]{16}') FROM messages"
            r" WHERE role = 'user' AND status = 'completed' AND text ~ ' (pay|mail)$'"
        )
        wanted = {str(row[0]) for row in await cursor.fetchall()}
    missing = wanted - set(happened.refunds) - set(happened.mails)
    if missing:
        broken.append(f"{len(missing)} effects never happened although their turns ended well: {sorted(missing)[:3]}")
    return len(happened.refunds) + len(happened.mails), doubled, broken


async def _unfinished(connection: psycopg.AsyncConnection[tuple[object, ...]]) -> list[str]:
    deadline = time.monotonic() + SETTLE_SECONDS
    while True:
        messages, tasks = await _number(connection, _UNFINISHED), await _number(connection, _TASKS)
        if not messages and not tasks:
            return []
        if time.monotonic() > deadline:
            return [f"{messages} messages are unfinished and {tasks} tasks wait for ever."]
        await asyncio.sleep(0.1)


async def _lost(connection: psycopg.AsyncConnection[tuple[object, ...]], promised: Sequence[str]) -> list[str]:
    cursor = await connection.execute(
        r"SELECT substring(text FROM 'Ticket \d+-[0-9a-f]{16}') FROM messages WHERE role = 'user'"
    )
    kept = {str(row[0]) for row in await cursor.fetchall()}
    lost = set(promised) - kept
    return [f"{len(lost)} accepted messages are not in the database: {sorted(lost)[:3]}"] if lost else []


async def _number(
    connection: psycopg.AsyncConnection[tuple[object, ...]], query: LiteralString, *values: object
) -> int:
    row = await (await connection.execute(query, values)).fetchone()
    return int(str(row[0])) if row else 0
