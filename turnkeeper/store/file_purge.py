"""Forgetting files that no message has any more, and bytes that no file has.

The bytes go before their row, and only after the row says that they are not to be relied upon: whoever uploads the same
bytes meanwhile stores them again, and whatever a crash leaves behind the next purge finds.
"""

from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Database
from turnkeeper.store.files import key_of

BLOBS_A_ROUND = 100


async def purge(database: Database, blobs: Blobs, *, older_than_hours: float) -> int:
    """Forget what was of no use for so long; returns how many files' bytes were removed."""
    age = (older_than_hours * 3600,)
    async with database.connection() as connection:
        await connection.execute("DELETE FROM files WHERE unused_since < now() - make_interval(secs => %s)", age)
        await connection.execute(
            "UPDATE blobs SET is_stored = false WHERE unused_since < now() - make_interval(secs => %s) AND is_stored",
            age,
        )
    removed = 0
    while True:
        count = await _remove_some(database, blobs, age)
        removed += count
        if count < BLOBS_A_ROUND:
            return removed


async def _remove_some(database: Database, blobs: Blobs, age: tuple[float]) -> int:
    async with database.transaction() as connection:
        cursor = await connection.execute(
            "SELECT id, organization_id, hash FROM blobs"
            " WHERE unused_since < now() - make_interval(secs => %s) AND NOT is_stored"
            " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
            (*age, BLOBS_A_ROUND),
        )
        rows = await cursor.fetchall()
        for _, organization_id, digest in rows:
            await blobs.delete(key_of(organization_id, digest))
        await connection.execute("DELETE FROM blobs WHERE id = ANY(%s)", ([row[0] for row in rows],))
    return len(rows)
