"""Keys at rest: digests of secrets, what they may be used for, and who is behind them."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Account, ApiKey, Caller, KeyFilter, NewKey, OwnedKey, scopes_of
from turnkeeper.core.ids import new_id
from turnkeeper.core.keys import Secret
from turnkeeper.store.database import Connection

_KEY: LiteralString = (
    "k.id, k.public_id, k.organization_id, k.account_id, k.name, k.prefix, k.created_at, k.expires_at, k.revoked_at,"
    " k.last_used_at, k.scopes, k.requests_per_minute,"
    " CASE WHEN k.replaced_until > now() THEN k.replaced_until END"
)
_WIDTH = 13
_OWNED: LiteralString = f"{_KEY}, a.public_id, a.name, a.role"
_STATE: LiteralString = (
    "CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired' ELSE 'live' END"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundKey:
    """A key by one of its secrets, and the caller that it stands for."""

    key: ApiKey
    caller: Caller
    is_active: bool
    """Whether the account is."""
    expires_at: datetime | None
    """When this secret ceases to be good: with the key, or, replaced by a rotation, before it."""


async def any_exist(connection: Connection) -> bool:
    """Whether there is any key, live or revoked: the last thing that a first start makes."""
    cursor = await connection.execute("SELECT EXISTS (SELECT 1 FROM api_keys)")
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def create(connection: Connection, account: Account, secret: Secret, new: NewKey) -> ApiKey:
    """Write a new key; the secret itself is not stored."""
    cursor = await connection.execute(
        "INSERT INTO api_keys AS k (public_id, organization_id, account_id, name, prefix, hash, expires_at, scopes,"
        " requests_per_minute, made_by)"
        f" VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING {_KEY}",
        (
            new_id(),
            account.organization_id,
            account.id,
            new.name,
            secret.prefix,
            secret.digest,
            new.expires_at,
            sorted(new.scopes),
            new.requests_per_minute,
            new.made_by,
        ),
    )
    row = await cursor.fetchone()
    assert row is not None
    return _key(row)


async def find(connection: Connection, *, digest: bytes) -> FoundKey | None:
    """The key with this digest, or whose secret before the last rotation had it."""
    cursor = await connection.execute(
        f"SELECT {_KEY}, a.role, a.is_active, CASE WHEN k.hash <> %(digest)s THEN k.replaced_until END"
        " FROM api_keys k JOIN accounts a ON a.id = k.account_id"
        " WHERE k.hash = %(digest)s OR k.replaced_hash = %(digest)s",
        {"digest": digest},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    key, role, replaced_until = _key(row), row[_WIDTH], row[_WIDTH + 2]
    caller = Caller(
        organization_id=key.organization_id,
        account_id=key.account_id,
        key_id=key.id,
        role=role,
        scopes=key.scopes & scopes_of(role),
    )
    ends = [moment for moment in (key.expires_at, replaced_until) if moment is not None]
    return FoundKey(key=key, caller=caller, is_active=row[_WIDTH + 1], expires_at=min(ends, default=None))


async def listed(connection: Connection, *, organization_id: int, wanted: KeyFilter) -> list[OwnedKey]:
    """Keys of an organization, newest first."""
    cursor = await connection.execute(
        f"""
        SELECT {_OWNED} FROM api_keys k JOIN accounts a ON a.id = k.account_id
        WHERE k.organization_id = %(organization)s AND (%(account)s::uuid IS NULL OR a.public_id = %(account)s)
          AND (%(state)s::text IS NULL OR {_STATE} = %(state)s) AND (%(before)s::bigint IS NULL OR k.id < %(before)s)
        ORDER BY k.id DESC LIMIT %(limit)s
        """,
        {
            "organization": organization_id,
            "account": wanted.account,
            "state": wanted.state,
            "before": wanted.before,
            "limit": wanted.limit,
        },
    )
    return [_owned(row) for row in await cursor.fetchall()]


async def get(connection: Connection, *, organization_id: int, key: UUID | int) -> OwnedKey | None:
    """A key of the organization, by its id or its number."""
    column: LiteralString = "k.public_id" if isinstance(key, UUID) else "k.id"
    cursor = await connection.execute(
        f"SELECT {_OWNED} FROM api_keys k JOIN accounts a ON a.id = k.account_id"
        f" WHERE k.organization_id = %s AND {column} = %s",
        (organization_id, key),
    )
    row = await cursor.fetchone()
    return None if row is None else _owned(row)


async def hold(connection: Connection, *, key_id: int) -> None:
    """Let nobody else change it until this transaction ends."""
    await connection.execute("SELECT FROM api_keys WHERE id = %s FOR UPDATE", (key_id,))


async def count_live(connection: Connection, *, account_id: int) -> int:
    """How many keys of the account still open something."""
    cursor = await connection.execute(
        f"SELECT count(*) FROM api_keys k WHERE k.account_id = %s AND {_STATE} = 'live'", (account_id,)
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def rename(connection: Connection, *, key_id: int, name: str) -> None:
    """Call it something else."""
    await connection.execute("UPDATE api_keys SET name = %s WHERE id = %s", (name, key_id))


async def set_rate(connection: Connection, *, key_id: int, requests_per_minute: int | None) -> None:
    """Let it make so many requests a minute; None is the server's default."""
    await connection.execute(
        "UPDATE api_keys SET requests_per_minute = %s WHERE id = %s", (requests_per_minute, key_id)
    )


