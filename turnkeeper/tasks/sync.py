"""The task `sync`: bring a data set up to date with files that came over the API.

It may be cut off at any point and begins again from the top: the data set changes in the transaction that ends the run, so
it happens once, and readers see all of it or nothing.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from turnkeeper.core.errors import CallerError, ClaimLostError, RefusedError, TransientError
from turnkeeper.core.imports import Failure
from turnkeeper.core.syncs import SyncFile
from turnkeeper.engine.queue import RetryLaterError
from turnkeeper.retrieval.indexing import Source
from turnkeeper.retrieval.parsing.parsed import UnreadableError
from turnkeeper.retrieval.sources.archive import Archive
from turnkeeper.retrieval.sources.stored import StoredSource
from turnkeeper.retrieval.syncing import Found, bring, remove
from turnkeeper.store import syncs
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Database
from turnkeeper.store.incoming import incoming
from turnkeeper.store.sync_changes import SyncChanges
from turnkeeper.store.syncs import Begun, SyncWork

MOST_AT_ONCE = 2
"""Runs of one process: each holds a connection to the database as long as it goes on."""
_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 30.0
_FETCH_SECONDS = 300.0
_MOST_BUGS = 3
_MOST_BEGINNINGS = 20

_log = logging.getLogger(__name__)


class SyncDataSet:
    """Does runs."""

    def __init__(self, database: Database, blobs: Blobs, changes: SyncChanges) -> None:
        self._database = database
        self._blobs = blobs
        self._changes = changes
        self._running = 0

    async def __call__(self, sync_id: int) -> None:
        """Do the run, unless it has ended.

        Raises:
            RetryLaterError: others run, or the storage or the database is away; it is to be tried again after a while.
        """
        if self._running >= MOST_AT_ONCE:
            raise RetryLaterError(_WAIT_SECONDS)
        self._running += 1
        try:
            async with self._database.connection() as connection:
                begun = await syncs.begin(connection, sync_id=sync_id)
            if begun is not None:
                await self._do(begun)
                self._changes.ended(sync_id)
        finally:
            self._running -= 1

    async def _do(self, begun: Begun) -> None:
        work = SyncWork(self._database, begun)
        if begun.claim > _MOST_BEGINNINGS:
            why = "Each worker that began it died before it was done; send less at once, and tell the operator."
            await work.fail(code="internal", why=why)
            return
        try:
            await self._bring(begun, work)
        except ClaimLostError:
            _log.info("a run was cancelled or taken over", extra={"sync_id": begun.sync_id})
        except TransientError as error:
            if not begun.is_old:
                wait = max(error.retry_after or 0.0, float(2**begun.claim))
                raise RetryLaterError(min(wait, _LONGEST_WAIT_SECONDS)) from error
            await work.fail(code=error.code, why=error.message)
        except (RefusedError, CallerError) as error:
            await work.fail(code=error.code, why=error.message)
        except Exception:
            if begun.claim < _MOST_BUGS:
                raise
            _log.exception("a run failed unexpectedly", extra={"sync_id": begun.sync_id})
            await work.fail(
                code="internal", why="Something went wrong on the server; it was logged. Nothing was changed."
            )

    async def _bring(self, begun: Begun, work: SyncWork) -> None:
        async with self._database.connection() as connection:
            files = await syncs.files(connection, sync_id=begun.sync_id)
        if begun.mode == "remove":
            await remove(work, [file.address for file in files])
            return
        async with AsyncExitStack() as stack:
            gathering = _Gathering(self._blobs, stack)
            for file in files:
                await gathering.add(file)
            if begun.mode == "replace" and (gathering.broken_archives or not gathering.sources):
                await work.fail(code="nothing_read", why=_why(gathering), failures=gathering.failures)
                return
            await bring(
                work,
                Found(
                    sources=tuple(gathering.sources.values()),
                    failures=tuple(gathering.failures),
                    skipped=gathering.skipped,
                ),
            )


class _Gathering:
    """The sources of a run: files as they are, archives by what is inside."""

    def __init__(self, blobs: Blobs, stack: AsyncExitStack) -> None:
        self._blobs = blobs
        self._stack = stack
        self._loop = asyncio.get_running_loop()
        self.sources: dict[str, Source] = {}
        self.failures: list[Failure] = []
        self.skipped = 0
        self.broken_archives = 0

    async def add(self, file: SyncFile) -> None:
        """Find what is in a file."""
        if file.kind != "archive":
            self._take([StoredSource(file=file, fetch=self._fetcher(file.key))])
            return
        path = await self._local(file.key)
        try:
            archive = await asyncio.to_thread(Archive, path)
        except UnreadableError as error:
            self.broken_archives += 1
            self.failures.append(Failure(address=file.address, why=error.message))
            return
        self._stack.callback(archive.close)
        self._take(archive.files)
        self.skipped += archive.skipped
        self.failures += [Failure(address=each.address, why=each.why) for each in archive.unreadable]

    def _take(self, sources: Sequence[Source]) -> None:
        for source in sources:
            if self.sources.setdefault(source.address, source) is not source:
                why = "Another file of this run has the same address; the first one is used."
                self.failures.append(Failure(address=source.address, why=why))

    async def _local(self, key: str) -> Path:
        """The bytes as a file of this machine, until the run is over."""
        copy = await self._stack.enter_async_context(incoming(self._blobs.spool))
        async for piece in self._blobs.read(key):
            await copy.write(piece)
        await copy.finish()
        return copy.path

    def _fetcher(self, key: str) -> Callable[[], bytes]:
        """Brings the bytes, for a thread: the storage lives in the event loop."""

        def fetch() -> bytes:
            bringing = asyncio.run_coroutine_threadsafe(_all_of(self._blobs, key), self._loop)
            return bringing.result(_FETCH_SECONDS)

        return fetch


async def _all_of(blobs: Blobs, key: str) -> bytes:
    return b"".join([piece async for piece in blobs.read(key)])


def _why(gathering: _Gathering) -> str:
    if gathering.broken_archives:
        return "An archive could not be opened, so that what it holds would have been removed. Nothing was changed."
    return "There is no file worth reading in it, so that everything would have been removed. Nothing was changed."
