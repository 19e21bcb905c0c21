"""Organizations, accounts and keys: what operators do from the command line."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from turnkeeper.actions.key_rules import check_grace, key_details, scopes_refused
from turnkeeper.actions.member_changes import changes_of
from turnkeeper.actions.naming import checked_email, checked_name
from turnkeeper.actions.passwords import Hashing, checked_password, hash_password
from turnkeeper.actions.sign_in_codes import keep_code
from turnkeeper.actions.signin import tell_of_account, tell_of_keys
from turnkeeper.core.accounts import (
    Account,
    ApiKey,
    Caller,
    KeyFilter,
    NewKey,
    Organization,
    Role,
    Scope,
    scopes_of,
)
from turnkeeper.core.audit import Actor
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.keys import new_secret
from turnkeeper.core.rates import check_rate
from turnkeeper.core.sessions import new_code
from turnkeeper.store import accounts, audit, keys
from turnkeeper.store.database import Database


class AccountActions:
    """The operator's view: he who may run the command line may do all of this."""

    def __init__(self, database: Database, *, hashing: Hashing = hash_password) -> None:
        self._database = database
        self._hashing = hashing

    async def create_organization(self, *, name: str) -> Organization:
        """Begin a tenant.

        Raises:
            ConflictError: code `name_taken`.
            InvalidError: the name is blank or too long.
        """
        async with self._database.transaction() as connection:
            made = await accounts.create_organization(connection, name=checked_name(name))
            await audit.append(connection, _operator(made.id), "organization.created", target=made.public_id)
        return made

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
        address = checked_email(email)
        # argon2 costs some 0.2 s of CPU by design; nothing else may wait for it.
        password_hash = await asyncio.to_thread(self._hashing, checked_password(password))
        return await self._create_account(organization, name=address, role=role, password_hash=password_hash)

    async def create_service_account(self, organization: Organization, *, name: str, role: Role) -> Account:
        """Add a program.

        Raises:
            ConflictError: code `name_taken`.
            InvalidError: the name is blank or too long.
        """
        return await self._create_account(organization, name=checked_name(name), role=role, password_hash=None)

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
        password_hash = None if password is None else await asyncio.to_thread(self._hashing, checked_password(password))
        async with self._database.transaction() as transaction:
            await accounts.update_account(
                transaction, account_id=account.id, role=role, is_active=is_active, password_hash=password_hash
            )
            await tell_of_account(transaction, account.id)
            for action in changes_of(account, role=role, is_active=is_active, password=password):
                details = {"role": role} if action == "member.role_changed" else None
                actor = _operator(account.organization_id)
                await audit.append(transaction, actor, action, target=account.public_id, details=details)

    async def create_code(self, account: Account) -> str:
        """A code that signs the person in once, within an hour.

        Raises:
            InvalidError: the account is a program's, or not active.
        """
        code = new_code()
        async with self._database.transaction() as connection:
            await keep_code(connection, _operator(account.organization_id), account, code=code, field="account")
        return code

    async def set_operator(self, account: Account, *, is_operator: bool) -> None:
        """Let an admin make and list organizations, or no more.

        Raises:
            InvalidError: the account is no admin.
        """
        if is_operator and account.role != "admin":
            raise InvalidError("account", "Only an admin can be an operator; make the account an admin before.")
        async with self._database.transaction() as connection:
            await accounts.set_operator(connection, account_id=account.id, is_operator=is_operator)
            await audit.append(
                connection,
                _operator(account.organization_id),
                "member.operator_changed",
                target=account.public_id,
                details={"is_operator": is_operator},
            )

    async def create_key(
        self,
        account: Account,
        *,
        name: str,
        expires_at: datetime | None = None,
        scopes: frozenset[Scope] | None = None,
        requests_per_minute: int | None = None,
    ) -> tuple[ApiKey, str]:
        """A new key and its secret, which is shown here and never again. Without `scopes`: all that the role allows.

        Raises:
            InvalidError: the account's role does not allow one of the scopes, or the name or the rate cannot be.
        """
        allowed = scopes_of(account.role)
        wanted = allowed if scopes is None else scopes
        if not wanted or wanted - allowed:
            raise InvalidError("scopes", scopes_refused(wanted - allowed, whose=f"An account that is {account.role}"))
        check_rate(requests_per_minute)
        new = NewKey(
            name=checked_name(name), scopes=wanted, expires_at=expires_at, requests_per_minute=requests_per_minute
        )
        secret = new_secret()
        async with self._database.transaction() as connection:
            key = await keys.create(connection, account, secret, new)
            details = key_details(account.public_id, new)
            await audit.append(
                connection, _operator(account.organization_id), "key.created", target=key.public_id, details=details
            )
        return key, secret.text

    async def keys(self, organization: Organization) -> Sequence[ApiKey]:
        """The newest ten thousand keys, oldest first; revoked ones too."""
        async with self._database.connection() as connection:
            found = await keys.listed(connection, organization_id=organization.id, wanted=KeyFilter(limit=10_000))
        return [owned.key for owned in reversed(found)]

    async def revoke_keys(self, organization: Organization, *, wanted: str) -> Sequence[ApiKey]:
        """Revoke the live keys with this name, prefix or id, and those that they made; at once, in every process.

        Raises:
            NotFoundError: there is none.
        """
        async with self._database.transaction() as transaction:
            revoked = await keys.live_named(transaction, organization_id=organization.id, wanted=wanted)
            await keys.revoke(transaction, key_ids=[key.id for key in revoked])
            await tell_of_keys(transaction, *(key.id for key in revoked))
            for key in revoked:
                await audit.append(transaction, _operator(organization.id), "key.revoked", target=key.public_id)
        if not revoked:
            raise NotFoundError("live key", wanted)
        return revoked

    async def rotate_key(self, organization: Organization, *, wanted: str, grace_seconds: int) -> tuple[ApiKey, str]:
        """Give the one live key with this name, prefix or id a new secret; the old one is good for `grace_seconds` more.

        Raises:
            ConflictError: code `ambiguous`: several keys have this name.
            InvalidError: the time is out of bounds.
            NotFoundError: there is none.
        """
        check_grace(grace_seconds)
        secret = new_secret()
        async with self._database.transaction() as transaction:
            found = await keys.live_named(transaction, organization_id=organization.id, wanted=wanted)
            if len(found) > 1:
                raise ConflictError(f"Several keys are called {wanted!r}; name one by its prefix.", code="ambiguous")
            if not found:
                raise NotFoundError("live key", wanted)
            await tell_of_keys(transaction, found[0].id)
            await keys.rotate(transaction, secret, key_id=found[0].id, grace_seconds=grace_seconds)
            details = {"grace_seconds": grace_seconds}
            actor, target = _operator(organization.id), found[0].public_id
            await audit.append(transaction, actor, "key.rotated", target=target, details=details)
        return found[0], secret.text

    async def admin_caller(self, organization: Organization) -> Caller:
        """The operator as a caller: the oldest admin of the organization.

        Raises:
            NotFoundError: the organization has no active admin.
        """
        admin = await self.account(organization, name=None)
        return Caller(organization_id=organization.id, account_id=admin.id, key_id=0, role="admin", origin="command")

    async def _create_account(
        self, organization: Organization, *, name: str, role: Role, password_hash: str | None
    ) -> Account:
        async with self._database.transaction() as connection:
            made = await accounts.create_account(
                connection, organization_id=organization.id, name=name, role=role, password_hash=password_hash
            )
            details = {"kind": "service" if password_hash is None else "user", "role": role}
            await audit.append(
                connection, _operator(organization.id), "member.created", target=made.public_id, details=details
            )
        return made


def _operator(organization_id: int) -> Actor:
    return Actor(organization_id=organization_id, origin="command")
