"""One run of an import: watched while it goes on, and ended together with the change that it makes."""

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from turnkeeper.core.errors import ClaimLostError, TransientError
from turnkeeper.core.imports import Failure, ImportReport
from turnkeeper.core.syncs import SyncProgress
from turnkeeper.retrieval.indexing import Progress, Report, Shelf, Source, import_sources, no_report

T = TypeVar("T")

_NOTE_SECONDS = 1.0
"""How often it is told how far a run is, and asked whether it was cancelled."""


class RemovingShelf(Shelf, Protocol):
    """A shelf from which documents can be taken, too."""

    async def remove(self, addresses: Sequence[str]) -> set[str]: ...


class Transaction(Protocol):
    """Where a run changes its data set, and ends."""

    @property
    def shelf(self) -> RemovingShelf: ...

    async def complete(self, report: ImportReport, *, skipped: int = 0) -> None: ...


class Work(Protocol):
    """A run in the hands of the one that does it."""

    async def note(self, progress: SyncProgress) -> bool: ...

    def importing(self) -> AbstractAsyncContextManager[Transaction]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What a run is to read, and what was left out before it began."""

    sources: Sequence[Source]
    failures: Sequence[Failure] = ()
    skipped: int = 0


class _Meter:
    """How far the run is now."""

    def __init__(self, found: Found, report: Report) -> None:
        self.progress = SyncProgress(found=len(found.sources), skipped=found.skipped)
        self._report = report

    def __call__(self, progress: Progress) -> None:
        self.progress = replace(self.progress, handled=progress.done, to_handle=progress.total)
        self._report(progress)


async def bring(work: Work, found: Found, *, report: Report = no_report) -> ImportReport:
    """Bring the run's data set up to date; what was left out before counts among the failures.

    Raises:
        ClaimLostError: the run was cancelled, or taken over; nothing was changed.
        InvalidError: two sources have the same address.
        TransientError: the database, or what a source is read from, is away.
    """
    meter = _Meter(found, report)

    async def doing() -> ImportReport:
        async with work.importing() as transaction:
            done = await import_sources(transaction.shelf, found.sources, report=meter)
            done = replace(done, failures=(*found.failures, *done.failures))
            await transaction.complete(done, skipped=found.skipped)
            return done

    return await _watched(work, meter, doing())


async def remove(work: Work, addresses: Sequence[str]) -> ImportReport:
    """Take documents out of the run's data set; those that are not there are no trouble.

    Raises:
        ClaimLostError: the run was cancelled, or taken over; nothing was changed.
        TransientError: the database is away.
    """

    async def doing() -> ImportReport:
        async with work.importing() as transaction:
            shelf = transaction.shelf
            await shelf.begin()
            removed = await shelf.remove(addresses)
            report = _removal(len(removed), unembedded=await shelf.finish())
            await transaction.complete(report)
            return report

    return await _watched(work, _Meter(Found(sources=()), no_report), doing())


async def _watched(work: Work, meter: _Meter, doing: Coroutine[None, None, T]) -> T:
    task = asyncio.ensure_future(doing)
    try:
        while True:
            ended, _ = await asyncio.wait({task}, timeout=_NOTE_SECONDS)
            if ended:
                return await task
            with suppress(TransientError):
                if not await work.note(meter.progress):
                    raise ClaimLostError("The run was cancelled, or another worker does it now; nothing was changed.")
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _removal(count: int, *, unembedded: int) -> ImportReport:
    return ImportReport(
        added=0,
        changed=0,
        unchanged=0,
        removed=count,
        documents=0,
        products=0,
        passages=0,
        unembedded=unembedded,
        failures=(),
    )
