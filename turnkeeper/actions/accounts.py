"""Organizations, accounts and keys: what operators do from the command line."""

import asyncio
import base64
import hashlib
import os
from collections.abc import Sequence
from datetime import datetime

from turnkeeper.actions.passwords import hash_password
from turnkeeper.actions.signin import CHANNEL
from turnkeeper.core.accounts import Account, ApiKey, Caller, Organization, Role
from turnkeeper.core.errors import InvalidError, NotFoundError
from turnkeeper.store import accounts
from turnkeeper.store.database import Database
from turnkeeper.store.notices import tell_at_commit

KEY_PREFIX = "tk_"
_SHOWN = 11
"""How much of a key is kept in clear, to tell keys apart: `tk_` and 8 characters."""
_SHORTEST_PASSWORD = 8


class AccountActions:
    """The operator's view: he who may run the command line may do all of this."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def create_organization(self, *, name: str) -> Organization:
        """Begin a tenant.

        Raises:
            ConflictError: code `name_taken`.
            InvalidError: the name is blank or too long.
        """
        async with self._database.connection() as connection:
            return await accounts.create_organization(connection, name=_checked_name(name))

    async def organization(self, *, name: str | None) -> Organization:
        """The organization of this name, or the oldest.

        Raises:
            NotFoundError: there is none.
        """
        for organization in await self.organizations():
            if name is None or organization.name == name:
                return organization
        raise NotFoundError("organization", name or "any")

    async def organizations(self) -> Sequence[Organization]:
        """The first thousand organizations, oldest first."""
        async with self._database.connection() as connection:
            return await accounts.organizations(connection, limit=1_000)

    async def create_user(self, organization: Organization, *, email: str, password: str, role: Role) -> Account:
        """Add a person.

        Raises:
            ConflictError: code `name_taken`.
            InvalidError: the address is none, or the password is too short.
        """
        name, _, domain = email.strip().partition("@")
        if not name or ("." not in domain.strip(".") and domain != "localhost"):
            raise InvalidError("email", f"{email!r} is not an e-mail address.")
        _check_password(password)
        # argon2 costs some 0.2 s of CPU by design; nothing else may wait for it.
        password_hash = await asyncio.to_thread(hash_password, password)
        async with self._database.connection() as connection:
            return await accounts.create_account(
                connection,
                organization_id=organization.id,
                name=_checked_name(email),
                role=role,
                password_hash=password_hash,
            )

    async def create_service_account(self, organization: Organization, *, name: str, role: Role) -> Account:
        """Add a program.

        Raises:
            ConflictError: code `name_taken`.
            InvalidError: the name is blank or too long.
        """
        async with self._database.connection() as connection:
            return await accounts.create_account(
                connection, organization_id=organization.id, name=_checked_name(name), role=role, password_hash=None
            )

    async def accounts(self, organization: Organization) -> Sequence[Account]:
        """The first ten thousand accounts, oldest first."""
        async with self._database.connection() as connection:
            return await accounts.accounts(connection, organization_id=organization.id, after_id=0, limit=10_000)

    async def account(self, organization: Organization, *, name: str | None) -> Account:
        """The account with this name or e-mail address, or the oldest admin.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.connection() as connection:
            found = (
                await accounts.first_admin(connection, organization_id=organization.id)
                if name is None
                else await accounts.find_account(connection, organization_id=organization.id, name=name)
            )
        if found is None:
            raise NotFoundError("account", name or "with the role of an admin")
        return found

    async def update_account(
        self, account: Account, *, role: Role | None = None, is_active: bool | None = None, password: str | None = None
    ) -> None:
        """Change what is not None; its keys feel it at once.

        Raises:
            InvalidError: the password is too short.
        """
        if password is not None:
            _check_password(password)
        password_hash = None if password is None else await asyncio.to_thread(hash_password, password)
        async with self._database.transaction() as transaction:
            await accounts.update_account(
                transaction, account_id=account.id, role=role, is_active=is_active, password_hash=password_hash
            )
            digests = await accounts.digests_of(transaction, account_id=account.id)
            await tell_at_commit(transaction, CHANNEL, [digest.hex() for digest in digests])

    async def create_key(
        self, account: Account, *, name: str, expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is shown here and never again."""
        secret = KEY_PREFIX + base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")
        async with self._database.connection() as connection:
            key = await accounts.create_key(
                connection,
                account=account,
                name=_checked_name(name),
                prefix=secret[:_SHOWN],
                digest=hashlib.sha256(secret.encode()).digest(),
                expires_at=expires_at,
            )
        return key, secret

    async def keys(self, organization: Organization) -> Sequence[ApiKey]:
        """The first ten thousand keys, oldest first; revoked ones too."""
        async with self._database.connection() as connection:
            return await accounts.keys(connection, organization_id=organization.id, after_id=0, limit=10_000)

    async def revoke_keys(self, organization: Organization, *, wanted: str) -> Sequence[ApiKey]:
        """Revoke the live keys with this name, prefix or id; at once, in every process.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.transaction() as transaction:
            revoked = await accounts.revoke_keys(transaction, organization_id=organization.id, wanted=wanted)
            await tell_at_commit(transaction, CHANNEL, [digest.hex() for _, digest in revoked])
        if not revoked:
            raise NotFoundError("live key", wanted)
        return [key for key, _ in revoked]

    async def admin_caller(self, organization: Organization) -> Caller:
        """The operator as a caller: the oldest admin of the organization.

        Raises:
            NotFoundError: the organization has no active admin.
        """
        admin = await self.account(organization, name=None)
        return Caller(organization_id=organization.id, account_id=admin.id, key_id=0, role="admin")


def _check_password(password: str) -> None:
    if len(password) < _SHORTEST_PASSWORD:
        raise InvalidError("password", f"The password is too short; take at least {_SHORTEST_PASSWORD} characters.")


def _checked_name(name: str) -> str:
    stripped = name.strip()
    if not stripped or len(stripped) > 200 or not stripped.isprintable():
        raise InvalidError("name", "A name has 1 to 200 printable characters.")
    return stripped
