"""Organizations, accounts and keys at rest."""

from datetime import datetime
from typing import LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Account, ApiKey, Caller, Organization, Role, ServiceAccount, User
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.ids import new_id
from turnkeeper.store.database import Connection

_ACCOUNT: LiteralString = "id, public_id, organization_id, kind, name, role, is_active, created_at"
_KEY: LiteralString = (
    "k.id, k.public_id, k.organization_id, k.account_id, k.name, k.prefix, k.created_at, k.expires_at, k.revoked_at,"
    " k.last_used_at"
)


async def create_organization(connection: Connection, *, name: str) -> Organization:
    """Write a new organization.

    Raises:
        ConflictError: code `name_taken`.
    """
    try:
        cursor = await connection.execute(
            "INSERT INTO organizations (public_id, name) VALUES (%s, %s) RETURNING id, public_id, name, created_at",
            (new_id(), name),
        )
    except UniqueViolation as error:
        raise ConflictError(f"There is an organization {name!r} already.", code="name_taken") from error
    row = await cursor.fetchone()
    assert row is not None
    return _organization(row)


async def has_keys(connection: Connection) -> bool:
    """Whether there is any key, live or revoked: the last thing that a first start makes."""
    cursor = await connection.execute("SELECT EXISTS (SELECT 1 FROM api_keys)")
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def wait_for_first_run(connection: Connection) -> None:
    """Take the right to fill an empty database, until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('turnkeeper:first-run', 0))")


async def organizations(connection: Connection, *, limit: int) -> list[Organization]:
    """The first organizations, oldest first."""
    cursor = await connection.execute(
        "SELECT id, public_id, name, created_at FROM organizations ORDER BY id LIMIT %s", (limit,)
    )
    return [_organization(row) for row in await cursor.fetchall()]


async def create_account(
    connection: Connection, *, organization_id: int, name: str, role: Role, password_hash: str | None
) -> Account:
    """Write a new account: a user when there is a password, else a service account.

    Raises:
        ConflictError: code `name_taken`.
    """
    kind = "service" if password_hash is None else "user"
    try:
        cursor = await connection.execute(
            "INSERT INTO accounts (public_id, organization_id, kind, name, role, password_hash)"
            f" VALUES (%s, %s, %s, %s, %s, %s) RETURNING {_ACCOUNT}",
            (new_id(), organization_id, kind, name, role, password_hash),
        )
    except UniqueViolation as error:
        raise ConflictError(f"There is an account {name!r} already; choose another name.", code="name_taken") from error
    row = await cursor.fetchone()
    assert row is not None
    return _account(row)


async def accounts(connection: Connection, *, organization_id: int, after_id: int, limit: int) -> list[Account]:
    """Accounts of an organization with an id above `after_id`, in order."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT} FROM accounts WHERE organization_id = %s AND id > %s ORDER BY id LIMIT %s",
        (organization_id, after_id, limit),
    )
    return [_account(row) for row in await cursor.fetchall()]


async def find_account(connection: Connection, *, organization_id: int, name: str) -> Account | None:
    """The account with this name (of a service account) or e-mail address (of a user, any case)."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT} FROM accounts WHERE organization_id = %(organization)s AND"
        " (kind = 'service' AND name = %(name)s OR kind = 'user' AND lower(name) = lower(%(name)s)) ORDER BY kind LIMIT 1",
        {"organization": organization_id, "name": name},
    )
    row = await cursor.fetchone()
    return None if row is None else _account(row)


async def first_admin(connection: Connection, *, organization_id: int) -> Account | None:
    """The oldest active admin of an organization."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT} FROM accounts WHERE organization_id = %s AND role = 'admin' AND is_active ORDER BY id LIMIT 1",
        (organization_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else _account(row)


async def update_account(
    connection: Connection, *, account_id: int, role: Role | None, is_active: bool | None, password_hash: str | None
) -> None:
    """Change what is not None."""
    await connection.execute(
        "UPDATE accounts SET role = coalesce(%s, role), is_active = coalesce(%s, is_active),"
        " password_hash = coalesce(%s, password_hash) WHERE id = %s",
        (role, is_active, password_hash, account_id),
    )


async def create_key(
    connection: Connection, *, account: Account, name: str, prefix: str, digest: bytes, expires_at: datetime | None
) -> ApiKey:
    """Write a new key; `digest` is the SHA-256 of the secret, which is not stored."""
    cursor = await connection.execute(
        "INSERT INTO api_keys AS k (public_id, organization_id, account_id, name, prefix, hash, expires_at)"
        f" VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING {_KEY}",
        (new_id(), account.organization_id, account.id, name, prefix, digest, expires_at),
    )
    row = await cursor.fetchone()
    assert row is not None
    return _key(row)


async def find_key(connection: Connection, *, digest: bytes) -> tuple[ApiKey, Caller, bool] | None:
    """The key with this digest, the caller that it stands for, and whether the account is active."""
    cursor = await connection.execute(
        f"SELECT {_KEY}, a.role, a.is_active FROM api_keys k JOIN accounts a ON a.id = k.account_id WHERE k.hash = %s",
        (digest,),
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    key = _key(row)
    caller = Caller(organization_id=key.organization_id, account_id=key.account_id, key_id=key.id, role=row[10])
    return key, caller, row[11]


async def keys(connection: Connection, *, organization_id: int, after_id: int, limit: int) -> list[ApiKey]:
    """Keys of an organization with an id above `after_id`, in order; revoked ones too."""
    cursor = await connection.execute(
        f"SELECT {_KEY} FROM api_keys k WHERE k.organization_id = %s AND k.id > %s ORDER BY k.id LIMIT %s",
        (organization_id, after_id, limit),
    )
    return [_key(row) for row in await cursor.fetchall()]


async def revoke_keys(
    connection: Connection, *, organization_id: int, wanted: UUID | str
) -> list[tuple[ApiKey, bytes]]:
    """Revoke the live keys with this public id, prefix or name; returns them with their digests."""
    cursor = await connection.execute(
        "UPDATE api_keys k SET revoked_at = now() WHERE k.organization_id = %(organization)s AND k.revoked_at IS NULL"
        " AND (k.public_id::text = %(wanted)s OR k.prefix = %(wanted)s OR k.name = %(wanted)s)"
        f" RETURNING {_KEY}, k.hash",
        {"organization": organization_id, "wanted": str(wanted)},
    )
    return [(_key(row), bytes(row[10])) for row in await cursor.fetchall()]


async def digests_of(connection: Connection, *, account_id: int) -> list[bytes]:
    """The digests of an account's keys."""
    cursor = await connection.execute("SELECT hash FROM api_keys WHERE account_id = %s", (account_id,))
    return [bytes(row[0]) for row in await cursor.fetchall()]


async def note_use(connection: Connection, *, key_ids: list[int]) -> None:
    """Keys were used just now."""
    await connection.execute("UPDATE api_keys SET last_used_at = now() WHERE id = ANY(%s)", (key_ids,))


def _organization(row: TupleRow) -> Organization:
    return Organization(id=row[0], public_id=row[1], name=row[2], created_at=row[3])


def _account(row: TupleRow) -> Account:
    number, public_id, organization_id, kind, name, role, is_active, created_at = row
    if kind == "user":
        return User(
            id=number,
            public_id=public_id,
            organization_id=organization_id,
            email=name,
            role=role,
            is_active=is_active,
            created_at=created_at,
        )
    return ServiceAccount(
        id=number,
        public_id=public_id,
        organization_id=organization_id,
        name=name,
        role=role,
        is_active=is_active,
        created_at=created_at,
    )


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
    )
