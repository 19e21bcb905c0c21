"""Where bytes rest: a folder, or a bucket of an S3-compatible service (see `bucket`), behind one interface."""

import asyncio
import errno
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import BinaryIO, Protocol

from turnkeeper.core.errors import RefusedError, TransientError

WHO = "file storage"
PIECE_BYTES = 256 * 1024
"""How much of a file is held in memory while it is read."""


class Blobs(Protocol):
    """Bytes under keys such as `7/ab/ab34…`. The same key always means the same bytes, so any write may be repeated."""

    @property
    def spool(self) -> Path:
        """A folder for bytes on their way in; `put` is cheapest from there."""
        ...

    async def put(self, key: str, path: Path) -> None:
        """Store the bytes of a local file; they are safe when this returns. The file may be gone afterwards.

        Raises:
            TransientError: the storage is away or full.
        """
        ...

    def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncGenerator[bytes, None]:
        """The bytes from `start` to before `stop`, or to the end, piece by piece. Whoever stops early closes the generator.

        Raises:
            TransientError: the storage is away.
            RefusedError: code `file_missing`: there is nothing under this key.
        """
        ...

    async def delete(self, key: str) -> None:
        """Remove the bytes, if there are any.

        Raises:
            TransientError: the storage is away.
        """
        ...


class FolderBlobs:
    """Bytes in files of one folder, which several machines may share. The folder is made when the first file comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.spool = folder / "incoming"

    async def put(self, key: str, path: Path) -> None:
        """See `Blobs.put`; the file is moved where both are on one disk."""
        await asyncio.to_thread(self._put, key, path)

    async def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncGenerator[bytes, None]:
        """See `Blobs.read`."""
        try:
            file = await asyncio.to_thread(_opened, self._folder / key, start)
        except FileNotFoundError as error:
            raise missing(key) from error
        except OSError as error:
            raise storage_trouble(error) from error
        try:
            left = PIECE_BYTES if stop is None else stop - start
            while left > 0 and (piece := await asyncio.to_thread(file.read, min(left, PIECE_BYTES))):
                yield piece
                left -= 0 if stop is None else len(piece)
        except OSError as error:
            raise storage_trouble(error) from error
        finally:
            file.close()

    async def delete(self, key: str) -> None:
        """See `Blobs.delete`."""
        try:
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)
        except OSError as error:
            raise storage_trouble(error) from error

    def _put(self, key: str, path: Path) -> None:
        place = self._folder / key
        try:
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("rb+") as file:
                os.fsync(file.fileno())
            path.replace(place)
            _sync_folder(place.parent)
        except OSError as error:
            raise storage_trouble(error) from error


def sweep(spool: Path, *, older_than_seconds: float) -> None:
    """Remove what processes that died left half received."""
    limit = time.time() - older_than_seconds
    for path in spool.glob("turnkeeper-*.part") if spool.is_dir() else ():
        try:
            if path.stat().st_mtime < limit:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue


def missing(key: str) -> RefusedError:
    """The error for bytes that should be there and are not."""
    return RefusedError(WHO, f"The bytes {key} are missing in the file storage.", code="file_missing")


def storage_trouble(error: OSError) -> TransientError:
    """The error for a disk that does not do what it should."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return TransientError(WHO, "The file storage is full; the operator must make room.", retry_after=60)
    return TransientError(WHO, f"The file storage cannot be used ({error.strerror or 'unknown error'}).", retry_after=5)


def _opened(path: Path, start: int) -> BinaryIO:
    file = path.open("rb")
    file.seek(start)
    return file


def _sync_folder(folder: Path) -> None:
    """Make a name in the folder survive a power cut."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
