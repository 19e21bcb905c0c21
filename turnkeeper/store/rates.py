"""How many requests keys have made, at all nodes together: one number a key."""

from collections.abc import Mapping
from typing import LiteralString

from turnkeeper.core.rates import Spent
from turnkeeper.store.database import Connection

# In the order of the keys, so that two nodes wait for each other and never in a circle. The keys are held: one that is being
# deleted would otherwise be found here, and missed by the foreign key.
_ADD: LiteralString = """
    INSERT INTO key_rates AS r (key_id, full_at, added)
    SELECT k.id, extract(epoch FROM clock_timestamp()) - s.age + s.seconds, s.seconds
    FROM unnest(%(keys)s::bigint[], %(seconds)s::float8[], %(ages)s::float8[]) AS s (key_id, seconds, age)
    JOIN api_keys k ON k.id = s.key_id
    ORDER BY k.id FOR KEY SHARE OF k
    ON CONFLICT (key_id) DO UPDATE
    SET full_at = greatest(r.full_at + excluded.added, excluded.full_at), added = excluded.added
    RETURNING key_id, full_at - extract(epoch FROM clock_timestamp())::float8
"""


async def add(connection: Connection, spent: Mapping[int, Spent]) -> Mapping[int, float]:
    """Count what keys spent; for each key, in how many seconds all of its requests will be there again.

    Keys that are no longer there are left out.
    """
    keys = sorted(spent)
    cursor = await connection.execute(
        _ADD,
        {
            "keys": keys,
            "seconds": [spent[key].seconds for key in keys],
            "ages": [spent[key].age_seconds for key in keys],
        },
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}
