"""What was spent, at rest: counted by the statement that ends a turn, and read as sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.usage import NOTHING, DaySpend, Grouping, Spent, Usage, UsageReport, UsageSum
from turnkeeper.store.conversations import CONVERSATION_IS_VISIBLE, which
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

MOST_SUMS = 10_000

_MODEL = "model:"
_WASTE = "spent:"


@dataclass(frozen=True, kw_only=True, slots=True)
class _Counted:
    """What is read of the step of a model call."""

    usage: Usage


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
               %(spent_model)s, talk.id %% 16, 1, %(spent_input)s, %(spent_output)s, %(spent_cache_read)s,
               %(spent_cache_write)s, %(spent_cost)s::numeric, %(spent_unpriced)s
        FROM talk
        ON CONFLICT (organization_id, day, agent_id, account_id, model, slot) DO UPDATE SET
            turns = u.turns + 1,
            input_tokens = u.input_tokens + excluded.input_tokens,
            output_tokens = u.output_tokens + excluded.output_tokens,
            cache_read_tokens = u.cache_read_tokens + excluded.cache_read_tokens,
            cache_write_tokens = u.cache_write_tokens + excluded.cache_write_tokens,
            cost_usd = coalesce(u.cost_usd + excluded.cost_usd, u.cost_usd, excluded.cost_usd),
            unpriced_calls = u.unpriced_calls + excluded.unpriced_calls
    )"""


def counting(statement: LiteralString) -> LiteralString:
    """The statement that ends a turn, such that it also counts what the turn spent; its parameters are `spent_values`.

    The statement has the marks `{spent}`, at the end of its `SET` of the conversation, and `{counted}`, behind its last
    part; and its part `talk` returns the conversation's `id`, `organization_id`, `agent_id` and `account_id`.
    """
    return statement.replace("{spent}", _ADDED_TO_TALK).replace("{counted}", _ADDED_TO_DAY)


def not_counting(statement: LiteralString) -> LiteralString:
    """The same statement for a turn that spent nothing: it writes no row more."""
    return statement.replace("{spent}", "").replace("{counted}", "")


def spent_values(spent: Spent) -> Mapping[str, object]:
    """The parameters that `counting` adds."""
    return {
        "spent_model": spent.model,
        "spent_input": spent.usage.input_tokens,
        "spent_output": spent.usage.output_tokens,
        "spent_cache_read": spent.usage.cache_read_tokens,
        "spent_cache_write": spent.usage.cache_write_tokens,
        "spent_cost": spent.usage.cost_usd,
        "spent_unpriced": spent.usage.unpriced_calls,
    }


def waste_step(attempt: int) -> str:
    """The name of the step that keeps what this attempt took in calls of the model that came to no step of their own."""
    return f"{_WASTE}{attempt}"


def spent_in(recorded: Mapping[str, bytes]) -> dict[str, Usage]:
    """What each of a turn's recorded steps took, of those that took something; the steps are JSON texts by name."""
    spent = {name: _MODEL_STEP.decode(step).usage for name, step in recorded.items() if name.startswith(_MODEL)}
    return spent | {name: _WASTE_STEP.decode(step) for name, step in recorded.items() if name.startswith(_WASTE)}


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
        f" FROM conversations c WHERE {CONVERSATION_IS_VISIBLE} AND {which('c', conversation)}",
        {**scope(caller), "only_own": False, "wanted": conversation},
    )
    row = await cursor.fetchone()
    return None if row is None else _usage(row)


async def report(connection: Connection, caller: Caller, *, days: int, by: Grouping) -> UsageReport:
    """What was spent in the last `days` days, today included: by an admin's organization, or by the caller alone.

    No more than the first `MOST_SUMS` sums are read; the total is of all.
    """
    name, joined = _GROUPINGS[by]
    order: LiteralString = "name" if by == "day" else "sum(u.cost_usd) DESC NULLS LAST, sum(u.input_tokens) DESC, name"
    cursor = await connection.execute(
        f"""
        WITH span AS (
            SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date - %(days)s::integer + 1 AS first_day,
                   (clock_timestamp() AT TIME ZONE 'UTC')::date AS last_day
        ), u AS (
            SELECT {name} AS name, d.* FROM span, usage_days d {joined}
            WHERE d.organization_id = %(organization)s AND d.day BETWEEN span.first_day AND span.last_day
              AND (%(is_admin)s OR d.account_id = %(account)s)
        )
        SELECT (SELECT first_day FROM span), (SELECT last_day FROM span), name, coalesce(sum(u.turns), 0)::bigint, {_SUMS}
        FROM u GROUP BY GROUPING SETS ((name), ()) ORDER BY grouping(name) DESC, {order} LIMIT %(most)s
        """,
        {**scope(caller), "days": days, "most": MOST_SUMS + 1},
    )
    rows = await cursor.fetchall()
    total, *sums = (UsageSum(name=row[2] or "total", turns=row[3], usage=_usage(row[4:])) for row in rows)
    return UsageReport(first_day=rows[0][0], last_day=rows[0][1], by=by, sums=tuple(sums), total=total)


_GROUPINGS: Mapping[Grouping, tuple[LiteralString, LiteralString]] = {
    "agent": ("coalesce(a.slug, '#' || d.agent_id)", "LEFT JOIN agents a ON a.id = d.agent_id"),
    "account": ("coalesce(a.name, '#' || d.account_id)", "LEFT JOIN accounts a ON a.id = d.account_id"),
    "model": ("d.model", ""),
    "day": ("to_char(d.day, 'YYYY-MM-DD')", ""),
}


def _usage(row: TupleRow) -> Usage:
    return Usage(
        input_tokens=row[0] or 0,
        output_tokens=row[1] or 0,
        cache_read_tokens=row[2] or 0,
        cache_write_tokens=row[3] or 0,
        cost_usd=row[4],
        unpriced_calls=row[5] or 0,
    )
