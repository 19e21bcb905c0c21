"""Bytes on their way in: gathered in a local file, counted and hashed, in bounded memory."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from turnkeeper.store.blobs import storage_trouble

_BUFFER_BYTES = 512 * 1024


class Incoming:
    """One file that is being received. `size` and `digest` are right after `finish`."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._buffer = bytearray()
        self._hash = hashlib.sha256()
        self.path = Path(file.name)
        self.size = 0

    @property
    def digest(self) -> bytes:
        """SHA-256 of all bytes."""
        return self._hash.digest()

    async def write(self, piece: bytes) -> None:
        """Take the next bytes.

        Raises:
            TransientError: the disk is full or broken.
        """
        self.size += len(piece)
        self._buffer += piece
        if len(self._buffer) >= _BUFFER_BYTES:
            await self._flush()

    async def finish(self) -> None:
        """Have all bytes in the file.

        Raises:
            TransientError: the disk is full or broken.
        """
        await self._flush()

    async def _flush(self) -> None:
        pieces, self._buffer = bytes(self._buffer), bytearray()

        def write() -> None:
            self._hash.update(pieces)
            self._file.write(pieces)
            self._file.flush()

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            raise storage_trouble(error) from error


@asynccontextmanager
async def incoming(spool: Path) -> AsyncGenerator[Incoming]:
    """A file to receive into; it is removed at the end of the block, unless it was moved away.

    Raises:
        TransientError: the disk is full or broken.
    """
    try:
        file = await asyncio.to_thread(_made, spool)
    except OSError as error:
        raise storage_trouble(error) from error
    try:
        yield Incoming(file)
    finally:
        file.close()
        _forget(Path(file.name))


def _made(spool: Path) -> IO[bytes]:
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    return NamedTemporaryFile(dir=spool, prefix="turnkeeper-", suffix=".part", delete=False)


def _forget(path: Path) -> None:
    path.unlink(missing_ok=True)
