"""Sealed secrets at rest. What is written and read here cannot be read without the vault's key.

Those with a `webhook_id` are what webhooks sign with (see `signing_secrets`): they are sealed anew with the others, and
otherwise not seen here.
"""

from collections.abc import Sequence

from psycopg.rows import class_row

from turnkeeper.core.secrets import Sealed, Secret
from turnkeeper.store.database import Connection

_LOCK_CLASS = 0x7462  # the first of the two numbers of our advisory locks on the vault
_SECRETS_A_PAGE = 500

Row = tuple[int, int, str, Sealed]
"""Id, organization's id, name, and the value."""


async def lock(connection: Connection, *, alone: bool) -> None:
    """Wait until nobody changes the vault's key, and keep it as it is until the end of the transaction.

    `alone` is for the one who changes the key: nobody seals meanwhile.
    """
    shared = "" if alone else "_shared"
    await connection.execute(f"SELECT pg_advisory_xact_lock{shared}(%s, 0)", (_LOCK_CLASS,))


async def put(connection: Connection, *, organization_id: int, name: str, sealed: Sealed, account_id: int) -> None:
    """Write a secret, or another value for it."""
    await connection.execute(
        """
        INSERT INTO secrets (organization_id, name, key_id, nonce, ciphertext, set_by) VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (organization_id, name) DO UPDATE
        SET key_id = EXCLUDED.key_id, nonce = EXCLUDED.nonce, ciphertext = EXCLUDED.ciphertext, set_by = EXCLUDED.set_by,
            updated_at = now()
        """,
        (organization_id, name, sealed.key_id, sealed.nonce, sealed.ciphertext, account_id),
    )


async def find(connection: Connection, *, organization_id: int, name: str) -> Sealed | None:
    """The sealed value, if there is such a secret."""
    async with connection.cursor(row_factory=class_row(Sealed)) as cursor:
        await cursor.execute(
            "SELECT key_id, nonce, ciphertext FROM secrets"
            " WHERE organization_id = %s AND name = %s AND webhook_id IS NULL",
            (organization_id, name),
        )
        return await cursor.fetchone()


async def listed(connection: Connection, *, organization_id: int) -> list[Secret]:
    """What may be told of the organization's secrets, in the order of their names."""
    async with connection.cursor(row_factory=class_row(Secret)) as cursor:
        await cursor.execute(
            """
            SELECT s.name, a.name AS set_by, s.created_at, s.updated_at
            FROM secrets s LEFT JOIN accounts a ON a.id = s.set_by WHERE s.organization_id = %s AND s.webhook_id IS NULL
            ORDER BY s.name
            """,
            (organization_id,),
        )
        return await cursor.fetchall()


async def count_others(connection: Connection, *, organization_id: int, name: str) -> int:
    """How many secrets the organization has besides the one of this name."""
    cursor = await connection.execute(
        "SELECT count(*) FROM secrets WHERE organization_id = %s AND name <> %s AND webhook_id IS NULL",
        (organization_id, name),
    )
    row = await cursor.fetchone() or (0,)
    return int(row[0])


async def count_sealed_otherwise(connection: Connection, *, key_id: str) -> int:
    """How many secrets of all organizations are sealed with another key than this one."""
    cursor = await connection.execute("SELECT count(*) FROM secrets WHERE key_id <> %s", (key_id,))
    row = await cursor.fetchone() or (0,)
    return int(row[0])


async def delete(connection: Connection, *, organization_id: int, name: str) -> bool:
    """Remove a secret; False when there is none."""
    cursor = await connection.execute(
        "DELETE FROM secrets WHERE organization_id = %s AND name = %s AND webhook_id IS NULL", (organization_id, name)
    )
    return cursor.rowcount > 0


async def organizations(connection: Connection) -> list[int]:
    """Which organizations have secrets, in the order of their numbers."""
    cursor = await connection.execute("SELECT DISTINCT organization_id FROM secrets ORDER BY organization_id")
    return [int(row[0]) for row in await cursor.fetchall()]


async def page(connection: Connection, *, after_id: int) -> Sequence[Row]:
    """Secrets of all organizations with ids above `after_id`, in the order of their ids; empty at the end."""
    cursor = await connection.execute(
        """
        SELECT id, organization_id, name, key_id, nonce, ciphertext FROM secrets WHERE id > %s ORDER BY id LIMIT %s
        """,
        (after_id, _SECRETS_A_PAGE),
    )
    return [
        (int(row[0]), int(row[1]), str(row[2]), Sealed(key_id=row[3], nonce=row[4], ciphertext=row[5]))
        for row in await cursor.fetchall()
    ]


async def reseal(connection: Connection, *, secret_id: int, sealed: Sealed) -> None:
    """Store the same value under another key; neither its time nor who set it changes."""
    await connection.execute(
        "UPDATE secrets SET key_id = %s, nonce = %s, ciphertext = %s WHERE id = %s",
        (sealed.key_id, sealed.nonce, sealed.ciphertext, secret_id),
    )
