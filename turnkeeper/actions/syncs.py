"""Runs that bring a data set up to date: asked for with files, followed, cancelled."""

import asyncio
import hashlib
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from uuid import UUID

from turnkeeper.actions.data_sets import check_may_change
from turnkeeper.actions.files import FileLimits, quota_reached, too_large
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import InvalidError, NotFoundError, TransientError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import prefixed
from turnkeeper.core.syncs import LONGEST_ADDRESS, Sync, SyncError, SyncFileKind, SyncMode, SyncState
from turnkeeper.retrieval.sources.archive import is_archive
from turnkeeper.store import audit, data_sets, documents, files, syncs
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.incoming import Incoming, incoming
from turnkeeper.store.sync_changes import SyncChanges
from turnkeeper.store.syncs import NewFile

MOST_FILES = 1_000
"""Of one run; an archive is one."""
_LOOK_AGAIN_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptFile:
    """A file that was received and is stored until its run ends."""

    new: NewFile
    digest: bytes

    def fingerprint(self) -> bytes:
        """What tells it from any other."""
        parts = (self.new.address, self.new.kind, self.new.title or "")
        return b"\0".join((*(part.encode("utf-8", "surrogatepass") for part in parts), self.digest))


class SyncActions:
    """Admins ask for runs and cancel them; whoever sees a data set sees its runs."""

    def __init__(self, database: Database, blobs: Blobs, changes: SyncChanges, limits: FileLimits) -> None:
        self._database = database
        self._blobs = blobs
        self._changes = changes
        self._limits = limits

    @property
    def limits(self) -> FileLimits:
        """The size of the largest file, and of all files of an organization."""
        return self._limits

    async def check(self, caller: Caller, data_set_id: int) -> None:
        """Refuse who may not have a run, before anything is received.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such data set in the organization.
        """
        check_may_change(caller)
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)

    def receiving(self) -> AbstractAsyncContextManager[Incoming]:
        """Somewhere to write the bytes of a file to; forgotten at the end of the block unless `keep` took it.

        Raises:
            TransientError: the disk is full or broken.
        """
        return incoming(self._blobs.spool)

    async def keep(
        self,
        caller: Caller,
        received: Incoming,
        *,
        address: str,
        kind: SyncFileKind = "file",
        title: str | None = None,
    ) -> KeptFile:
        """Store a file for a run. One that no run has within a day is forgotten.

        Raises:
            InvalidError: field `file`; code `empty`, `too_large` or `quota`; or field `address`.
            TransientError: the storage is away or full.
        """
        await received.finish()
        shown = checked_address(address)
        if received.size == 0:
            raise InvalidError("file", f"The file {shown!r} is empty.", code="empty")
        if received.size > self._limits.upload_bytes:
            raise InvalidError("file", too_large(self._limits.upload_bytes), code="too_large")
        if kind == "file" and await asyncio.to_thread(is_archive, received.path):
            kind = "archive"
        digest = received.digest
        blob_id = await self._stored(caller.organization_id, received, digest)
        return KeptFile(new=NewFile(address=shown, kind=kind, title=title, blob_id=blob_id), digest=digest)

    async def begin(
        self,
        caller: Caller,
        data_set_id: int,
        *,
        mode: SyncMode,
        kept: Sequence[KeptFile],
        key: IdempotencyKey | None = None,
    ) -> Once[Sync]:
        """Have a run done. Runs of a data set are done one after the other, in the order in which they were asked for.

        The key's fingerprint is made here, of what the run is to do.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such data set in the organization.
            InvalidError: field `file`; code `missing`, `too_many` or `several` (two with one address).
            ConflictError: code `idempotency_key_reused`.
            TransientError: a file was purged meanwhile; it must be sent again.
        """
        await self.check(caller, data_set_id)
        _check_files(kept)

        async def work(connection: Connection) -> Sync:
            made = await _accepted(connection, caller, data_set_id, mode, [file.new for file in kept])
            details = {"mode": mode, "files": len(kept)}
            await audit.append(connection, caller.actor, "sync.started", target=made.public_id, details=details)
            return made

        if key is not None:
            prints = b"\1".join(file.fingerprint() for file in kept)
            key = replace(key, fingerprint=hashlib.sha256(mode.encode() + b"\1" + prints).digest())
        return await once(self._database, caller, key, Sync, work, is_one_statement=False)

    async def remove(
        self, caller: Caller, data_set_id: int, document: int | UUID, *, key: IdempotencyKey | None = None
    ) -> Once[Sync]:
        """Have a document removed, by a run of its own behind those that were asked for before.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such data set in the organization, or no such document in it.
            ConflictError: code `idempotency_key_reused`.
        """
        await self.check(caller, data_set_id)

        async def work(connection: Connection) -> Sync:
            found = await documents.entry(connection, data_set_id=data_set_id, document=document)
            if found is None:
                raise NotFoundError("document", str(document))
            gone = NewFile(address=found.address, kind="gone")
            made = await _accepted(connection, caller, data_set_id, "remove", [gone])
            details = {"sync_id": prefixed("sync", made.public_id)}
            await audit.append(connection, caller.actor, "document.deleted", target=found.public_id, details=details)
            return made

        return await once(self._database, caller, key, Sync, work, is_one_statement=False)

    async def get(self, caller: Caller, data_set_id: int, sync: int | UUID, *, wait_seconds: float = 0) -> Sync:
        """A run; with `wait_seconds` not before it has ended or they are over.

        Raises:
            NotFoundError: there is no such run of a data set that the caller may see.
        """
        found = await self._read(caller, data_set_id, sync)
        if found.is_ended or wait_seconds <= 0:
            return found
        deadline = time.monotonic() + wait_seconds
        with self._changes.listening(found.id) as changed:
            while True:
                changed.clear()
                found = await self._read(caller, data_set_id, found.id)
                left = deadline - time.monotonic()
                if found.is_ended or left <= 0:
                    return found
                try:
                    async with asyncio.timeout(min(left, _LOOK_AGAIN_SECONDS)):
                        await changed.wait()
                except TimeoutError:
                    continue

    async def list(
        self,
        caller: Caller,
        data_set_id: int,
        *,
        state: SyncState | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> Sequence[Sync]:
        """The runs of a data set, newest first; `before` is an id.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
        """
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)
            return await syncs.listed(
                connection, caller, data_set_id=data_set_id, state=state, before=before, limit=limit
            )

    async def errors(
        self, caller: Caller, data_set_id: int, sync: int | UUID, *, after: int = 0, limit: int = 50
    ) -> Sequence[SyncError]:
        """What a run could not read, with numbers above `after`.

        Raises:
            NotFoundError: there is no such run of a data set that the caller may see.
        """
        found = await self._read(caller, data_set_id, sync)
        async with self._database.connection() as connection:
            return await syncs.errors(connection, sync_id=found.id, after=after, limit=limit)

    async def cancel(
        self, caller: Caller, data_set_id: int, sync: int | UUID, *, key: IdempotencyKey | None = None
    ) -> Once[Sync]:
        """End a run that has not ended, and change nothing of the data set; one that has ended stays as it is.

        Raises:
            NotAllowedError: the caller is no admin.
            NotFoundError: there is no such run of a data set that the caller may see.
            ConflictError: code `idempotency_key_reused`.
        """
        check_may_change(caller)
        found = await self._read(caller, data_set_id, sync)

        async def work(connection: Connection) -> Sync:
            await syncs.cancel(connection, sync_id=found.id)
            now = _found(await syncs.find(connection, caller, data_set_id=data_set_id, sync=found.id), sync)
            if not found.is_ended:
                await audit.append(connection, caller.actor, "sync.cancelled", target=now.public_id)
            return now

        done = await once(self._database, caller, key, Sync, work, is_one_statement=False)
        self._changes.ended(found.id)
        return done

    async def _read(self, caller: Caller, data_set_id: int, sync: int | UUID) -> Sync:
        async with self._database.connection() as connection:
            return _found(await syncs.find(connection, caller, data_set_id=data_set_id, sync=sync), sync)

    async def _stored(self, organization_id: int, received: Incoming, digest: bytes) -> int:
        """The row of these bytes, which are stored now unless they were before."""
        async with self._database.connection() as connection:
            known = await files.take_unread_blob(connection, organization_id=organization_id, digest=digest)
            if known is not None:
                return known
            used = await files.bytes_of_organization(connection, organization_id=organization_id)
            if used + received.size > self._limits.organization_bytes:
                raise InvalidError("file", quota_reached(self._limits.organization_bytes), code="quota")
            blob_id = await files.reserve_blob(
                connection, organization_id=organization_id, digest=digest, size=received.size
            )
        await self._blobs.put(files.key_of(organization_id, digest), received.path)
        async with self._database.connection() as connection:
            await files.note_stored_unread(connection, blob_id=blob_id)
        return blob_id


