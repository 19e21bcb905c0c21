"""What was spent, at rest: counted by the statement that ends a turn, and read as sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.usage import (
    NOTHING,
    DaySpend,
    Grouping,
    Spent,
    Usage,
    UsageFilter,
    UsageGroup,
    UsageReport,
    UsageSum,
)
from turnkeeper.store.conversations import THIS_IS_VISIBLE, which
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

MOST_SUMS = 10_000

_MODEL = "model:"
_WASTE = "spent:"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counted:
    """What is read of the step of a model call."""

    usage: Usage
    model: str = ""


_MODEL_STEP = msgspec.json.Decoder(_Counted)
_WASTE_STEP = msgspec.json.Decoder(Usage)

_SUMS: LiteralString = """
    sum(u.input_tokens)::bigint, sum(u.output_tokens)::bigint, sum(u.cache_read_tokens)::bigint,
    sum(u.cache_write_tokens)::bigint, sum(u.cost_usd), sum(u.unpriced_calls)::bigint
"""

_ADDED_TO_TALK: LiteralString = """,
            input_tokens = coalesce(input_tokens, 0) + %(spent_input)s,
            output_tokens = coalesce(output_tokens, 0) + %(spent_output)s,
            cache_read_tokens = coalesce(cache_read_tokens, 0) + %(spent_cache_read)s,
            cache_write_tokens = coalesce(cache_write_tokens, 0) + %(spent_cache_write)s,
            cost_usd = coalesce(cost_usd + %(spent_cost)s::numeric, cost_usd, %(spent_cost)s::numeric),
            unpriced_calls = coalesce(unpriced_calls, 0) + %(spent_unpriced)s"""

_ADDED_TO_DAY: LiteralString = """, counted AS (
        INSERT INTO usage_days AS u
            (organization_id, day, agent_id, account_id, model, slot, turns, input_tokens, output_tokens,
             cache_read_tokens, cache_write_tokens, cost_usd, unpriced_calls)
        SELECT talk.organization_id, (clock_timestamp() AT TIME ZONE 'UTC')::date, talk.agent_id, talk.account_id,
               %(spent_model)s, talk.id %% 16, %(spent_turns)s, %(spent_input)s, %(spent_output)s, %(spent_cache_read)s,
               %(spent_cache_write)s, %(spent_cost)s::numeric, %(spent_unpriced)s
        FROM talk
        ON CONFLICT (organization_id, day, agent_id, account_id, model, slot) DO UPDATE SET
            turns = u.turns + excluded.turns,
            input_tokens = u.input_tokens + excluded.input_tokens,
            output_tokens = u.output_tokens + excluded.output_tokens,
            cache_read_tokens = u.cache_read_tokens + excluded.cache_read_tokens,
            cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens,
            cost_usd = coalesce(u.cost_usd + excluded.cost_usd, u.cost_usd, excluded.cost_usd),
            unpriced_calls = u.unpriced_calls + excluded.unpriced_calls
    )"""

_COUNT_BETWEEN_TURNS: LiteralString = f"""
    WITH talk AS (
        UPDATE conversations SET last_event = last_event{_ADDED_TO_TALK}
        WHERE id = %(conversation)s RETURNING id, organization_id, agent_id, account_id
    ){_ADDED_TO_DAY}
    SELECT 1
"""


def counting(statement: LiteralString) -> LiteralString:
    """The statement that ends a turn, such that it also counts what the turn spent; its parameters are `spent_values`.

    The statement has the marks `{spent}`, at the end of its `SET` of the conversation, and `{counted}`, behind its last
    part; and its part `talk` returns the conversation's `id`, `organization_id`, `agent_id` and `account_id`.
    """
    return statement.replace("{spent}", _ADDED_TO_TALK).replace("{counted}", _ADDED_TO_DAY)


def not_counting(statement: LiteralString) -> LiteralString:
    """The same statement for a turn that spent nothing: it writes no row more."""
    return statement.replace("{spent}", "").replace("{counted}", "")


def spent_values(spent: Spent, *, turns: int = 1) -> Mapping[str, object]:
    """The parameters that `counting` adds."""
    return {
        "spent_turns": turns,
        "spent_model": spent.model,
        "spent_input": spent.usage.input_tokens,
        "spent_output": spent.usage.output_tokens,
        "spent_cache_read": spent.usage.cache_read_tokens,
        "spent_cache_write": spent.usage.cache_write_tokens,
        "spent_cost": spent.usage.cost_usd,
        "spent_unpriced": spent.usage.unpriced_calls,
    }


async def count_between_turns(connection: Connection, spent: Spent, *, conversation_id: int) -> None:
    """Count what was spent on a conversation outside its turns; nothing when it is gone."""
    if spent.usage != NOTHING:
        values = spent_values(spent, turns=0)
        await connection.execute(_COUNT_BETWEEN_TURNS, {**values, "conversation": conversation_id})


def waste_step(attempt: int) -> str:
    """The name of the step that keeps what this attempt took in calls of the model that came to no step of their own."""
    return f"{_WASTE}{attempt}"


def spent_in(recorded: Mapping[str, bytes]) -> dict[str, Usage]:
    """What each of a turn's recorded steps took, of those that took something; the steps are JSON texts by name."""
    spent = {name: _MODEL_STEP.decode(step).usage for name, step in recorded.items() if name.startswith(_MODEL)}
    return spent | {name: _WASTE_STEP.decode(step) for name, step in recorded.items() if name.startswith(_WASTE)}


