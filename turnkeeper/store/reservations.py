"""What turns under way hold of a day's limit, at rest: read, decided and written by one at a time an organization."""

from typing import LiteralString

from turnkeeper.core.usage import DaySpend, Usage
from turnkeeper.store.database import Connection

_TODAY: LiteralString = "(clock_timestamp() AT TIME ZONE 'UTC')::date"

_HELD: LiteralString = f"""
    WITH over AS (
        DELETE FROM reservations r USING messages m
        WHERE m.id = r.message_id AND r.organization_id = %(organization)s AND m.status <> 'pending'
    )
    SELECT r.agent_id = %(agent)s AS of_agent, sum(r.tokens)::bigint, sum(r.cost_usd)
    FROM reservations r JOIN messages m ON m.id = r.message_id
    WHERE r.organization_id = %(organization)s AND r.message_id <> %(message)s AND m.status = 'pending' AND r.day = {_TODAY}
    GROUP BY of_agent
"""

_HOLD: LiteralString = f"""
    INSERT INTO reservations (message_id, organization_id, agent_id, day, tokens, cost_usd)
    VALUES (%(message)s, %(organization)s, %(agent)s, {_TODAY}, %(tokens)s, %(cost)s)
    ON CONFLICT (message_id) DO UPDATE
    SET day = excluded.day, tokens = excluded.tokens, cost_usd = excluded.cost_usd
"""


async def take_turns(connection: Connection, *, organization_id: int) -> None:
    """Wait until nobody else reserves for this organization, and keep others waiting until the transaction's end."""
    await connection.execute("SELECT 1 FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,))


async def held_today(
    connection: Connection, *, organization_id: int, agent_id: int, but_for_message: int = 0
) -> DaySpend:
    """What turns under way have reserved today, in UTC: those of the agent, and all of the organization."""
    about = {"organization": organization_id, "agent": agent_id, "message": but_for_message}
    cursor = await connection.execute(_HELD, about)
    held = {bool(row[0]): Usage(input_tokens=row[1], cost_usd=row[2]) for row in await cursor.fetchall()}
    own = held.get(True, Usage())
    return DaySpend(agent=own, organization=own + held.get(False, Usage()))


async def hold(connection: Connection, *, message_id: int, organization_id: int, agent_id: int, usage: Usage) -> None:
    """Reserve so much for the turn of this message, in place of what it held before."""
    await connection.execute(
        _HOLD,
        {
            "message": message_id,
            "organization": organization_id,
            "agent": agent_id,
            "tokens": usage.tokens,
            "cost": usage.cost_usd,
        },
    )
