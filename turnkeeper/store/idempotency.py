"""First results of requests that carried an Idempotency-Key."""

from turnkeeper.core.accounts import Caller
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.store.database import Connection


async def claim(connection: Connection, caller: Caller, key: IdempotencyKey) -> tuple[bytes, str] | None:
    """Take the key for this transaction, or return the fingerprint and the JSON result of the request that had it.

    While another transaction with the same key is open this waits for its end.
    """
    values = (caller.organization_id, key.route, key.key)
    taken = await connection.execute(
        "INSERT INTO idempotency_keys (organization_id, route, key, fingerprint) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (*values, key.fingerprint),
    )
    if taken.rowcount == 1:
        return None
    cursor = await connection.execute(
        "SELECT fingerprint, result::text FROM idempotency_keys WHERE organization_id = %s AND route = %s AND key = %s",
        values,
    )
    row = await cursor.fetchone()
    return None if row is None else (bytes(row[0]), row[1])


async def keep(connection: Connection, caller: Caller, key: IdempotencyKey, *, result: bytes) -> None:
    """Store the first result, a JSON text, in the transaction that made it."""
    await connection.execute(
        "UPDATE idempotency_keys SET result = %s::jsonb WHERE organization_id = %s AND route = %s AND key = %s",
        (result.decode(), caller.organization_id, key.route, key.key),
    )


async def purge(connection: Connection, *, older_than_hours: int) -> int:
    """Forget old keys; returns how many."""
    cursor = await connection.execute(
        "DELETE FROM idempotency_keys WHERE created_at < now() - make_interval(hours => %s)", (older_than_hours,)
    )
    return cursor.rowcount