def model_in(recorded: Mapping[str, bytes]) -> str | None:
    """What the newest of a turn's recorded model calls says that its model is called, if it says so."""
    calls = {int(name.removeprefix(_MODEL)): step for name, step in recorded.items() if name.startswith(_MODEL)}
    return _MODEL_STEP.decode(calls[max(calls)]).model or None if calls else None


async def today(connection: Connection, *, organization_id: int, agent_id: int) -> DaySpend:
    """What the agent, and its whole organization, spent on the day that it is now in UTC."""
    cursor = await connection.execute(
        f"""
        SELECT u.agent_id = %s AS of_agent, {_SUMS} FROM usage_days u
        WHERE u.organization_id = %s AND u.day = (clock_timestamp() AT TIME ZONE 'UTC')::date
        GROUP BY of_agent
        """,
        (agent_id, organization_id),
    )
    spend = {bool(row[0]): _usage(row[1:]) for row in await cursor.fetchall()}
    own = spend.get(True, NOTHING)
    return DaySpend(agent=own, organization=own + spend.get(False, NOTHING))


async def of_conversation(connection: Connection, caller: Caller, *, conversation: int | UUID) -> Usage | None:
    """What the turns of a conversation spent, if the caller may see it."""
    cursor = await connection.execute(
        "SELECT input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, cost_usd, unpriced_calls"
        f" FROM conversations c WHERE {THIS_IS_VISIBLE} AND {which('c', conversation)}",
        {**scope(caller), "only_own": False, "wanted": conversation},
    )
    row = await cursor.fetchone()
    return None if row is None else _usage(row)


async def report(connection: Connection, caller: Caller, wanted: UsageFilter) -> UsageReport:
    """What was spent: by an admin's organization, or by the caller alone.

    No more than the first `MOST_SUMS` sums are read; the total is of all.
    """
    # Tables are joined to the sums, not to the days: agents of one name are told apart, and there are fewer rows.
    columns: LiteralString = ", ".join(
        f"d.{column}" if by in wanted.by else f"NULL::{kind} AS {column}" for by, (column, kind) in _COLUMNS.items()
    )
    grouped: LiteralString = ", ".join(f"d.{_COLUMNS[by][0]}" for by in wanted.by)
    order: LiteralString = "s.day, " if "day" in wanted.by else ""
    cursor = await connection.execute(
        f"""
        WITH s AS (
            SELECT grouping({grouped}) > 0 AS is_total, {columns}, coalesce(sum(d.turns), 0)::bigint AS turns,
                   sum(d.input_tokens)::bigint AS input, sum(d.output_tokens)::bigint AS output,
                   sum(d.cache_read_tokens)::bigint AS cache_read, sum(d.cache_write_tokens)::bigint AS cache_write,
                   sum(d.cost_usd) AS cost, sum(d.unpriced_calls)::bigint AS unpriced
            FROM usage_days d
            WHERE d.organization_id = %(organization)s AND d.day BETWEEN %(first_day)s AND %(last_day)s
              AND (%(is_admin)s OR d.account_id = %(account)s)
              AND (%(of_agent)s::uuid IS NULL OR d.agent_id = (SELECT id FROM agents WHERE public_id = %(of_agent)s))
              AND (%(of_account)s::uuid IS NULL
                   OR d.account_id = (SELECT id FROM accounts WHERE public_id = %(of_account)s))
              AND (%(of_model)s::text IS NULL OR d.model = %(of_model)s)
            GROUP BY GROUPING SETS (({grouped}), ())
        )
        SELECT s.turns, s.input, s.output, s.cache_read, s.cache_write, s.cost, s.unpriced,
               s.day, coalesce(a.slug, '#' || s.agent_id) AS agent, a.public_id, s.model,
               coalesce(o.name, '#' || s.account_id) AS account, o.public_id
        FROM s LEFT JOIN agents a ON a.id = s.agent_id LEFT JOIN accounts o ON o.id = s.account_id
        ORDER BY s.is_total DESC, {order}s.cost DESC NULLS LAST, s.input DESC, agent, account, s.model LIMIT %(most)s
        """,
        {
            **scope(caller),
            "first_day": wanted.first_day,
            "last_day": wanted.last_day,
            "of_agent": wanted.agent,
            "of_account": wanted.account,
            "of_model": wanted.model,
            "most": MOST_SUMS + 2,
        },
    )
    total, *sums = (
        UsageSum(of=_group(row[7:]), turns=row[0], usage=_usage(row[1:7])) for row in await cursor.fetchall()
    )
    return UsageReport(
        first_day=wanted.first_day,
        last_day=wanted.last_day,
        by=wanted.by,
        sums=tuple(sums[:MOST_SUMS]),
        total=total,
        is_cut=len(sums) > MOST_SUMS,
    )


_COLUMNS: Mapping[Grouping, tuple[LiteralString, LiteralString]] = {
    "day": ("day", "date"),
    "agent": ("agent_id", "bigint"),
    "model": ("model", "text"),
    "account": ("account_id", "bigint"),
}


def _group(row: TupleRow) -> UsageGroup:
    return UsageGroup(day=row[0], agent=row[1], agent_id=row[2], model=row[3], account=row[4], account_id=row[5])


def _usage(row: TupleRow) -> Usage:
    return Usage(
        input_tokens=row[0] or 0,
        output_tokens=row[1] or 0,
        cache_read_tokens=row[2] or 0,
        cache_write_tokens=row[3] or 0,
        cost_usd=row[4],
        unpriced_calls=row[5] or 0,
    )
