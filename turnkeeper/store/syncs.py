"""Runs that bring data sets up to date, at rest: accepted, begun, watched, ended."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ClaimLostError
from turnkeeper.core.ids import new_id
from turnkeeper.core.imports import Failure, ImportReport
from turnkeeper.core.syncs import MOST_ERRORS, Sync, SyncError, SyncFile, SyncFileKind, SyncMode, SyncProgress
from turnkeeper.store.data_sets import IS_VISIBLE
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.files import key_of
from turnkeeper.store.imports import Import
from turnkeeper.store.notices import TASKS, tell_at_commit
from turnkeeper.store.scope import scope

_VECTORS_WAITING: LiteralString = """
    CASE WHEN y.unembedded = 0 THEN 0 ELSE least(y.unembedded, (
        SELECT count(*) FROM passages_to_embed e WHERE e.data_set_id = d.id AND e.generation = d.generation)) END
"""
_SYNC: LiteralString = f"""
    y.id, y.public_id, y.data_set_id, d.public_id AS data_set_public_id, a.public_id AS account_public_id, y.origin, y.mode,
    y.state, y.files, y.found, y.handled, y.to_handle, y.skipped, y.added, y.changed, y.unchanged, y.removed, y.unreadable,
    y.documents, y.products, y.passages, {_VECTORS_WAITING} AS vectors_waiting, y.error_code, y.error,
    y.created_at, y.started_at, y.ended_at
"""
_FROM: LiteralString = "syncs y JOIN data_sets d ON d.id = y.data_set_id LEFT JOIN accounts a ON a.id = y.account_id"

_ACCEPT: LiteralString = """
    WITH made AS (
        INSERT INTO syncs (public_id, data_set_id, account_id, origin, mode, files)
        VALUES (%(public_id)s, %(data_set)s, %(account)s, 'upload', %(mode)s, %(files)s) RETURNING id
    ), used AS (
        UPDATE blobs SET unused_since = NULL WHERE id = ANY(%(blobs)s) AND is_stored RETURNING id
    ), listed AS (
        INSERT INTO sync_files (sync_id, number, address, kind, title, blob_id)
        SELECT made.id, f.number, f.address, f.kind, f.title, f.blob_id
        FROM made, unnest(%(addresses)s::text[], %(kinds)s::text[], %(titles)s::text[], %(blobs)s::bigint[])
            WITH ORDINALITY AS f (address, kind, title, blob_id, number)
        WHERE f.kind = 'gone' OR f.blob_id IN (SELECT id FROM used)
        RETURNING number
    )
    SELECT made.id, (SELECT count(*) FROM listed),
           defer_task('sync', 'sync:' || %(data_set)s, jsonb_build_object('sync_id', made.id))
    FROM made
"""

_BEGIN: LiteralString = """
    UPDATE syncs SET state = 'running', claim = claim + 1, started_at = coalesce(started_at, now()), seen_at = now(),
        handled = 0, to_handle = NULL, found = 0, skipped = 0
    WHERE id = %s AND state IN ('queued', 'running')
    RETURNING data_set_id, mode, claim, created_at < now() - interval '1 day'
"""

_NOTE: LiteralString = """
    UPDATE syncs SET found = %(found)s, skipped = %(skipped)s, handled = %(handled)s, to_handle = %(to_handle)s,
        seen_at = now()
    WHERE id = %(sync)s AND claim = %(claim)s AND state = 'running'
"""

_IS_COMPLETED: LiteralString = """
    SELECT 1 FROM syncs WHERE id = %(sync)s AND claim = %(claim)s AND state = 'completed'
"""

_COMPLETE: LiteralString = """
    UPDATE syncs SET state = 'completed', ended_at = clock_timestamp(), found = %(found)s, skipped = %(skipped)s,
        handled = %(handled)s, to_handle = %(handled)s, added = %(added)s, changed = %(changed)s, unchanged = %(unchanged)s,
        removed = %(removed)s, unreadable = %(unreadable)s, documents = %(documents)s, products = %(products)s,
        passages = %(passages)s, unembedded = %(unembedded)s
    WHERE id = %(sync)s AND claim = %(claim)s AND state = 'running'
