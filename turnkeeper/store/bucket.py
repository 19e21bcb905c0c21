"""Bytes in a bucket of Amazon S3 or a service that speaks the same (MinIO, Ceph, R2 …), by obstore."""

import logging
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from turnkeeper.core.errors import RefusedError, StartError, TransientError
from turnkeeper.store.blobs import PIECE_BYTES, WHO, missing

if TYPE_CHECKING:
    from obstore import GetOptions
    from obstore.store import S3Config

_log = logging.getLogger(__name__)

_REQUEST_SECONDS = 60
_CONNECT_SECONDS = 5
_RETRIES = 2
_PART_BYTES = 5 * 1024 * 1024
_PARTS_AT_ONCE = 2


class BucketBlobs:
    """See `Blobs`. Credentials and region come from the usual `AWS_*` variables, which the library reads."""

    def __init__(self, url: str, *, endpoint: str | None = None) -> None:
        """Remember where; nothing is connected yet.

        Raises:
            StartError: the address is none of a bucket, or the `AWS_*` variables contradict each other.
        """
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.hostname or parts.query or parts.username:
            raise StartError(f"TURNKEEPER_FILES_URL is {url!r}; it must be like s3://bucket or s3://bucket/prefix.")
        self.spool = Path(tempfile.gettempdir())
        # Deleting many at once is what the other services most often lack, and we delete one by one.
        config: S3Config = {"disable_bulk_delete": True}
        if endpoint is not None:
            config |= {"endpoint": endpoint, "virtual_hosted_style_request": False}
        try:
            self._store = S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                config=config,
                client_options={
                    "timeout": timedelta(seconds=_REQUEST_SECONDS),
                    "connect_timeout": timedelta(seconds=_CONNECT_SECONDS),
                    "allow_http": (endpoint or "").startswith("http://"),
                },
                retry_config={"max_retries": _RETRIES, "retry_timeout": timedelta(seconds=_REQUEST_SECONDS)},
            )
        except BaseError as error:
            raise StartError(f"The file storage {url} cannot be used: {error}") from error

    async def put(self, key: str, path: Path) -> None:
        """See `Blobs.put`; more than 5 MB go in parts, so that memory stays bounded."""
        with _translated(key):
            await obstore.put_async(self._store, key, path, chunk_size=_PART_BYTES, max_concurrency=_PARTS_AT_ONCE)

    async def read(self, key: str, *, start: int = 0, stop: int | None = None) -> AsyncGenerator[bytes, None]:
        """See `Blobs.read`."""
        options: GetOptions = {}
        if stop is not None:
            options = {"range": (start, stop)}
        elif start:
            options = {"range": {"offset": start}}
        with _translated(key):
            found = await obstore.get_async(self._store, key, options=options)
            async for piece in found.stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    async def delete(self, key: str) -> None:
        """See `Blobs.delete`."""
        try:
            with _translated(key):
                await obstore.delete_async(self._store, key)
        except RefusedError:
            return  # some services say that there is nothing


@contextmanager
def _translated(key: str) -> Generator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise missing(key) from error
    except (BaseError, OSError) as error:
        # The library's text names addresses: it is for the operator, and callers learn only the kind of error.
        _log.warning("the file storage failed", extra={"key": key, "why": str(error).partition("\n\nDebug")[0]})
        raise TransientError(
            WHO, f"The file storage does not answer as it should ({type(error).__name__}).", retry_after=5
        ) from error
