"""Erasures at rest: asked for, counted while they go on, and kept as receipts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import kwargs_row

from turnkeeper.core.accounts import Caller
from turnkeeper.core.erasures import Erasure, Subject
from turnkeeper.core.ids import new_id
from turnkeeper.store.database import Connection
from turnkeeper.store.notices import TASKS, tell_at_commit

_COLUMNS: LiteralString = """
    id, public_id, organization_id, kind, target, label, value, state, removed::text AS removed, created_at, ended_at,
    audit_number, hash
"""
_COUNTS = msgspec.json.Decoder(dict[str, int])

_CREATE: LiteralString = """
    WITH made AS (
        INSERT INTO erasures (public_id, organization_id, kind, target, label, value, asked_by)
        VALUES (%(public_id)s, %(organization)s, %(kind)s, %(target)s, %(label)s, %(value)s,
                (SELECT id FROM accounts WHERE id = %(account)s)) RETURNING id
    )
    SELECT id, defer_task('erase', 'erase:' || id, jsonb_build_object('erasure', id)) FROM made
"""

_COUNT: LiteralString = """
    UPDATE erasures SET state = 'running', removed = removed || coalesce((
        SELECT jsonb_object_agg(key, value::bigint + coalesce((removed ->> key)::bigint, 0))
        FROM jsonb_each_text(%s::jsonb)), '{}')
    WHERE id = %s
"""


async def create(connection: Connection, caller: Caller, subject: Subject) -> int:
    """Write one down, and the task that does it; its number."""
    cursor = await connection.execute(
        _CREATE,
        {
            "public_id": new_id(),
            "organization": caller.organization_id,
            "account": caller.account_id,
            "kind": subject.kind,
            "target": subject.target,
            "label": subject.label,
            "value": subject.value,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    await tell_at_commit(connection, TASKS, [""])
    return int(row[0])


async def find(connection: Connection, *, erasure: int | UUID, organization_id: int | None = None) -> Erasure | None:
    """The one with this integer or public id; with an organization, only if it is its."""
    which: LiteralString = "id = %(erasure)s" if isinstance(erasure, int) else "public_id = %(erasure)s"
    found = await _select(
        connection,
        f"SELECT {_COLUMNS} FROM erasures WHERE {which}"
        " AND (%(organization)s::bigint IS NULL OR organization_id = %(organization)s)",
        {"erasure": erasure, "organization": organization_id},
    )
    return found[0] if found else None


async def listed(connection: Connection, *, organization_id: int, before: int | None, limit: int) -> Sequence[Erasure]:
    """Those of the organization, newest first, with numbers below `before`."""
    return await _select(
        connection,
        f"SELECT {_COLUMNS} FROM erasures WHERE organization_id = %(organization)s"
        " AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        {"organization": organization_id, "before": before, "limit": limit},
    )


async def count(connection: Connection, *, erasure_id: int, removed: Mapping[str, int]) -> None:
    """Add to the counts, in the transaction that removes."""
    counts = {kind: number for kind, number in removed.items() if number}
    await connection.execute(_COUNT, (msgspec.json.encode(counts).decode(), erasure_id))


async def complete(
    connection: Connection, *, erasure_id: int, ended_at: datetime, audit_number: int, digest: bytes
) -> None:
    """Make it a receipt; what was needed to do it is forgotten."""
    await connection.execute("DELETE FROM erasure_marks WHERE erasure_id = %s", (erasure_id,))
    await connection.execute(
        "UPDATE erasures SET state = 'completed', value = NULL, ended_at = %s, audit_number = %s, hash = %s WHERE id = %s",
        (ended_at, audit_number, digest, erasure_id),
    )


async def _select(connection: Connection, query: LiteralString, values: Mapping[str, object]) -> list[Erasure]:
    async with connection.cursor(row_factory=kwargs_row(_erasure)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


def _erasure(*, removed: str, **columns: object) -> Erasure:
    row = {**columns, "removed": _COUNTS.decode(removed)}
    return Erasure(**row)  # pyright: ignore[reportArgumentType] - the columns are named for its fields
