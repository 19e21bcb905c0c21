"""The vault: admins set, list and delete their organization's secrets; models and tools read them; operators rotate.

A value goes in and never comes out again, but to the model or tool that needs it.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.audit import Actor
from turnkeeper.core.errors import ConflictError, NotAllowedError, NotFoundError, RefusedError
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.core.secrets import Secret, checked_name, checked_value
from turnkeeper.store import audit, secrets
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.notices import Notices, tell_at_commit
from turnkeeper.store.sealing import Keyring
from turnkeeper.store.vault_keys import VaultKeys

CHANNEL = "turnkeeper_secrets"
_ALL = "*"
_MOST_SECRETS = 1_000
_MOST_REMEMBERED = 1_000
_REMEMBERED_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class VaultState:
    """Of all organizations: how many secrets there are, and which cannot be opened with the keys that are here."""

    secrets: int
    trouble: Sequence[str]
    """A sentence a secret, at most 10."""


class VaultActions:
    """What admins do with their secrets, and operators with all of them."""

    def __init__(self, database: Database, keys: VaultKeys) -> None:
        self._database = database
        self._keys = keys

    async def set(self, caller: Caller, *, name: str, value: str, key: IdempotencyKey | None = None) -> bool:
        """Keep a secret, or another value under its name. Who reads it uses the new one within 30 seconds.

        Returns whether an earlier request with this key did. The key's fingerprint is made here, and tells nothing.

        Raises:
            NotAllowedError: the caller is no admin.
            InvalidError: the name or the value cannot be kept.
            ConflictError: code `too_many_secrets`.
            RefusedError: the vault has no key.
        """
        _check_admin(caller)
        name, value, organization = checked_name(name), checked_value(value), caller.organization_id
        if key is not None:
            sealing = await asyncio.to_thread(self._keys.to_seal)
            key = replace(key, fingerprint=sealing.fingerprint(value.encode()))

        async def work(connection: Connection) -> bool:
            await secrets.lock(connection, alone=False)
            if await secrets.count_others(connection, organization_id=organization, name=name) >= _MOST_SECRETS:
                message = f"The organization has {_MOST_SECRETS:,} secrets already; delete one that is not used."
                raise ConflictError(message, code="too_many_secrets")
            keyring = await asyncio.to_thread(self._keys.to_seal)
            sealed = await asyncio.to_thread(keyring.seal, value, organization_id=organization, name=name)
            await secrets.put(
                connection, organization_id=organization, name=name, sealed=sealed, account_id=caller.account_id
            )
            await tell_at_commit(connection, CHANNEL, [_item(organization, name)])
            await audit.append(connection, caller.actor, "secret.put", target=name)
            return True

        return (await once(self._database, caller, key, bool, work, is_one_statement=False)).replayed

    async def list(self, caller: Caller) -> Sequence[Secret]:
        """The names of the organization's secrets in their order, and who set them when.

        Raises:
            NotAllowedError: the caller is no admin.
        """
        _check_admin(caller)
        async with self._database.connection() as connection:
            return await secrets.listed(connection, organization_id=caller.organization_id)

    async def delete(self, caller: Caller, *, name: str, key: IdempotencyKey | None = None) -> bool:
        """Forget a secret. Who reads it finds none within 30 seconds.

        Returns whether an earlier request with this key did.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none of this name.
        """
        _check_admin(caller)
        organization = caller.organization_id

        async def work(connection: Connection) -> bool:
            if not await secrets.delete(connection, organization_id=organization, name=name):
                raise NotFoundError("secret", name)
            await tell_at_commit(connection, CHANNEL, [_item(organization, name)])
            await audit.append(connection, caller.actor, "secret.deleted", target=name)
            return True

        return (await once(self._database, caller, key, bool, work, is_one_statement=False)).replayed

    async def rotate(self) -> int:
        """Seal the secrets of all organizations with the newest key, all or none; for operators only.

        Where Turnkeeper keeps the key itself, a new one is made and the old ones are forgotten afterwards; else the key
        is that of the settings, and secrets that have it already stay as they are.

        Returns:
            How many secrets were sealed anew.

        Raises:
            RefusedError: a secret's key is not here; nothing was changed.
        """
        async with self._database.transaction() as connection:
            await secrets.lock(connection, alone=True)
            await asyncio.to_thread(self._keys.to_seal)
            await asyncio.to_thread(self._keys.renew)
            keyring = await asyncio.to_thread(self._keys.to_seal)
            count = await _reseal_all(connection, keyring)
            await tell_at_commit(connection, CHANNEL, [_ALL])
            for organization_id in await secrets.organizations(connection):
                actor = Actor(organization_id=organization_id, origin="command")
                await audit.append(connection, actor, "secret.rotated")
        await self._drop_old_keys()
        return count

    async def state(self) -> VaultState:
        """How the secrets of all organizations are; for operators only. Changes nothing."""
        count, after_id = 0, 0
        trouble: list[str] = []
        while True:
            async with self._database.connection() as connection:
                page = await secrets.page(connection, after_id=after_id)
            if not page:
                return VaultState(secrets=count, trouble=trouble)
            count, after_id = count + len(page), page[-1][0]
            found = await asyncio.to_thread(_trouble, self._keys, page)
            trouble += found[: 10 - len(trouble)]

    async def _drop_old_keys(self) -> None:
        """Forget the old keys in the file, unless a secret has one: another rotation may have stopped half-way."""
        async with self._database.transaction() as connection:
            await secrets.lock(connection, alone=True)
            current = (await asyncio.to_thread(self._keys.to_seal)).current_id
            if not await secrets.count_sealed_otherwise(connection, key_id=current):
                await asyncio.to_thread(self._keys.drop_old)


class VaultSecrets:
    """The secrets as models and tools read them: see `agents.secrets.Secrets`.

    A value is remembered for 30 seconds at most. A change anywhere reaches this process as a hint before.
    """

    def __init__(self, database: Database, keys: VaultKeys, notices: Notices) -> None:
        self._database = database
        self._keys = keys
        self._known: OrderedDict[str, tuple[float, str | None]] = OrderedDict()
        self._changes = 0
        notices.subscribe(CHANNEL, self._heard, self._connected)

    async def secret(self, organization_id: int, name: str) -> str | None:
        """The organization's secret with this name; None when it has none.

        Raises:
            TransientError: the database is away.
            RefusedError: it cannot be opened with the keys that this server has.
        """
        item = _item(organization_id, name)
        known = self._known.get(item)
        if known is not None and time.monotonic() - known[0] < _REMEMBERED_SECONDS:
            return known[1]
        began, changes = time.monotonic(), self._changes
        value = await self._look_up(organization_id, name)
        if changes == self._changes:  # else it may have been read before the change that was told of meanwhile
            self._known[item] = (began, value)
            while len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        return value

    async def _look_up(self, organization_id: int, name: str) -> str | None:
        async with self._database.connection() as connection:
            sealed = await secrets.find(connection, organization_id=organization_id, name=name)
        if sealed is None:
            return None
        keyring = await asyncio.to_thread(self._keys.to_open, sealed.key_id)
        return await asyncio.to_thread(keyring.open, sealed, organization_id=organization_id, name=name)

    def _heard(self, item: str) -> None:
        self._changes += 1
        if item == _ALL:
            self._known.clear()
        else:
            self._known.pop(item, None)

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        del is_connected
        self._changes += 1
        self._known.clear()


async def _reseal_all(connection: Connection, keyring: Keyring) -> int:
    count, after_id = 0, 0
    while page := await secrets.page(connection, after_id=after_id):
        for secret_id, organization_id, name, sealed in page:
            if sealed.key_id == keyring.current_id:
                continue
            value = await asyncio.to_thread(keyring.open, sealed, organization_id=organization_id, name=name)
            anew = await asyncio.to_thread(keyring.seal, value, organization_id=organization_id, name=name)
            await secrets.reseal(connection, secret_id=secret_id, sealed=anew)
            count += 1
        after_id = page[-1][0]
    return count


def _trouble(keys: VaultKeys, page: Sequence[secrets.Row]) -> Sequence[str]:
    found: list[str] = []
    for _, organization_id, name, sealed in page:
        try:
            keys.to_open(sealed.key_id).open(sealed, organization_id=organization_id, name=name)
        except RefusedError as error:
            found.append(error.message)
    return found


def _check_admin(caller: Caller) -> None:
    if caller.role != "admin":
        raise NotAllowedError("Only an admin of the organization may see and change its secrets; ask one of them.")


def _item(organization_id: int, name: str) -> str:
    return f"{organization_id}/{name}"
