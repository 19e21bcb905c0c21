"""The task `expire`: nobody decided in time, so the turn goes on without a yes."""

from uuid import UUID

from turnkeeper.core.audit import Actor
from turnkeeper.store import approvals, audit
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database


class ExpireApproval:
    """Ends the waiting for one approval. Deferred for its moment when it is asked; safe to repeat."""

    def __init__(self, database: Database, changes: Changes) -> None:
        self._database = database
        self._changes = changes

    async def __call__(self, approval: str) -> None:
        """Expire it, unless it is decided."""
        async with self._database.transaction() as connection:
            conversation_id = await approvals.decide(
                connection, approval=UUID(approval), state="expired", note=None, account_id=None
            )
            organization_id = await approvals.organization_of(connection, approval=UUID(approval))
            if conversation_id is not None and organization_id is not None:
                actor = Actor(organization_id=organization_id, origin="server")
                await audit.append(connection, actor, "approval.expired", target=UUID(approval))
        if conversation_id is not None:
            self._changes.accepted(conversation_id)
