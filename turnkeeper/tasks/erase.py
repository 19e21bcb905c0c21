"""The task `erase`: remove all that there is of a conversation, a person or an end user, piece by piece.

Each piece is a transaction that also counts what it removed. A task that was cut goes on with what is left.
"""

import logging
from datetime import UTC, datetime

from turnkeeper.core.audit import Actor
from turnkeeper.core.erasures import Erasure, receipt_hash
from turnkeeper.engine.queue import RetryLaterError
from turnkeeper.store import audit, cancelling, deleting, erasing, erasures
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.cancelling import Ending
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.erasing import Talk

_log = logging.getLogger(__name__)
_LOOK_AGAIN_SECONDS = 0.5


class Erase:
    """Erases; safe to repeat, and to be run again after any crash."""

    def __init__(self, database: Database, blobs: Blobs, changes: Changes, *, default_model: str) -> None:
        self._database = database
        self._blobs = blobs
        self._changes = changes
        self._default_model = default_model

    async def __call__(self, erasure: int) -> None:
        """Do one erasure to its end, unless it is done."""
        async with self._database.connection() as connection:
            found = await erasures.find(connection, erasure=erasure)
        if found is None or found.state == "completed":
            return
        await self._erase_talks(found)
        if found.kind == "person":
            await self._erase_person(found)
            # Requests that were under way when the person was shut out have been waited for: what they began goes too.
            await self._erase_talks(found)
        while await erasing.remove_bytes(self._database, self._blobs, found):
            pass
        await self._end(found)
        _log.info("an erasure is done", extra={"erasure_id": found.id})

    async def _erase_talks(self, erasure: Erasure) -> None:
        while await self._erase_talk(erasure):
            pass

    async def _erase_talk(self, erasure: Erasure) -> bool:
        async with self._database.transaction() as connection:
            talk = await erasing.next_talk(connection, erasure)
            if talk is None:
                return False
            await self._remove(connection, erasure, talk)
        self._changes.seen(talk.id)
        self._changes.ended(talk.id)
        return True

    async def _remove(self, connection: Connection, erasure: Erasure, talk: Talk) -> None:
        counted = await deleting.counted(connection, conversation_id=talk.id)
        for message_id in await deleting.begun_messages(connection, conversation_id=talk.id):
            # What it spent is counted before it goes.
            await cancelling.cancel(
                connection,
                Ending(how="cancelled", instead=""),
                conversation_id=talk.id,
                message_id=message_id,
                default_model=self._default_model,
            )
        deliveries = await erasing.before_talk(connection, erasure, talk)
        await deleting.remove(connection, conversation_id=talk.id)
        files = await erasing.forget_files(connection, erasure, talk.files)
        removed = {
            "conversations": 1,
            "messages": counted.messages,
            "events": counted.events,
            "effects": counted.effects,
            "approvals": counted.approvals,
            "files": files,
            "webhook_deliveries": deliveries,
        }
        await erasures.count(connection, erasure_id=erasure.id, removed=removed)

    async def _erase_person(self, erasure: Erasure) -> None:
        async with self._database.transaction() as connection:
            account_id = await erasing.account_of(connection, erasure)
            if account_id is None:
                return
            removed = await erasing.remove_of_person(connection, erasure, account_id=account_id)
            await erasures.count(connection, erasure_id=erasure.id, removed=removed)
        async with self._database.transaction() as connection:
            documents, is_under_way = await erasing.have_documents_removed(connection, account_id=account_id)
            await erasures.count(connection, erasure_id=erasure.id, removed={"documents": documents})
        if is_under_way:
            raise RetryLaterError(_LOOK_AGAIN_SECONDS)
        async with self._database.transaction() as connection:
            await erasing.bury(connection, account_id=account_id)

    async def _end(self, erasure: Erasure) -> None:
        async with self._database.transaction() as connection:
            results = await erasing.forget_results(connection, erasure)
            await erasures.count(connection, erasure_id=erasure.id, removed={"stored_results": results})
            final = await erasures.find(connection, erasure=erasure.id)
            if final is None or final.state == "completed":
                return
            actor = Actor(organization_id=erasure.organization_id, origin="server")
            details = {"removed": dict(final.removed)}
            number = await audit.append(connection, actor, "erasure.done", target=erasure.public_id, details=details)
            ended_at = datetime.now(UTC)
            digest = receipt_hash(final, ended_at=ended_at, audit_number=number)
            await erasures.complete(
                connection, erasure_id=erasure.id, ended_at=ended_at, audit_number=number, digest=digest
            )
