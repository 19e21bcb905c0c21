"""What the audit log says of data sets: who may use them, and what commands import."""

from typing import Literal
from uuid import UUID

from turnkeeper.core.accounts import Caller
from turnkeeper.core.ids import prefixed
from turnkeeper.store import accounts, audit
from turnkeeper.store.database import Connection


async def note_member(
    connection: Connection, caller: Caller, what: Literal["added", "removed"], *, data_set: UUID, account_id: int
) -> None:
    """Write the change down in the audit log, as the last thing of its transaction."""
    found = await accounts.get(connection, organization_id=caller.organization_id, account=account_id)
    details = None if found is None else {"account_id": prefixed("acc", found.public_id)}
    await audit.append(connection, caller.actor, f"data_set.member_{what}", target=data_set, details=details)


async def note_import(connection: Connection, caller: Caller, *, data_set: UUID, files: int) -> None:
    """Write down that a command brings a data set up to date."""
    details = {"data_set_id": prefixed("ds", data_set), "files": files}
    await audit.append(connection, caller.actor, "sync.started", details=details)
