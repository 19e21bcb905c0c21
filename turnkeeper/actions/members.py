"""The people and programs of an organization, as its admins see them; and what anybody may know of himself."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from turnkeeper.actions.member_changes import changes_of
from turnkeeper.actions.naming import checked_email, checked_name
from turnkeeper.actions.once import once
from turnkeeper.actions.passwords import Hashing, checked_password, hash_password, is_password
from turnkeeper.actions.sign_in_codes import keep_code
from turnkeeper.actions.signin import SignIn, end_sessions, tell_of_account
from turnkeeper.actions.tries import Tries
from turnkeeper.core.accounts import Account, Caller, Identity, MemberFilter, Role, ServiceAccount, User
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.sessions import new_code
from turnkeeper.store import accounts, audit, keys, sessions
from turnkeeper.store.database import Connection, Database


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberChanges:
    """What is to be different; None stays."""

    role: Role | None = None
    is_active: bool | None = None
    password: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    """An account as it is kept for a repeated request: a union cannot be told from its JSON."""

    user: User | None = None
    service: ServiceAccount | None = None

    @property
    def account(self) -> Account:
        found = self.user or self.service
        assert found is not None
        return found


class MemberActions:
    """What callers may do about accounts."""

    def __init__(self, database: Database, signin: SignIn, *, hashing: Hashing = hash_password) -> None:
        self._database = database
        self._signin = signin
        self._hashing = hashing
        self._tries = Tries()

    async def me(self, caller: Caller) -> Identity:
        """Who the caller is.

        Raises:
            NotFoundError: the caller came without a key, as the command line does, or it is gone by now.
        """
        async with self._database.connection() as connection:
            organization = await accounts.get_organization(connection, organization=caller.organization_id)
            account = await accounts.get(connection, organization_id=caller.organization_id, account=caller.account_id)
            owned = await keys.get(connection, organization_id=caller.organization_id, key=caller.key_id)
        if organization is None or account is None or owned is None:
            raise NotFoundError("key", caller.key_id)
        return Identity(organization=organization, account=account, key=owned.key)

    async def list(self, caller: Caller, wanted: MemberFilter) -> Sequence[Account]:
        """Accounts of the organization, newest first.

        Raises:
            NotAllowedError: the caller is no admin.
        """
        _check(caller)
        async with self._database.connection() as connection:
            return await accounts.listed(connection, organization_id=caller.organization_id, wanted=wanted)

    async def get(self, caller: Caller, member: UUID) -> Account:
        """One account of the organization.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is none.
        """
        _check(caller)
        async with self._database.connection() as connection:
            return await _member(connection, caller, member)

    async def create_user(
        self, caller: Caller, *, email: str, password: str, role: Role, key: IdempotencyKey | None
    ) -> Once[Account]:
        """Add a person.

        Raises:
            ConflictError: code `name_taken`, or `idempotency_key_reused`.
            InvalidError: the address is none, or the password cannot be.
            NotAllowedError: the caller is no admin.
        """
        _check(caller)
        address = checked_email(email)
        # argon2 costs some 0.1 s of CPU by design; nothing else may wait for it, and no connection be held meanwhile.
        password_hash = await asyncio.to_thread(self._hashing, checked_password(password))
        return await self._create(caller, name=address, password_hash=password_hash, role=role, key=key)

    async def create_service_account(
        self, caller: Caller, *, name: str, role: Role, key: IdempotencyKey | None
    ) -> Once[Account]:
        """Add a program.

        Raises:
            ConflictError: code `name_taken`, or `idempotency_key_reused`.
            InvalidError: the name is blank or too long.
            NotAllowedError: the caller is no admin.
        """
        _check(caller)
        return await self._create(caller, name=checked_name(name), password_hash=None, role=role, key=key)

    async def change(
        self, caller: Caller, member: UUID, changes: MemberChanges, *, key: IdempotencyKey | None
    ) -> Once[Account]:
        """Change an account; its keys feel it at once, in every process.

        Raises:
            ConflictError: code `last_admin`: nobody would run the organization; or `idempotency_key_reused`.
            InvalidError: the password cannot be, or the account is a program's and has none.
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such account.
        """
        _check(caller)
        password_hash = await self._hashed(changes.password)

        stale: list[bytes] = []

        async def work(connection: Connection) -> _Kept:
            # Two admins who take each other's role away at the same time do so one after the other.
            await accounts.hold_organization(connection, organization_id=caller.organization_id)
            found = await _member(connection, caller, member)
            if changes.password is not None and not isinstance(found, User):
                raise InvalidError("password", f"{found.name!r} is a service account; these sign in with keys only.")
            if changes.role == "member" or changes.is_active is False:
                await _check_not_last(connection, found)
            changed = await accounts.update_account(
                connection,
                account_id=found.id,
                role=changes.role,
                is_active=changes.is_active,
                password_hash=password_hash,
            )
            stale.extend(await tell_of_account(connection, found.id))
            for action in changes_of(found, role=changes.role, is_active=changes.is_active, password=changes.password):
                details = {"role": changed.role} if action == "member.role_changed" else None
                await audit.append(connection, caller.actor, action, target=member, details=details)
            return _kept(changed)

        made = await once(self._database, caller, key, _Kept, work, is_one_statement=False)
        self._signin.forget(stale)
        return Once(value=made.value.account, replayed=made.replayed)

    async def invite(self, caller: Caller, member: UUID, *, key: IdempotencyKey | None) -> Once[str | None]:
        """A code that signs a person in once, within an hour, to set a password of his own.

        None when an earlier request with this key got it, since no code is stored.

        Raises:
            ConflictError: code `idempotency_key_reused`.
            InvalidError: the account is a program's, or not active.
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such account.
        """
        _check(caller)
        code = new_code()

        async def work(connection: Connection) -> bool:
            found = await _member(connection, caller, member)
            await keep_code(connection, caller.actor, found, code=code, field="member_id")
            return True

        made = await once(self._database, caller, key, bool, work, is_one_statement=False)
        return Once(value=None if made.replayed else code, replayed=made.replayed)

    async def change_own_password(
        self, caller: Caller, *, current: str | None, new: str, key: IdempotencyKey | None
    ) -> Once[bool]:
        """Change the caller's own password; the caller's other sessions end.

        Without the current one only in a session that was begun with a one-time code, and not long after.

        Raises:
            ConflictError: code `idempotency_key_reused`.
            InvalidError: the current password is another one, or the new one cannot be, or the caller is a program.
            RateLimitedError: there were too many tries of it.
        """
        if current is not None:
            self._tries.take_own(caller.account_id)
        password_hash = await self._hashed(new)
        stale: list[bytes] = []

        async def work(connection: Connection) -> bool:
            await _check_current(connection, caller, current)
            await accounts.update_account(
                connection, account_id=caller.account_id, role=None, is_active=None, password_hash=password_hash
            )
            stale.extend(await end_sessions(connection, caller.account_id, but=caller.session_id))
            own = await _own_id(connection, caller)
            await audit.append(connection, caller.actor, "member.password_changed", target=own)
            return True

        done = await once(self._database, caller, key, bool, work, is_one_statement=False)
        self._signin.forget(stale)
        return done

    async def _create(
        self, caller: Caller, *, name: str, password_hash: str | None, role: Role, key: IdempotencyKey | None
    ) -> Once[Account]:
        async def work(connection: Connection) -> _Kept:
            made = await accounts.create_account(
                connection,
                organization_id=caller.organization_id,
                name=name,
                role=role,
                password_hash=password_hash,
            )
            details = {"kind": "service" if password_hash is None else "user", "role": role}
            await audit.append(connection, caller.actor, "member.created", target=made.public_id, details=details)
            return _kept(made)

        made = await once(self._database, caller, key, _Kept, work, is_one_statement=False)
        return Once(value=made.value.account, replayed=made.replayed)

    async def _hashed(self, password: str | None) -> str | None:
        return None if password is None else await asyncio.to_thread(self._hashing, checked_password(password))


def _kept(account: Account) -> _Kept:
    return _Kept(user=account) if isinstance(account, User) else _Kept(service=account)


async def _check_current(connection: Connection, caller: Caller, current: str | None) -> None:
    stored = await accounts.password_hash_of(connection, account_id=caller.account_id)
    if stored is None:
        raise InvalidError("current_password", "A service account has no password; it signs in with keys only.")
    if current is None:
        if not await sessions.may_set_password(connection, session_id=caller.session_id):
            raise InvalidError("current_password", "Give the current password too.", code="missing")
    elif not await asyncio.to_thread(is_password, current, stored):
        raise InvalidError("current_password", "This is not the current password.", code="wrong_password")


async def _own_id(connection: Connection, caller: Caller) -> UUID:
    found = await accounts.get(connection, organization_id=caller.organization_id, account=caller.account_id)
    if found is None:
        raise NotFoundError("account", caller.account_id)
    return found.public_id


async def _member(connection: Connection, caller: Caller, member: UUID) -> Account:
    found = await accounts.get(connection, organization_id=caller.organization_id, account=member)
    if found is None:
        raise NotFoundError("account", str(member))
    return found


async def _check_not_last(connection: Connection, account: Account) -> None:
    if account.role != "admin" or not account.is_active:
        return
    if not await accounts.has_other_admin(connection, organization_id=account.organization_id, account_id=account.id):
        raise ConflictError(
            "This is the last admin of the organization; make another account an admin before.", code="last_admin"
        )


def _check(caller: Caller) -> None:
    if not caller.rules:
        raise NotAllowedError("Only admins see and change members; ask one, or use an admin's key.")
