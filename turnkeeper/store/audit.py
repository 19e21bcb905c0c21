"""The audit log at rest: entries are appended in the transaction of what they tell, and never changed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import LiteralString
from uuid import UUID

from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow

from turnkeeper.core.audit import (
    START,
    Actor,
    AuditEntry,
    AuditFilter,
    AuditHead,
    FailedSignIns,
    details_of,
    hash_of,
    kind_of,
    target_of,
)
from turnkeeper.store.database import Connection

# The row is held until the transaction ends; the clock is read when it is ours, so that times go up with the numbers.
_HOLD: LiteralString = """
    WITH held AS (
        INSERT INTO audit_heads AS h (organization_id, hash) VALUES (%(organization)s, %(start)s)
        ON CONFLICT (organization_id) DO UPDATE SET number = h.number RETURNING number, hash
    )
    SELECT held.number, held.hash, clock_timestamp(), o.public_id, (
        SELECT public_id FROM accounts WHERE id = %(account)s), (SELECT public_id FROM api_keys WHERE id = %(key)s)
    FROM held, organizations o WHERE o.id = %(organization)s
"""

_APPEND: LiteralString = """
    WITH moved AS (
        UPDATE audit_heads SET number = %(number)s, hash = %(hash)s WHERE organization_id = %(organization)s
    )
    INSERT INTO audit_entries (
        organization_id, number, at, origin, account, key, action, target_kind, target, details, request_id, previous, hash)
    VALUES (%(organization)s, %(number)s, %(at)s, %(origin)s, %(account)s, %(key)s, %(action)s, %(kind)s, %(target)s,
            %(details)s::json, %(request)s, %(previous)s, %(hash)s)
"""

_COLUMNS: LiteralString = """
    e.number, e.at, e.origin, e.account, a.name, e.key, e.action, e.target_kind, e.target, e.details::text, e.request_id,
    e.previous, e.hash
"""

_WHERE: LiteralString = """
    FROM audit_entries e LEFT JOIN accounts a ON a.public_id = e.account
    WHERE e.organization_id = %(organization)s
      AND (%(action)s::text IS NULL OR e.action = %(action)s)
      AND (%(account)s::uuid IS NULL OR e.account = %(account)s)
      AND (%(target)s::text IS NULL OR e.target = %(target)s)
      AND (%(since)s::timestamptz IS NULL OR e.at >= %(since)s)
      AND (%(until)s::timestamptz IS NULL OR e.at < %(until)s)
"""


async def append(
    connection: Connection,
    actor: Actor,
    action: str,
    *,
    target: UUID | str | None = None,
    details: Mapping[str, object] | None = None,
) -> int:
    """Write an entry, as the last thing of a transaction; its number.

    Whoever writes one for the same organization waits for the end of this transaction.
    """
    assert connection.info.transaction_status is TransactionStatus.INTRANS, "An entry belongs to a change."
    organization = actor.organization_id
    cursor = await connection.execute(
        _HOLD, {"organization": organization, "start": START, "account": actor.account_id, "key": actor.key_id}
    )
    row = await cursor.fetchone()
    assert row is not None
    number, previous, at, public_id, account, key = row
    entry = AuditEntry(
        number=number + 1,
        at=at,
        origin=actor.origin,
        account=account,
        account_name=None,
        key=key,
        action=action,
        target_kind=kind_of(action),
        target=target_of(action, target),
        details=details_of(details or {}),
        request_id=actor.request_id,
        previous=previous,
        hash=b"",
    )
    entry = replace(entry, hash=hash_of(public_id, entry))
    await connection.execute(_APPEND, _values(organization, entry))
    return entry.number


async def listed(connection: Connection, wanted: AuditFilter, *, organization_id: int) -> list[AuditEntry]:
    """Entries of the organization: oldest first behind `wanted.after` if that is given, else newest first."""
    values = {
        "organization": organization_id,
        "action": wanted.action,
        "account": wanted.account,
        "target": wanted.target,
        "since": wanted.since,
        "until": wanted.until,
        "before": wanted.before,
        "after": wanted.after,
        "limit": wanted.limit,
    }
    part: LiteralString = (
        "AND (%(before)s::bigint IS NULL OR e.number < %(before)s) ORDER BY e.number DESC"
        if wanted.after is None
        else "AND e.number > %(after)s ORDER BY e.number"
    )
    cursor = await connection.execute(f"SELECT {_COLUMNS} {_WHERE} {part} LIMIT %(limit)s", values)
    return [_entry(row) for row in await cursor.fetchall()]


async def head(connection: Connection, *, organization_id: int) -> AuditHead:
    """The end of the chain; number 0 before its first entry."""
    cursor = await connection.execute(
        "SELECT number, hash FROM audit_heads WHERE organization_id = %s", (organization_id,)
    )
    row = await cursor.fetchone()
    return AuditHead(number=0, hash=START) if row is None else AuditHead(number=row[0], hash=row[1])


async def note_failed_sign_ins(connection: Connection, counts: Mapping[tuple[int, str], int]) -> None:
    """Add to the counts of today, in UTC, by organization (0 for none) and reason."""
    rows = sorted(counts.items())
    await connection.execute(
        """
        INSERT INTO failed_sign_ins AS f (day, organization_id, reason, count)
        SELECT (now() AT TIME ZONE 'UTC')::date, * FROM unnest(%s::bigint[], %s::text[], %s::bigint[])
        ON CONFLICT (day, organization_id, reason) DO UPDATE SET count = f.count + EXCLUDED.count
        """,
        ([one for (one, _), _ in rows], [reason for (_, reason), _ in rows], [count for _, count in rows]),
    )


async def failed_sign_ins(connection: Connection, *, organization_id: int, days: int) -> list[FailedSignIns]:
    """The counts of the last days with keys of this organization, newest day first."""
    cursor = await connection.execute(
        """
        SELECT day, reason, count FROM failed_sign_ins
        WHERE organization_id = %s AND day > (now() AT TIME ZONE 'UTC')::date - %s ORDER BY day DESC, reason
        """,
        (organization_id, days),
    )
    return [FailedSignIns(day=str(row[0]), reason=row[1], count=row[2]) for row in await cursor.fetchall()]


async def purge_failed_sign_ins(connection: Connection, *, older_than_days: int) -> None:
    """Forget old counts."""
    await connection.execute(
        "DELETE FROM failed_sign_ins WHERE day < (now() AT TIME ZONE 'UTC')::date - %s", (older_than_days,)
    )


def _values(organization_id: int, entry: AuditEntry) -> dict[str, object]:
    return {
        "organization": organization_id,
        "number": entry.number,
        "at": entry.at,
        "origin": entry.origin,
        "account": entry.account,
        "key": entry.key,
        "action": entry.action,
        "kind": entry.target_kind,
        "target": entry.target,
        "details": entry.details,
        "request": entry.request_id,
        "previous": entry.previous,
        "hash": entry.hash,
    }


def _entry(row: TupleRow) -> AuditEntry:
    number, at, origin, account, name, key, action, kind, target, details, request_id, previous, digest = row
    return AuditEntry(
        number=number,
        at=at,
        origin=origin,
        account=account,
        account_name=name,
        key=key,
        action=action,
        target_kind=kind,
        target=target,
        details=details,
        request_id=request_id,
        previous=previous,
        hash=digest,
    )
