"""Retention: how long an organization keeps things, read and decided by those who rule it."""

from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotAllowedError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.retention import Retention
from turnkeeper.store import audit, retention
from turnkeeper.store.database import Connection, Database


class RetentionActions:
    """What those who rule an organization decide. Every method raises NotAllowedError for others."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, caller: Caller) -> Retention:
        """What is decided."""
        _check(caller)
        async with self._database.connection() as connection:
            return await retention.of_organization(connection, organization_id=caller.organization_id)

    async def put(self, caller: Caller, wanted: Retention, *, key: IdempotencyKey | None = None) -> Once[Retention]:
        """Decide all of it; what is older goes within minutes."""
        _check(caller)

        async def work(connection: Connection) -> Retention:
            await retention.put(connection, wanted, organization_id=caller.organization_id)
            details = {
                "conversations_days": wanted.conversations_days,
                "text_days": wanted.text_days,
                "files_days": wanted.files_days,
                "webhook_deliveries_days": wanted.webhook_deliveries_days,
                "idempotency_hours": wanted.idempotency_hours,
            }
            await audit.append(connection, caller.actor, "retention.changed", details=details)
            return wanted

        return await once(self._database, caller, key, Retention, work, is_one_statement=False)


def _check(caller: Caller) -> None:
    if not caller.rules:
        raise NotAllowedError("Only admins decide how long things are kept; ask one, or use an admin's key.")