"""

_FAIL: LiteralString = """
    UPDATE syncs SET state = 'failed', ended_at = clock_timestamp(), error_code = %(code)s, error = %(why)s,
        unreadable = %(unreadable)s
    WHERE id = %(sync)s AND claim = %(claim)s AND state = 'running'
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFile:
    """What a run is given. `blob_id` is None of what is to be removed; the bytes of others are stored already."""

    address: str
    kind: SyncFileKind
    title: str | None = None
    blob_id: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A run that its reader now does."""

    sync_id: int
    data_set_id: int
    mode: SyncMode
    claim: int
    """How often it was begun, this time included."""
    is_old: bool
    """Whether it was asked for more than a day ago."""


async def accept(
    connection: Connection, caller: Caller, *, data_set_id: int, mode: SyncMode, files: Sequence[NewFile]
) -> int | None:
    """Write down a run, and the task that does it; in a transaction. None when bytes were purged meanwhile."""
    cursor = await connection.execute(
        _ACCEPT,
        {
            "public_id": new_id(),
            "data_set": data_set_id,
            "account": caller.account_id,
            "mode": mode,
            "files": len(files),
            "addresses": [file.address for file in files],
            "kinds": [file.kind for file in files],
            "titles": [file.title for file in files],
            "blobs": [file.blob_id for file in files],
        },
    )
    row = await cursor.fetchone()
    if row is None or row[1] != len(files):
        return None
    await tell_at_commit(connection, TASKS, [""])
    return int(row[0])


async def register(connection: Connection, caller: Caller, *, data_set_id: int, files: int) -> int:
    """Write down a run that the process of a command is about to do; its id."""
    cursor = await connection.execute(
        "INSERT INTO syncs (public_id, data_set_id, account_id, origin, mode, files)"
        " VALUES (%s, %s, %s, 'command', 'replace', %s) RETURNING id",
        (new_id(), data_set_id, caller.account_id or None, files),
    )
    (row,) = await cursor.fetchall()
    return int(row[0])


async def find(connection: Connection, caller: Caller, *, data_set_id: int, sync: int | UUID) -> Sync | None:
    """The run with this integer or public id, if it is of this data set and the caller may see that."""
    which: LiteralString = "y.id = %(sync)s" if isinstance(sync, int) else "y.public_id = %(sync)s"
    query = f"SELECT {_SYNC} FROM {_FROM} WHERE {IS_VISIBLE} AND d.id = %(data_set)s AND {which}"
    async with connection.cursor(row_factory=class_row(Sync)) as cursor:
        await cursor.execute(query, {**scope(caller), "data_set": data_set_id, "sync": sync})
        return await cursor.fetchone()


async def listed(
    connection: Connection, caller: Caller, *, data_set_id: int, state: str | None, before: int | None, limit: int
) -> list[Sync]:
    """The runs of the data set, newest first; `before` is an id."""
    query = f"""
        SELECT {_SYNC} FROM {_FROM} WHERE {IS_VISIBLE} AND d.id = %(data_set)s
          AND (%(state)s::text IS NULL OR y.state = %(state)s) AND (%(before)s::bigint IS NULL OR y.id < %(before)s)
        ORDER BY y.id DESC LIMIT %(limit)s
    """
    values = {**scope(caller), "data_set": data_set_id, "state": state, "before": before, "limit": limit}
    async with connection.cursor(row_factory=class_row(Sync)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def errors(connection: Connection, *, sync_id: int, after: int, limit: int) -> list[SyncError]:
    """What a run could not read, in its order, with numbers above `after`. Who may see the run is settled before."""
    async with connection.cursor(row_factory=class_row(SyncError)) as cursor:
        await cursor.execute(
            "SELECT number, address, why FROM sync_errors WHERE sync_id = %s AND number > %s ORDER BY number LIMIT %s",
            (sync_id, after, limit),
        )
        return await cursor.fetchall()


async def cancel(connection: Connection, *, sync_id: int) -> bool:
    """End a run that has not ended; False when it has. Who does it finds out before it writes anything."""
    cursor = await connection.execute(
        """
        WITH ended AS (
            UPDATE syncs SET state = 'cancelled', ended_at = now() WHERE id = %s AND state IN ('queued', 'running')
            RETURNING id
        ), freed AS (
            DELETE FROM sync_files WHERE sync_id IN (SELECT id FROM ended)
        ) SELECT 1 FROM ended
        """,
        (sync_id,),
    )
    return await cursor.fetchone() is not None


async def cancel_all(connection: Connection, *, data_set_id: int) -> list[int]:
    """End all runs of a data set that have not ended; their ids."""
    cursor = await connection.execute(
        "UPDATE syncs SET state = 'cancelled', ended_at = now()"
        " WHERE data_set_id = %s AND state IN ('queued', 'running') RETURNING id",
        (data_set_id,),
    )
    return [int(row[0]) for row in await cursor.fetchall()]


async def begin(connection: Connection, *, sync_id: int) -> Begun | None:
    """Take over a run; whoever did it before writes nothing more. None when it has ended, or its data set is gone."""
    cursor = await connection.execute(_BEGIN, (sync_id,))
    row = await cursor.fetchone()
    if row is None:
        return None
    return Begun(sync_id=sync_id, data_set_id=row[0], mode=row[1], claim=row[2], is_old=row[3])


async def files(connection: Connection, *, sync_id: int) -> list[SyncFile]:
    """What the run was given, in order."""
    cursor = await connection.execute(
        """
        SELECT f.address, f.kind, f.title, b.organization_id, b.hash FROM sync_files f
        LEFT JOIN blobs b ON b.id = f.blob_id WHERE f.sync_id = %s ORDER BY f.number
        """,
        (sync_id,),
    )
    return [
        SyncFile(
            address=row[0],
            kind=row[1],
            title=row[2],
            key="" if row[4] is None else key_of(row[3], row[4]),
            digest=b"" if row[4] is None else bytes(row[4]),
        )
        for row in await cursor.fetchall()
    ]


async def purge(connection: Connection, *, older_than_days: int) -> int:
    """Forget runs that ended long ago; returns how many."""
    cursor = await connection.execute(
        "DELETE FROM syncs WHERE ended_at < now() - make_interval(days => %s)", (older_than_days,)
    )
    return cursor.rowcount


async def give_up_abandoned(connection: Connection, *, silent_seconds: float) -> int:
    """End the runs of commands whose process was not heard of for so long; returns how many."""
    cursor = await connection.execute(
        """
        UPDATE syncs SET state = 'failed', ended_at = now(), error_code = 'abandoned',
            error = 'The process that did it ended before it was done; nothing of it was kept. Import again.'
        WHERE origin = 'command' AND state IN ('queued', 'running')
          AND coalesce(seen_at, created_at) < now() - make_interval(secs => %s)
        """,
        (silent_seconds,),
    )
    return cursor.rowcount


class SyncWork:
    """A run in the hands of the one that does it. Every write checks that it still is."""

    def __init__(self, database: Database, begun: Begun) -> None:
        self._database = database
        self._begun = begun

    async def note(self, progress: SyncProgress) -> bool:
        """Write down how far it is; False when it was cancelled, or taken over.

        A run that this claim has just completed is in its hands all the same: whoever watches it may ask in that moment.
        """
        values = {
            "found": progress.found,
            "skipped": progress.skipped,
            "handled": progress.handled,
            "to_handle": progress.to_handle,
        }
        async with self._database.connection() as connection:
            cursor = await connection.execute(_NOTE, {**self._values, **values})
            if cursor.rowcount:
                return True
            cursor = await connection.execute(_IS_COMPLETED, self._values)
            return await cursor.fetchone() is not None

    @asynccontextmanager
    async def importing(self) -> AsyncGenerator["SyncTransaction"]:
        """The transaction in which the data set is changed and the run completed: both at once, or neither."""
        async with self._database.transaction() as connection:
            yield SyncTransaction(connection, self._begun)

    async def fail(self, *, code: str, why: str, failures: Sequence[Failure] = ()) -> bool:
        """End the run without a change of the data set; False when it was cancelled, or taken over."""
        async with self._database.transaction() as connection:
            values = {**self._values, "code": code, "why": why, "unreadable": len(failures)}
            cursor = await connection.execute(_FAIL, values)
            if not cursor.rowcount:
                return False
            await _end(connection, self._begun.sync_id, failures)
            return True

    @property
    def _values(self) -> dict[str, object]:
        return {"sync": self._begun.sync_id, "claim": self._begun.claim}


class SyncTransaction:
    """Where a run changes its data set, and ends."""

    def __init__(self, connection: Connection, begun: Begun) -> None:
        self.shelf = Import(connection, begun.data_set_id, keeps_others=begun.mode != "replace")
        self._connection = connection
        self._begun = begun

    async def complete(self, report: ImportReport, *, skipped: int = 0) -> None:
        """End the run; its result and what it changed are there together.

        Raises:
            ClaimLostError: it was cancelled, or taken over: nothing may be kept.
        """
        values: dict[str, object] = {
            "sync": self._begun.sync_id,
            "claim": self._begun.claim,
            "found": report.added + report.changed + report.unchanged,
            "skipped": skipped,
            "handled": report.added + report.changed,
            "unreadable": len(report.failures),
        }
        counts = ("added", "changed", "unchanged", "removed", "documents", "products", "passages", "unembedded")
        values.update((name, getattr(report, name)) for name in counts)
        cursor = await self._connection.execute(_COMPLETE, values)
        if not cursor.rowcount:
            raise ClaimLostError("The run was cancelled, or another worker does it now; nothing was changed.")
        await _end(self._connection, self._begun.sync_id, report.failures)


async def _end(connection: Connection, sync_id: int, failures: Sequence[Failure]) -> None:
    """Keep what could not be read, and let go of the files."""
    await connection.execute("DELETE FROM sync_files WHERE sync_id = %s", (sync_id,))
    kept = failures[:MOST_ERRORS]
    if kept:
        await connection.execute(
            "INSERT INTO sync_errors (sync_id, number, address, why) SELECT %s, number, address, why"
            " FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS f (address, why, number)",
            (sync_id, [failure.address for failure in kept], [failure.why for failure in kept]),
        )
