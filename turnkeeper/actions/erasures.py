"""Erasures: asked for by those who rule the organization, done by a task, kept as receipts."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from turnkeeper.actions.once import once
from turnkeeper.actions.signin import SignIn, tell_of_account
from turnkeeper.core.accounts import Caller
from turnkeeper.core.erasures import Erasure, Subject
from turnkeeper.core.errors import ConflictError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import prefixed
from turnkeeper.store import accounts, audit, deleting, erasures
from turnkeeper.store.database import Connection, Database

_POLL_SECONDS = 0.25


class ErasureActions:
    """What those who rule an organization may have erased. Every method raises NotAllowedError for others."""

    def __init__(self, database: Database, signin: SignIn) -> None:
        self._database = database
        self._signin = signin

    async def request(self, caller: Caller, subject: Subject, *, key: IdempotencyKey | None = None) -> Once[Erasure]:
        """Have it erased. A person is signed out at once, everywhere; the rest is done by a worker.

        Raises:
            NotFoundError: the organization has no such conversation or account.
            ConflictError: code `last_admin`: nobody would run the organization; or `idempotency_key_reused`.
        """
        _check(caller)
        stale: list[bytes] = []

        async def work(connection: Connection) -> UUID:
            if subject.kind == "conversation":
                await _check_conversation(connection, caller, subject.target)
            elif subject.kind == "person":
                stale.extend(await _shut_out(connection, caller, subject.target))
            number = await erasures.create(connection, caller, subject)
            made = await erasures.find(connection, erasure=number)
            assert made is not None
            details = {"kind": subject.kind, "of": _named(subject)}
            await audit.append(connection, caller.actor, "erasure.requested", target=made.public_id, details=details)
            return made.public_id

        # Only the id is kept for a repeated request: what is to be erased must not stand in another table.
        made = await once(self._database, caller, key, UUID, work, is_one_statement=False)
        self._signin.forget(stale)
        return Once(value=await self.get(caller, erasure=made.value), replayed=made.replayed)

    async def get(self, caller: Caller, *, erasure: UUID, wait_seconds: float = 0) -> Erasure:
        """One erasure: how far it is, or its receipt. With `wait_seconds` not before it is done or they are over.

        Raises:
            NotFoundError: there is none with this id for this caller.
        """
        _check(caller)
        deadline = asyncio.get_running_loop().time() + wait_seconds
        while True:
            async with self._database.connection() as connection:
                found = await erasures.find(connection, erasure=erasure, organization_id=caller.organization_id)
            if found is None:
                raise NotFoundError("erasure", erasure)
            left = deadline - asyncio.get_running_loop().time()
            if found.state == "completed" or left <= 0:
                return found
            await asyncio.sleep(min(_POLL_SECONDS, left))

    async def list(self, caller: Caller, *, before: int | None, limit: int) -> Sequence[Erasure]:
        """Those of the organization, newest first."""
        _check(caller)
        async with self._database.connection() as connection:
            return await erasures.listed(connection, organization_id=caller.organization_id, before=before, limit=limit)


async def _check_conversation(connection: Connection, caller: Caller, conversation: UUID | None) -> None:
    if conversation is None or await deleting.hold(connection, caller, conversation=conversation) is None:
        raise NotFoundError("conversation", str(conversation))


async def _shut_out(connection: Connection, caller: Caller, account: UUID | None) -> list[bytes]:
    """Let the person do nothing more; which keys are to be forgotten."""
    await accounts.hold_organization(connection, organization_id=caller.organization_id)
    found = None
    if account is not None:
        found = await accounts.get(connection, organization_id=caller.organization_id, account=account)
    if found is None:
        raise NotFoundError("account", str(account))
    if not await accounts.has_other_admin(connection, organization_id=caller.organization_id, account_id=found.id):
        raise ConflictError(
            "This is the last admin of the organization; make another account an admin before.", code="last_admin"
        )
    await accounts.update_account(connection, account_id=found.id, role=None, is_active=False, password_hash=None)
    return await tell_of_account(connection, found.id)


def _named(subject: Subject) -> str | None:
    match subject.kind:
        case "conversation":
            return None if subject.target is None else prefixed("conv", subject.target)
        case "person":
            return None if subject.target is None else prefixed("acc", subject.target)
        case "end_user":
            return subject.label


def _check(caller: Caller) -> None:
    if not caller.rules:
        raise NotAllowedError("Only admins have something erased; ask one, or use an admin's key.")
