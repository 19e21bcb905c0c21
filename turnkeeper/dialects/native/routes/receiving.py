"""The files of a form on their way into a run of a data set: one after the other, in bounded memory."""

import posixpath
import unicodedata
from contextlib import AsyncExitStack

from turnkeeper.actions.syncs import MOST_FILES, KeptFile, SyncActions
from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.endpoint import Asked
from turnkeeper.dialects.native.forms.data_sets import TextKind
from turnkeeper.http_kit.uploads import UploadLimits, receive_files

FIELD = "file"


async def received_files(
    syncs: SyncActions, asked: Asked, *, address: str | None = None, most: int = MOST_FILES
) -> list[KeptFile]:
    """Receive the form's files; `address` names a single one otherwise than the client did.

    Raises:
        InvalidError: the form, or a file in it, cannot be used.
        TransientError: the storage is away or full.
    """
    keeping = _Keeping(syncs, asked, address)
    limits = UploadLimits(file_bytes=syncs.limits.upload_bytes, total_bytes=syncs.limits.organization_bytes, files=most)
    async with keeping.stack:
        await receive_files(asked.request.receive, asked.content_type, field=FIELD, limits=limits, sink=keeping)
    if address is not None and any(file.new.kind == "archive" for file in keeping.kept):
        raise InvalidError("file", "An archive is no document; send it to `…/syncs`.", code="archive")
    return keeping.kept


async def received_text(
    syncs: SyncActions, asked: Asked, content: str, *, address: str, kind: TextKind, title: str | None
) -> KeptFile:
    """Keep a text that came in a JSON body.

    Raises:
        InvalidError: its address cannot be used, or it is too much.
        TransientError: the storage is away or full.
    """
    async with syncs.receiving() as received:
        await received.write(content.encode())
        return await syncs.keep(asked.caller, received, address=address, kind=kind, title=title)


class _Keeping:
    """Takes the files of a form, and stores each one when all of it is there."""

    def __init__(self, syncs: SyncActions, asked: Asked, address: str | None) -> None:
        self._syncs = syncs
        self._asked = asked
        self._address = address
        self.stack = AsyncExitStack()
        self.kept: list[KeptFile] = []

    async def begin(self, name: str) -> None:
        self._name = self._address or address_of(name)
        self._received = await self.stack.enter_async_context(self._syncs.receiving())

    async def write(self, piece: bytes) -> None:
        await self._received.write(piece)

    async def end(self) -> None:
        self.kept.append(await self._syncs.keep(self._asked.caller, self._received, address=self._name))
        await self.stack.aclose()


def address_of(name: str) -> str:
    """The address of a file by the name that a client gave it: its path, without what leads out of it."""
    path = posixpath.normpath(unicodedata.normalize("NFC", name).replace("\\", "/").lstrip("/"))
    parts = [part for part in path.split("/") if part not in {"", ".", ".."}]
    return "/".join(parts) or "file"
