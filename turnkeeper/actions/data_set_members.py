"""Who besides the admins may use a data set, by the accounts' public ids and names."""

from collections.abc import Sequence
from uuid import UUID

from turnkeeper.actions.data_set_notes import note_member
from turnkeeper.actions.data_sets import check_may_change
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.data_sets import DataSetMember
from turnkeeper.core.errors import InvalidError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import data_sets
from turnkeeper.store.database import Connection, Database


class DataSetMemberActions:
    """Admins open data sets to accounts of their organization, and close them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, caller: Caller, data_set_id: int, *, after: int = 0, limit: int = 50
    ) -> Sequence[DataSetMember]:
        """The accounts that the data set was opened to, in the order of their ids, with ids above `after`.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such data set in the organization.
        """
        check_may_change(caller)
        async with self._database.connection() as connection:
            await _known(connection, caller, data_set_id)
            return await data_sets.member_entries(
                connection, organization_id=caller.organization_id, data_set_id=data_set_id, after=after, limit=limit
            )

    async def add(
        self, caller: Caller, data_set_id: int, account: UUID | str, *, key: IdempotencyKey | None = None
    ) -> Once[DataSetMember]:
        """Open the data set to an account, by its public id or name; repeatable.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such data set in the organization.
            InvalidError: field `account`: there is no such account.
            ConflictError: code `idempotency_key_reused`.
        """
        check_may_change(caller)
        async with self._database.connection() as connection:
            data_set = await _known(connection, caller, data_set_id)

        async def work(connection: Connection) -> DataSetMember:
            organization_id = caller.organization_id
            found = await data_sets.find_account(connection, organization_id=organization_id, account=account)
            if found is None:
                raise InvalidError("account", f"There is no account {str(account)!r} in the organization.")
            await data_sets.add_member(
                connection, organization_id=organization_id, data_set_id=data_set_id, account_id=found.id
            )
            await note_member(connection, caller, "added", data_set=data_set, account_id=found.id)
            return found

        return await once(self._database, caller, key, DataSetMember, work, is_one_statement=False)

    async def remove(
        self, caller: Caller, data_set_id: int, account: UUID | str, *, key: IdempotencyKey | None = None
    ) -> Once[None]:
        """Take the data set from an account's sight.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such data set, or the account is no member of it.
            ConflictError: code `idempotency_key_reused`.
        """
        check_may_change(caller)
        async with self._database.connection() as connection:
            data_set = await _known(connection, caller, data_set_id)

        async def work(connection: Connection) -> None:
            organization_id = caller.organization_id
            found = await data_sets.find_account(connection, organization_id=organization_id, account=account)
            if found is None or not await data_sets.remove_member(
                connection, organization_id=organization_id, data_set_id=data_set_id, account_id=found.id
            ):
                raise NotFoundError("member", str(account))
            await note_member(connection, caller, "removed", data_set=data_set, account_id=found.id)

        return await once(self._database, caller, key, type(None), work, is_one_statement=False)


async def _known(connection: Connection, caller: Caller, data_set_id: int) -> UUID:
    found = await data_sets.find(connection, caller, data_set_id=data_set_id)
    if found is None:
        raise NotFoundError("data set", data_set_id)
    return found.public_id