def checked_address(address: str) -> str:
    """The address as it is stored.

    Raises:
        InvalidError: field `address`: it is blank, too long or cannot be shown.
    """
    trimmed = address.strip()
    if not trimmed or len(trimmed) > LONGEST_ADDRESS or not trimmed.isprintable():
        raise InvalidError("address", f"An address has 1 to {LONGEST_ADDRESS:,} printable characters.")
    return trimmed


def _check_files(kept: Sequence[KeptFile]) -> None:
    if not kept:
        raise InvalidError("file", "No file came; send at least one.", code="missing")
    if len(kept) > MOST_FILES:
        raise InvalidError("file", f"There are more than {MOST_FILES:,} files; pack them into a ZIP.", code="too_many")
    seen: set[str] = set()
    for file in kept:
        if file.new.address in seen and file.new.kind != "archive":
            why = f"Two of the files are called {file.new.address!r}; rename one, or send a ZIP of their folders."
            raise InvalidError("file", why, code="several")
        seen.add(file.new.address)


async def _accepted(
    connection: Connection, caller: Caller, data_set_id: int, mode: SyncMode, new: Sequence[NewFile]
) -> Sync:
    sync_id = await syncs.accept(connection, caller, data_set_id=data_set_id, mode=mode, files=new)
    if sync_id is None:
        raise TransientError("file storage", "A file was purged while it came in; send it again.", retry_after=1)
    return _found(await syncs.find(connection, caller, data_set_id=data_set_id, sync=sync_id), sync_id)


async def _check_visible(connection: Connection, caller: Caller, data_set_id: int) -> None:
    if await data_sets.find(connection, caller, data_set_id=data_set_id) is None:
        raise NotFoundError("data set", data_set_id)


def _found(sync: Sync | None, wanted: int | UUID) -> Sync:
    if sync is None:
        raise NotFoundError("run", str(wanted))
    return sync
