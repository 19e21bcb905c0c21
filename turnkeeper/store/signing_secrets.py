"""What webhooks sign with, at rest in the vault: sealed with its key, and sealed anew when that is rotated."""

import asyncio
import base64
import secrets as randomness

from turnkeeper.core.ids import new_id, to_ulid
from turnkeeper.core.secrets import Sealed
from turnkeeper.store import secrets
from turnkeeper.store.database import Connection
from turnkeeper.store.vault_keys import VaultKeys

PREFIX = "whsec_"
_SECRET_BYTES = 32
_MOST_SIGN = 5


class SigningSecrets:
    """Makes and opens them."""

    def __init__(self, keys: VaultKeys) -> None:
        self._keys = keys

    async def make(
        self, connection: Connection, *, organization_id: int, webhook_id: int, account_id: int, grace_hours: float = 0
    ) -> str:
        """A new secret, as it is shown; older ones sign for `grace_hours` more. To be called in a transaction.

        Raises:
            RefusedError: the vault has no key.
        """
        await secrets.lock(connection, alone=False)
        keyring = await asyncio.to_thread(self._keys.to_seal)
        value = PREFIX + base64.b64encode(randomness.token_bytes(_SECRET_BYTES)).decode()
        name = f"webhook:{to_ulid(new_id())}"
        sealed = await asyncio.to_thread(keyring.seal, value, organization_id=organization_id, name=name)
        await connection.execute(
            """
            UPDATE secrets SET expires_at = least(expires_at, now() + make_interval(secs => %s)) WHERE webhook_id = %s
            """,
            (grace_hours * 3600, webhook_id),
        )
        await connection.execute(
            """
            INSERT INTO secrets (organization_id, name, key_id, nonce, ciphertext, set_by, webhook_id)
            VALUES (%s, %s, %s, %s, %s, %s, %s)
            """,
            (organization_id, name, sealed.key_id, sealed.nonce, sealed.ciphertext, account_id, webhook_id),
        )
        return value

    async def newest(self, connection: Connection, *, organization_id: int, webhook_id: int) -> str:
        """The secret that was made last, as it is shown.

        Raises:
            RefusedError: it cannot be opened with the keys that this server has.
        """
        return (await self._opened(connection, organization_id, webhook_id))[0]

    async def keys_of(self, connection: Connection, *, organization_id: int, webhook_id: int) -> list[bytes]:
        """The keys that sign now, newest first; none when the webhook is gone.

        Raises:
            RefusedError: one cannot be opened with the keys that this server has.
        """
        found = await self._opened(connection, organization_id, webhook_id)
        return [base64.b64decode(value.removeprefix(PREFIX)) for value in found]

    async def _opened(self, connection: Connection, organization_id: int, webhook_id: int) -> list[str]:
        cursor = await connection.execute(
            """
            SELECT name, key_id, nonce, ciphertext FROM secrets
            WHERE webhook_id = %s AND (expires_at IS NULL OR expires_at > now()) ORDER BY id DESC LIMIT %s
            """,
            (webhook_id, _MOST_SIGN),
        )
        found: list[str] = []
        for name, key_id, nonce, ciphertext in await cursor.fetchall():
            sealed = Sealed(key_id=key_id, nonce=nonce, ciphertext=ciphertext)
            keyring = await asyncio.to_thread(self._keys.to_open, key_id)
            found.append(await asyncio.to_thread(keyring.open, sealed, organization_id=organization_id, name=name))
        return found
