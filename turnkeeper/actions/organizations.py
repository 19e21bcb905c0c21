"""Organizations: each admin's own, and for the operators of the server all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from turnkeeper.actions.naming import checked_name
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import ALL_SCOPES, Caller, NewKey, Organization, OwnedKey
from turnkeeper.core.audit import Actor
from turnkeeper.core.errors import NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.keys import new_secret
from turnkeeper.store import accounts, audit, keys
from turnkeeper.store.database import Connection, Database

FIRST_ADMIN = "operator"
"""The service account that a new organization begins with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewOrganization:
    """A new organization with the first key of its first admin.

    `secret` is None when the request was answered before, since no secret is stored.
    """

    organization: Organization
    key: OwnedKey
    secret: str | None


class OrganizationActions:
    """What callers may do about organizations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def own(self, caller: Caller) -> Organization:
        """The caller's organization."""
        async with self._database.connection() as connection:
            found = await accounts.get_organization(connection, organization=caller.organization_id)
        if found is None:
            raise NotFoundError("organization", caller.organization_id)
        return found

    async def rename_own(self, caller: Caller, *, name: str, key: IdempotencyKey | None) -> Once[Organization]:
        """Call the caller's organization something else.

        Raises:
            ConflictError: code `name_taken`, or `idempotency_key_reused`.
            InvalidError: the name is blank or too long.
            NotAllowedError: the caller is no admin.
        """
        if not caller.rules:
            raise NotAllowedError("Only admins rename the organization; ask one, or use an admin's key.")
        checked = checked_name(name)

        async def work(connection: Connection) -> Organization:
            renamed = await accounts.rename_organization(
                connection, organization_id=caller.organization_id, name=checked
            )
            await audit.append(connection, caller.actor, "organization.renamed", target=renamed.public_id)
            return renamed

        return await once(self._database, caller, key, Organization, work, is_one_statement=False)

    async def list(self, caller: Caller, *, before: int | None, limit: int) -> Sequence[Organization]:
        """All organizations of the server, newest first.

        Raises:
            NotAllowedError: the caller is no operator.
        """
        async with self._database.connection() as connection:
            await _check_operator(connection, caller)
            return await accounts.newest_organizations(connection, before=before, limit=limit)

    async def get(self, caller: Caller, organization: UUID) -> Organization:
        """One organization: the caller's own, or for operators any.

        Raises:
            NotFoundError: the caller may not know of such an organization.
        """
        async with self._database.connection() as connection:
            found = await accounts.get_organization(connection, organization=organization)
            if found is None or (found.id != caller.organization_id and not await _is_operator(connection, caller)):
                raise NotFoundError("organization", str(organization))
        return found

    async def create(self, caller: Caller, *, name: str, key: IdempotencyKey | None) -> Once[NewOrganization]:
        """Begin an organization, with a service account as its admin, and a key for it that may do everything there.

        Raises:
            ConflictError: code `name_taken`, or `idempotency_key_reused`.
            InvalidError: the name is blank or too long.
            NotAllowedError: the caller is no operator.
        """
        checked = checked_name(name)
        secret = new_secret()

        async def work(connection: Connection) -> NewOrganization:
            await _check_operator(connection, caller)
            organization = await accounts.create_organization(connection, name=checked)
            admin = await accounts.create_account(
                connection, organization_id=organization.id, name=FIRST_ADMIN, role="admin", password_hash=None
            )
            new = NewKey(name="first key", scopes=ALL_SCOPES)
            owned = OwnedKey(
                key=await keys.create(connection, admin, secret, new),
                owner=admin.public_id,
                owner_name=FIRST_ADMIN,
                owner_role=admin.role,
            )
            # In the log of whoever made it, and as the first entry of its own.
            await audit.append(connection, caller.actor, "organization.created", target=organization.public_id)
            made_by_server = Actor(organization_id=organization.id, origin="server", request_id=caller.request_id)
            await audit.append(connection, made_by_server, "organization.created", target=organization.public_id)
            return NewOrganization(organization=organization, key=owned, secret=None)

        made = await once(self._database, caller, key, NewOrganization, work, is_one_statement=False)
        shown = None if made.replayed else secret.text
        return Once(value=replace(made.value, secret=shown), replayed=made.replayed)


async def _is_operator(connection: Connection, caller: Caller) -> bool:
    account = await accounts.get(connection, organization_id=caller.organization_id, account=caller.account_id)
    return caller.rules and account is not None and account.is_operator


async def _check_operator(connection: Connection, caller: Caller) -> None:
    if not await _is_operator(connection, caller):
        raise NotAllowedError(
            "Only operators of the server make and list organizations; `turnkeeper accounts operator` names them."
        )