async def rotate(connection: Connection, secret: Secret, *, key_id: int, grace_seconds: int) -> None:
    """Give it a new secret; the one before is good for that long, and any before that no more."""
    await connection.execute(
        "UPDATE api_keys SET hash = %s, prefix = %s, replaced_hash = CASE WHEN %s > 0 THEN hash END,"
        " replaced_until = CASE WHEN %s > 0 THEN now() + make_interval(secs => %s) END WHERE id = %s",
        (secret.digest, secret.prefix, grace_seconds, grace_seconds, grace_seconds, key_id),
    )


async def live_named(connection: Connection, *, organization_id: int, wanted: str) -> list[ApiKey]:
    """The keys that are not revoked with this public id, prefix or name; held until the transaction ends."""
    cursor = await connection.execute(
        f"SELECT {_KEY} FROM api_keys k WHERE k.organization_id = %(organization)s AND k.revoked_at IS NULL"
        " AND (k.public_id::text = %(wanted)s OR k.prefix = %(wanted)s OR k.name = %(wanted)s) ORDER BY k.id FOR UPDATE",
        {"organization": organization_id, "wanted": wanted},
    )
    return [_key(row) for row in await cursor.fetchall()]


async def revoke(connection: Connection, *, key_ids: list[int]) -> None:
    """Revoke the keys and those that they made, and those that these made."""
    await connection.execute(
        f"UPDATE api_keys SET revoked_at = now() WHERE revoked_at IS NULL AND id IN ({_WITH_MADE})", (key_ids,)
    )


async def digests_of_account(connection: Connection, *, account_id: int) -> list[bytes]:
    """The digests of all secrets of an account's keys."""
    cursor = await connection.execute("SELECT hash, replaced_hash FROM api_keys WHERE account_id = %s", (account_id,))
    return [bytes(digest) for row in await cursor.fetchall() for digest in row if digest is not None]


async def digests_of(connection: Connection, *, key_ids: list[int]) -> list[bytes]:
    """The digests of all secrets of the keys and of those that they made."""
    cursor = await connection.execute(
        f"SELECT hash, replaced_hash FROM api_keys WHERE id IN ({_WITH_MADE})", (key_ids,)
    )
    return [bytes(digest) for row in await cursor.fetchall() for digest in row if digest is not None]


async def note_use(connection: Connection, *, key_ids: list[int]) -> None:
    """Keys were used just now."""
    await connection.execute("UPDATE api_keys SET last_used_at = now() WHERE id = ANY(%s)", (key_ids,))


_WITH_MADE: LiteralString = """
    WITH RECURSIVE family AS (
        SELECT id FROM api_keys WHERE id = ANY(%s) UNION SELECT k.id FROM api_keys k JOIN family f ON k.made_by = f.id
    ) SELECT id FROM family
"""


def _owned(row: TupleRow) -> OwnedKey:
    return OwnedKey(key=_key(row), owner=row[_WIDTH], owner_name=row[_WIDTH + 1], owner_role=row[_WIDTH + 2])


def _key(row: TupleRow) -> ApiKey:
    return ApiKey(
        id=row[0],
        public_id=row[1],
        organization_id=row[2],
        account_id=row[3],
        name=row[4],
        prefix=row[5],
        created_at=row[6],
        expires_at=row[7],
        revoked_at=row[8],
        last_used_at=row[9],
        scopes=frozenset(row[10]),
        requests_per_minute=row[11],
        replaced_until=row[12],
    )
