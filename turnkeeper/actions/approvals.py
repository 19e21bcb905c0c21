"""What turns ask people: seen, and decided once."""

from collections.abc import Sequence
from uuid import UUID

from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.approvals import Approval, ApprovalFilter, Verdict
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import approvals, audit
from turnkeeper.store.approvals import Found
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Connection, Database

LONGEST_NOTE = 2_000
"""Characters."""


class ApprovalActions:
    """What callers may do with approvals."""

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    async def list(self, caller: Caller, wanted: ApprovalFilter) -> Sequence[Approval]:
        """Those that the caller may see, newest first."""
        async with self._database.connection() as connection:
            return await approvals.listed(connection, caller, wanted)

    async def get(self, caller: Caller, *, approval: UUID) -> Approval:
        """One of them.

        Raises:
            NotFoundError: there is none with this id for this caller.
        """
        async with self._database.connection() as connection:
            return (await _found(connection, caller, approval)).approval

    async def decide(
        self,
        caller: Caller,
        *,
        approval: UUID,
        verdict: Verdict,
        note: str | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[Approval]:
        """Approve or deny; the turn goes on. Deciding the same again changes nothing and gives the first decision.

        Raises:
            NotFoundError: there is none with this id for this caller.
            NotAllowedError: only admins may decide it.
            InvalidError: the note is too long.
            ConflictError: code `already_decided`, it was decided otherwise, expired, or the message was cancelled.
        """
        _check_note(note)
        conversations: list[int] = []

        async def work(connection: Connection) -> Approval:
            found = await _found(connection, caller, approval)
            if caller.role != "admin" and not found.owners_may_decide:
                raise NotAllowedError("Only admins may decide this; ask one, or have the agent's policy changed.")
            conversation_id = await approvals.decide(
                connection, approval=approval, state=verdict, note=note, account_id=caller.account_id
            )
            decided = (await _found(connection, caller, approval)).approval
            if conversation_id is None and decided.state != verdict:
                raise ConflictError(f"This approval is {decided.state} already.", code="already_decided")
            if conversation_id is not None:
                conversations.append(conversation_id)
                details = {"decision": verdict, "question": decided.question, "tool": decided.tool}
                await audit.append(connection, caller.actor, "approval.decided", target=approval, details=details)
            return decided

        decided = await once(self._database, caller, key, Approval, work, is_one_statement=False)
        if decided.replayed:
            await self.get(caller, approval=approval)  # another account of the organization may have used the key
        for conversation_id in conversations:
            self._changes.accepted(conversation_id)
        return decided


async def _found(connection: Connection, caller: Caller, approval: UUID) -> Found:
    found = await approvals.find(connection, caller, approval=approval)
    if found is None:
        raise NotFoundError("approval", str(approval))
    return found


def _check_note(note: str | None) -> None:
    if note is None:
        return
    if len(note) > LONGEST_NOTE:
        raise InvalidError("note", f"The note has more than {LONGEST_NOTE:,} characters.", code="too_long")
    if "\x00" in note:
        raise InvalidError("note", "The note contains a NUL character, which cannot be stored.", code="nul")
    try:
        note.encode()
    except UnicodeEncodeError as error:
        raise InvalidError("note", "The note is no valid text; send it as UTF-8.", code="not_text") from error
