"""Organizations and accounts at rest."""

from typing import LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Account, MemberFilter, Organization, Role, ServiceAccount, User
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.ids import new_id
from turnkeeper.store.database import Connection

_ACCOUNT: LiteralString = "id, public_id, organization_id, kind, name, role, is_active, created_at, is_operator"
_ORGANIZATION: LiteralString = "id, public_id, name, created_at"


async def create_organization(connection: Connection, *, name: str) -> Organization:
    """Write a new organization.

    Raises:
        ConflictError: code `name_taken`.
    """
    try:
        cursor = await connection.execute(
            f"INSERT INTO organizations (public_id, name) VALUES (%s, %s) RETURNING {_ORGANIZATION}",
            (new_id(), name),
        )
    except UniqueViolation as error:
        raise ConflictError(f"There is an organization {name!r} already.", code="name_taken") from error
    row = await cursor.fetchone()
    assert row is not None
    return _organization(row)


async def wait_for_first_run(connection: Connection) -> None:
    """Take the right to fill an empty database, until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('turnkeeper:first-run', 0))")


async def organizations(connection: Connection, *, limit: int) -> list[Organization]:
    """The first organizations, oldest first."""
    cursor = await connection.execute(f"SELECT {_ORGANIZATION} FROM organizations ORDER BY id LIMIT %s", (limit,))
    return [_organization(row) for row in await cursor.fetchall()]


async def newest_organizations(connection: Connection, *, before: int | None, limit: int) -> list[Organization]:
    """Organizations with a number below `before`, newest first."""
    cursor = await connection.execute(
        f"SELECT {_ORGANIZATION} FROM organizations WHERE %(before)s::bigint IS NULL OR id < %(before)s"
        " ORDER BY id DESC LIMIT %(limit)s",
        {"before": before, "limit": limit},
    )
    return [_organization(row) for row in await cursor.fetchall()]


async def get_organization(connection: Connection, *, organization: UUID | int) -> Organization | None:
    """The organization with this id or number."""
    column: LiteralString = "public_id" if isinstance(organization, UUID) else "id"
    cursor = await connection.execute(f"SELECT {_ORGANIZATION} FROM organizations WHERE {column} = %s", (organization,))
    row = await cursor.fetchone()
    return None if row is None else _organization(row)


async def rename_organization(connection: Connection, *, organization_id: int, name: str) -> Organization:
    """Call it something else.

    Raises:
        ConflictError: code `name_taken`.
    """
    try:
        cursor = await connection.execute(
            f"UPDATE organizations SET name = %s WHERE id = %s RETURNING {_ORGANIZATION}", (name, organization_id)
        )
    except UniqueViolation as error:
        raise ConflictError(f"There is an organization {name!r} already.", code="name_taken") from error
    row = await cursor.fetchone()
    assert row is not None
    return _organization(row)


async def hold_organization(connection: Connection, *, organization_id: int) -> None:
    """Let nobody else change who belongs to it, until this transaction ends."""
    await connection.execute("SELECT FROM organizations WHERE id = %s FOR NO KEY UPDATE", (organization_id,))


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


async def person_named(connection: Connection, *, email: str) -> tuple[Account, str] | None:
    """The user with this e-mail address, in any case, of any organization; with the hash of the password."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT}, password_hash FROM accounts WHERE kind = 'user' AND lower(name) = lower(%s)", (email,)
    )
    row = await cursor.fetchone()
    return None if row is None else (_account(row[:-1]), row[-1])


async def held(connection: Connection, *, account_id: int) -> tuple[Account, str | None] | None:
    """The account with this number, and the hash of its password; they stay as they are until this transaction ends.

    A change that is under way is waited for.
    """
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT}, password_hash FROM accounts WHERE id = %s FOR SHARE", (account_id,)
    )
    row = await cursor.fetchone()
    return None if row is None else (_account(row[:-1]), row[-1])


async def first_admin(connection: Connection, *, organization_id: int) -> Account | None:
    """The oldest active admin of an organization."""
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT} FROM accounts WHERE organization_id = %s AND role = 'admin' AND is_active ORDER BY id LIMIT 1",
        (organization_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else _account(row)


async def listed(connection: Connection, *, organization_id: int, wanted: MemberFilter) -> list[Account]:
    """Accounts of an organization, newest first."""
    cursor = await connection.execute(
        f"""
        SELECT {_ACCOUNT} FROM accounts
        WHERE organization_id = %(organization)s AND (%(kind)s::text IS NULL OR kind = %(kind)s)
          AND (%(role)s::text IS NULL OR role = %(role)s)
          AND (%(is_active)s::boolean IS NULL OR is_active = %(is_active)s)
          AND (%(before)s::bigint IS NULL OR id < %(before)s)
        ORDER BY id DESC LIMIT %(limit)s
        """,
        {
            "organization": organization_id,
            "kind": wanted.kind,
            "role": wanted.role,
            "is_active": wanted.is_active,
            "before": wanted.before,
            "limit": wanted.limit,
        },
    )
    return [_account(row) for row in await cursor.fetchall()]


async def get(connection: Connection, *, organization_id: int, account: UUID | int) -> Account | None:
    """The account of the organization with this id or number."""
    column: LiteralString = "public_id" if isinstance(account, UUID) else "id"
    cursor = await connection.execute(
        f"SELECT {_ACCOUNT} FROM accounts WHERE organization_id = %s AND {column} = %s", (organization_id, account)
    )
    row = await cursor.fetchone()
    return None if row is None else _account(row)


async def has_other_admin(connection: Connection, *, organization_id: int, account_id: int) -> bool:
    """Whether anybody but this account is an active admin of the organization."""
    cursor = await connection.execute(
        "SELECT EXISTS (SELECT 1 FROM accounts WHERE organization_id = %s AND id <> %s AND role = 'admin' AND is_active)",
        (organization_id, account_id),
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def update_account(
    connection: Connection, *, account_id: int, role: Role | None, is_active: bool | None, password_hash: str | None
) -> Account:
    """Change what is not None; how it is then."""
    cursor = await connection.execute(
        "UPDATE accounts SET role = coalesce(%s, role), is_active = coalesce(%s, is_active),"
        f" password_hash = coalesce(%s, password_hash) WHERE id = %s RETURNING {_ACCOUNT}",
        (role, is_active, password_hash, account_id),
    )
    row = await cursor.fetchone()
    assert row is not None
    return _account(row)


async def set_operator(connection: Connection, *, account_id: int, is_operator: bool) -> None:
    """Let it make organizations, or no more."""
    await connection.execute("UPDATE accounts SET is_operator = %s WHERE id = %s", (is_operator, account_id))


async def password_hash_of(connection: Connection, *, account_id: int) -> str | None:
    """The hash of a user's password; None for a service account."""
    cursor = await connection.execute("SELECT password_hash FROM accounts WHERE id = %s", (account_id,))
    row = await cursor.fetchone()
    return None if row is None else row[0]


def _organization(row: TupleRow) -> Organization:
    return Organization(id=row[0], public_id=row[1], name=row[2], created_at=row[3])


def _account(row: TupleRow) -> Account:
    number, public_id, organization_id, kind, name, role, is_active, created_at, is_operator = row
    if kind == "user":
        return User(
            id=number,
            public_id=public_id,
            organization_id=organization_id,
            email=name,
            role=role,
            is_active=is_active,
            is_operator=is_operator,
            created_at=created_at,
        )
    return ServiceAccount(
        id=number,
        public_id=public_id,
        organization_id=organization_id,
        name=name,
        role=role,
        is_active=is_active,
        is_operator=is_operator,
        created_at=created_at,
    )
