"""Files: uploaded, looked at, handed out; and written by an agent for the person it answers."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

from turnkeeper.actions.file_reading import FileReader
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError, TransientError
from turnkeeper.core.files import File, PlacedFile, safe_name
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import audit, conversations, files, messages, turn_files
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.files import NewFile, key_of
from turnkeeper.store.incoming import Incoming, incoming

MOST_WRITTEN_FILES = 20
"""Files that an agent may write while it answers one message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FileLimits:
    """How much may be uploaded. `organization_bytes` counts what an organization has stored, each content once."""

    upload_bytes: int
    organization_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenFile:
    """A file and its bytes, piece by piece. Whoever does not read to the end closes `content`."""

    file: File
    content: AsyncGenerator[bytes, None]


class FileActions:
    """What callers may do with files."""

    def __init__(self, database: Database, blobs: Blobs, reader: FileReader, limits: FileLimits) -> None:
        self._database = database
        self._blobs = blobs
        self._reader = reader
        self._limits = limits

    @property
    def most_upload_bytes(self) -> int:
        """The size of the largest file that may be uploaded."""
        return self._limits.upload_bytes

    def receiving(self) -> AbstractAsyncContextManager[Incoming]:
        """Somewhere to write the bytes of an upload to; forgotten at the end of the block unless `upload` took it.

        Raises:
            TransientError: the disk is full or broken.
        """
        return incoming(self._blobs.spool)

    async def upload(
        self,
        caller: Caller,
        received: Incoming,
        *,
        name: str | None,
        conversation_id: int | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[File]:
        """Keep a file. It is the caller's alone until a message has it, and forgotten when none has it after a day.

        With `conversation_id` (of a conversation that the caller may see) it can be attached there only. The key's
        fingerprint is made here, of name and content.

        Raises:
            InvalidError: field `file`; code `empty`, `too_large`, `unsupported`, `unreadable` or `quota`.
            ConflictError: code `idempotency_key_reused`, also when another account used the key.
            TransientError: the storage is away or full.
        """
        await received.finish()
        shown = safe_name(name)
        self._check_size(received)
        media_type = await self._reader.media_type(received.path, shown)
        blob_id = await self._stored(caller.organization_id, received, name=shown, media_type=media_type)
        new = NewFile(blob_id=blob_id, name=shown, media_type=media_type, conversation_id=conversation_id)

        async def work(connection: Connection) -> File:
            made = await files.create(connection, caller, new)
            if made is None:
                raise TransientError(
                    "file storage", "The file was purged while it came in; send it again.", retry_after=1
                )
            return made

        if key is not None:
            key = replace(key, fingerprint=hashlib.sha256(received.digest + shown.encode()).digest())
        kept = await once(self._database, caller, key, File, work)
        if kept.replayed:
            await self._check_own_key(caller, kept.value)
        return kept

    async def get(
        self, caller: Caller, *, file: int | UUID, only_own: bool = False, conversation_id: int | None = None
    ) -> File:
        """A file by its integer or its public id; with `conversation_id`, only one of that conversation's.

        Raises:
            NotFoundError: there is no such file for this caller.
        """
        return (await self._found(caller, file, only_own=only_own, conversation_id=conversation_id)).file

    async def placed(self, caller: Caller, *, file: UUID) -> PlacedFile:
        """A file by its public id, and where it is.

        Raises:
            NotFoundError: there is no such file for this caller.
        """
        async with self._database.connection() as connection:
            found = await files.placed(connection, caller, file=file)
        if found is None:
            raise NotFoundError("attachment", str(file))
        return found

    async def list_of_conversation(
        self, caller: Caller, *, conversation: UUID, is_written: bool | None, before: int | None, limit: int
    ) -> Sequence[PlacedFile]:
        """What was attached in a conversation, and what the agent wrote, newest first, with numbers below `before`.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            talk = await conversations.find(connection, caller, conversation=conversation, only_own=False)
            if talk is None:
                raise NotFoundError("conversation", str(conversation))
            return await files.of_conversation(
                connection, conversation_id=talk.id, is_written=is_written, before=before, limit=limit
            )

    async def delete(self, caller: Caller, *, file: UUID, key: IdempotencyKey | None = None) -> bool:
        """Remove a file, also from the messages that have it. Returns whether an earlier request with this key did.

        Raises:
            NotFoundError: there is no such file for this caller.
            ConflictError: code `file_in_use`: a message that has it is still to be answered.
        """

        async def work(connection: Connection) -> bool:
            match await files.delete(connection, caller, file=file):
                case "done":
                    await audit.append(connection, caller.actor, "file.deleted", target=file)
                    return True
                case "absent":
                    raise NotFoundError("attachment", str(file))
                case "in use":
                    message = "A message with this file is still to be answered; wait for its end, or cancel it."
                    raise ConflictError(message, code="file_in_use")

        return (await once(self._database, caller, key, bool, work, is_one_statement=False)).replayed

    async def open(
        self,
        caller: Caller,
        *,
        file: int | UUID,
        only_own: bool = False,
        conversation_id: int | None = None,
        start: int = 0,
        stop: int | None = None,
    ) -> OpenFile:
        """A file with its bytes from `start` to before `stop`, of which the first are read already: what is missing shows.

        Raises:
            NotFoundError: there is no such file for this caller.
            TransientError: the storage is away.
            RefusedError: code `file_missing`: the storage has lost the bytes.
        """
        found = await self._found(caller, file, only_own=only_own, conversation_id=conversation_id)
        pieces = self._blobs.read(found.key, start=start, stop=stop)
        first = await anext(pieces, b"")
        return OpenFile(file=found.file, content=_continued(first, pieces))

    async def list_of_message(self, caller: Caller, *, message: int | UUID, only_own: bool = False) -> tuple[File, ...]:
        """The files of a message, or those that came with a reply, in their order.

        Raises:
            NotFoundError: there is no such message for this caller.
        """
        async with self._database.connection() as connection:
            found = await messages.find(connection, caller, message=message, only_own=only_own)
        if found is None:
            raise NotFoundError("message", str(message))
        return found.files

    async def write(
        self, *, organization_id: int, message_id: int, name: str, content: bytes, media_type: str | None
    ) -> str:
        """Have a file of the agent's come back with the reply to a message, in place of an earlier one of that name.

        Repeatable. Returns the name under which it is shown.

        Raises:
            InvalidError: field `file`; code `empty`, `too_large`, `too_many`, `unsupported`, `unreadable` or `quota`.
            ConflictError: code `finished`: the message has been answered.
            TransientError: the storage is away or full.
        """
        shown = safe_name(name)
        async with incoming(self._blobs.spool) as received:
            await received.write(content)
            await received.finish()
            self._check_size(received)
            sniffed = await self._reader.media_type(received.path, shown)
            blob_id = await self._stored(organization_id, received, name=shown, media_type=sniffed)
        async with self._database.transaction() as connection:
            count = await turn_files.write(
                connection,
                message_id=message_id,
                blob_id=blob_id,
                name=shown,
                media_type=media_type or sniffed,
                most=MOST_WRITTEN_FILES,
            )
        if count == 0:
            raise ConflictError("The message has been answered; no file can be added.", code="finished")
        if count > MOST_WRITTEN_FILES:
            raise InvalidError(
                "file", f"There are {MOST_WRITTEN_FILES} files already, the most for one answer.", code="too_many"
            )
        return shown

    async def keep(self, *, organization_id: int, name: str, content: bytes) -> int:
        """Store bytes for a file that is to be written down; the number of their row. Forgotten when no file has them.

        Raises:
            InvalidError: field `file`; code `empty`, `too_large`, `unsupported`, `unreadable` or `quota`.
            TransientError: the storage is away or full.
        """
        async with incoming(self._blobs.spool) as received:
            await received.write(content)
            await received.finish()
            self._check_size(received)
            media_type = await self._reader.media_type(received.path, name)
            return await self._stored(organization_id, received, name=name, media_type=media_type)

    def pieces(self, key: str) -> AsyncGenerator[bytes, None]:
        """The bytes that the storage has under a key, piece by piece.

        Raises:
            TransientError: the storage is away.
            RefusedError: code `file_missing`: the storage has lost the bytes.
        """
        return self._blobs.read(key)

    def _check_size(self, received: Incoming) -> None:
        if received.size == 0:
            raise InvalidError("file", "The file is empty.", code="empty")
        if received.size > self._limits.upload_bytes:
            raise InvalidError("file", too_large(self._limits.upload_bytes), code="too_large")

    async def _stored(self, organization_id: int, received: Incoming, *, name: str, media_type: str) -> int:
        """The row of these bytes, which are stored and read now unless they were before."""
        digest = received.digest
        async with self._database.connection() as connection:
            known = await files.take_blob(connection, organization_id=organization_id, digest=digest)
        if known is not None:
            return known
        read = await self._reader.text(received.path, name, media_type)
        async with self._database.connection() as connection:
            used = await files.bytes_of_organization(connection, organization_id=organization_id)
            if used + received.size > self._limits.organization_bytes:
                raise InvalidError("file", quota_reached(self._limits.organization_bytes), code="quota")
            blob_id = await files.reserve_blob(
                connection, organization_id=organization_id, digest=digest, size=received.size
            )
        await self._blobs.put(key_of(organization_id, digest), Path(received.path))
        async with self._database.connection() as connection:
            await files.note_stored(connection, blob_id=blob_id, text=read.text, pages=read.pages)
        return blob_id

    async def _found(
        self, caller: Caller, file: int | UUID, *, only_own: bool, conversation_id: int | None
    ) -> files.StoredFile:
        async with self._database.connection() as connection:
            found = await files.find(connection, caller, file=file, only_own=only_own, conversation_id=conversation_id)
        if found is None:
            raise NotFoundError("attachment", str(file))
        return found

    async def _check_own_key(self, caller: Caller, file: File) -> None:
        """Refuse the replay of an upload by another account, whose file the caller may not see."""
        try:
            await self._found(caller, file.id, only_own=False, conversation_id=None)
        except NotFoundError as error:
            raise ConflictError(
                "This Idempotency-Key was used by another account, or for a file that is gone; take a new key.",
                code="idempotency_key_reused",
            ) from error


def too_large(most_bytes: int) -> str:
    """The sentence about a file above the limit."""
    return f"The file is too large; the most is {most_bytes:,} bytes."


def quota_reached(most_bytes: int) -> str:
    """The sentence about an organization whose storage is full."""
    return f"The organization's files would be more than {most_bytes // 1_000_000:,} MB, the most that may be stored."


async def _continued(first: bytes, rest: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    try:
        if first:
            yield first
        async for piece in rest:
            yield piece
    finally:
        await rest.aclose()
