"""The audit log: who changed what, read by those who rule the organization, and checked link by link."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from turnkeeper.core.accounts import Caller
from turnkeeper.core.audit import START, AuditEntry, AuditFilter, AuditHead, FailedSignIns, hash_of
from turnkeeper.core.errors import ConflictError, NotAllowedError, NotFoundError
from turnkeeper.store import accounts, audit
from turnkeeper.store.database import Database

_PAGE = 1_000
_VERIFY_SECONDS = 30
"""Of somebody's wait for an answer."""
SIGN_IN_DAYS = 90
"""So long the counts of failed sign-ins are kept."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verified:
    """What came of walking a chain: how many entries hold together, up to which head, and what is wrong if anything is."""

    head: AuditHead
    broken_at: int | None = None
    why: str | None = None


class AuditActions:
    """What those who rule an organization may know of its changes. Every method raises NotAllowedError for others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list(self, caller: Caller, wanted: AuditFilter) -> Sequence[AuditEntry]:
        """Entries, newest first."""
        _check(caller)
        async with self._database.connection() as connection:
            return await audit.listed(connection, wanted, organization_id=caller.organization_id)

    async def export(self, caller: Caller, wanted: AuditFilter) -> AsyncGenerator[Sequence[AuditEntry], None]:
        """All entries, oldest first, a thousand at a time; between them no connection is held. The limit does not count."""
        _check(caller)
        page = replace(wanted, after=0, before=None, limit=_PAGE)
        while True:
            async with self._database.connection() as connection:
                found = await audit.listed(connection, page, organization_id=caller.organization_id)
            if found:
                yield found
            if len(found) < _PAGE:
                return
            page = replace(page, after=found[-1].number)

    async def head(self, caller: Caller) -> AuditHead:
        """The end of the chain, to be noted where nobody who could change the log can change it too."""
        _check(caller)
        async with self._database.connection() as connection:
            return await audit.head(connection, organization_id=caller.organization_id)

    async def failed_sign_ins(self, caller: Caller) -> Sequence[FailedSignIns]:
        """Requests with keys of the organization that were no good, by day, newest first."""
        _check(caller)
        async with self._database.connection() as connection:
            return await audit.failed_sign_ins(connection, organization_id=caller.organization_id, days=SIGN_IN_DAYS)

    async def verify(
        self, caller: Caller, *, noted: AuditHead | None = None, progress: Callable[[int, int], None] | None = None
    ) -> Verified:
        """Walk the chain from its first entry, a thousand at a time; what is written meanwhile is left out.

        `noted` is a head of earlier: that entry must still be there as it was. `progress` hears how many entries of how
        many were walked.
        """
        _check(caller)
        async with self._database.connection() as connection:
            end = await audit.head(connection, organization_id=caller.organization_id)
            organization = await accounts.get_organization(connection, organization=caller.organization_id)
        if organization is None:
            raise NotFoundError("organization", caller.organization_id)
        walk = _Walk(noted)
        async with aclosing(self.export(caller, AuditFilter(limit=_PAGE))) as pages:
            async for page in pages:
                for entry in page:
                    if entry.number > end.number:
                        return walk.ended(end)
                    if not walk.step(entry, hash_of(organization.public_id, entry)):
                        return walk.result
                if progress is not None:
                    progress(min(page[-1].number, end.number), end.number)
        return walk.ended(end)

    async def verify_now(self, caller: Caller, *, noted: AuditHead | None) -> Verified:
        """`verify` for somebody who waits for it.

        Raises:
            ConflictError: code `log_too_long`: it was not done in time.
        """
        try:
            async with asyncio.timeout(_VERIFY_SECONDS):
                return await self.verify(caller, noted=noted)
        except TimeoutError as error:
            message = "The log is too long to be walked in a request; run `turnkeeper audit verify`."
            raise ConflictError(message, code="log_too_long") from error


class _Walk:
    """How far the chain holds."""

    def __init__(self, noted: AuditHead | None) -> None:
        self._noted = noted
        self.result = Verified(head=AuditHead(number=0, hash=START))

    def step(self, entry: AuditEntry, digest: bytes) -> bool:
        """Whether the next entry fits to those before it."""
        last = self.result.head
        if entry.number != last.number + 1:
            return self._broken(last.number + 1, f"Entry {last.number + 1} is missing.")
        if entry.previous != last.hash:
            return self._broken(entry.number, f"Entry {entry.number} does not follow on the one before it.")
        if entry.hash != digest:
            return self._broken(entry.number, f"Entry {entry.number} is not as it was written.")
        if self._noted is not None and self._noted.number == entry.number and self._noted.hash != entry.hash:
            return self._broken(entry.number, f"Entry {entry.number} is another one than the head that was noted.")
        self.result = Verified(head=AuditHead(number=entry.number, hash=entry.hash))
        return True

    def ended(self, end: AuditHead) -> Verified:
        """What came of it, where the chain was walked to its end."""
        last = self.result.head
        if last != end:
            self._broken(last.number + 1, f"The log ends at entry {last.number}; it had {end.number}.")
        elif self._noted is not None and self._noted.number > last.number:
            why = f"The log ends at entry {last.number}; when the head was noted it had {self._noted.number}."
            self._broken(last.number + 1, why)
        return self.result

    def _broken(self, number: int, why: str) -> bool:
        self.result = replace(self.result, broken_at=number, why=why)
        return False


def _check(caller: Caller) -> None:
    if not caller.rules:
        raise NotAllowedError("Only admins see the audit log; ask one, or use an admin's key.")
