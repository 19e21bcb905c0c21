"""Effects at rest: what turns did to the world outside, written before each call and after it."""

from collections.abc import Mapping, Sequence
from typing import LiteralString
from uuid import UUID

from turnkeeper.core.effects import Effect, EffectState, KnownEffect
from turnkeeper.store.database import Connection

# Parts of a statement that has checked the claim in `talk`. A call that is begun again keeps its row and its key.
WRITE_EFFECTS: LiteralString = """, intended AS (
        INSERT INTO effects (id, message_id, step, call_id, tool, kind, arguments, state, tries)
        SELECT e.id, %(message)s, e.step, e.call_id, e.tool, e.kind, e.arguments, 'intended', e.tries
        FROM talk, unnest(%(effect_ids)s::uuid[], %(effect_steps)s::text[], %(effect_calls)s::text[],
                          %(effect_tools)s::text[], %(effect_kinds)s::text[], %(effect_arguments)s::text[],
                          %(effect_tries)s::integer[]) AS e(id, step, call_id, tool, kind, arguments, tries)
        ON CONFLICT (id) DO UPDATE SET state = 'intended', tries = excluded.tries, ended_at = NULL
    ), settled AS (
        UPDATE effects SET state = e.state, ended_at = clock_timestamp()
        FROM talk, unnest(%(settled_ids)s::uuid[], %(settled_states)s::text[]) AS e(id, state)
        WHERE effects.id = e.id AND effects.message_id = %(message)s
    )"""


def effect_values(intended: Sequence[Effect], settled: Mapping[UUID, EffectState]) -> dict[str, object]:
    """The parameters of `WRITE_EFFECTS`. One effect must not stand in both."""
    return {
        "effect_ids": [effect.id for effect in intended],
        "effect_steps": [effect.step for effect in intended],
        "effect_calls": [effect.call_id for effect in intended],
        "effect_tools": [effect.tool for effect in intended],
        "effect_kinds": [effect.kind for effect in intended],
        "effect_arguments": [effect.arguments for effect in intended],
        "effect_tries": [effect.tries for effect in intended],
        "settled_ids": list(settled),
        "settled_states": list(settled.values()),
    }


async def of_message(connection: Connection, *, message_id: int) -> dict[UUID, KnownEffect]:
    """What is known of a message's effects, by their ids."""
    cursor = await connection.execute("SELECT id, state, tries FROM effects WHERE message_id = %s", (message_id,))
    return {row[0]: KnownEffect(state=row[1], tries=row[2]) for row in await cursor.fetchall()}


async def close(connection: Connection, *, message_id: int) -> None:
    """Mark calls that were begun and have no outcome as unknown, since no attempt will follow."""
    await connection.execute(
        """
        UPDATE effects SET state = 'unknown', ended_at = clock_timestamp() WHERE message_id = %s AND state = 'intended'
        """,
        (message_id,),
    )
