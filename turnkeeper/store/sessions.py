"""Sessions and one-time codes at rest: digests of secrets, and who is behind them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Account, Caller, scopes_of
from turnkeeper.core.ids import new_id
from turnkeeper.core.sessions import CODE_LIFE, PASSWORD_LIFE, Session
from turnkeeper.store.database import Connection

_END: LiteralString = "least(s.expires_at, s.last_used_at + %(idle)s)"
_SESSION: LiteralString = (
    "s.id, s.public_id, s.organization_id, s.account_id, s.by_code, s.browser, s.created_at, s.last_used_at, " + _END
)
_WIDTH = 9
MOST_OF_AN_ACCOUNT = 50
"""Whoever signs in once more ends the session that was not used for the longest time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundSession:
    """A session by its secret, and the caller that it stands for."""

    session: Session
    caller: Caller
    is_active: bool
    """Whether the account is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningIn:
    """Somebody who has shown a password or a code, and with what browser."""

    account: Account
    digest: bytes
    by_code: bool
    browser: str
    life: timedelta
    idle: timedelta


async def make_room(connection: Connection, *, account_id: int, idle: timedelta) -> list[bytes]:
    """Delete sessions of the account that are over, and those beyond the most with one more; the digests of all these."""
    cursor = await connection.execute(
        f"""
        DELETE FROM sessions s WHERE s.account_id = %(account)s AND ({_END} <= now() OR s.id IN (
            SELECT id FROM sessions WHERE account_id = %(account)s ORDER BY last_used_at DESC, id DESC OFFSET %(most)s))
        RETURNING hash
        """,
        {"account": account_id, "idle": idle, "most": MOST_OF_AN_ACCOUNT - 1},
    )
    return [bytes(row[0]) for row in await cursor.fetchall()]


async def create(connection: Connection, new: SigningIn) -> Session:
    """Write a new session."""
    cursor = await connection.execute(
        "INSERT INTO sessions AS s (public_id, organization_id, account_id, hash, by_code, browser, expires_at)"
        " VALUES (%(id)s, %(organization)s, %(account)s, %(digest)s, %(by_code)s, %(browser)s, now() + %(life)s)"
        f" RETURNING {_SESSION}",
        {
            "id": new_id(),
            "organization": new.account.organization_id,
            "account": new.account.id,
            "digest": new.digest,
            "by_code": new.by_code,
            "browser": new.browser,
            "life": new.life,
            "idle": new.idle,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return _session(row)


async def find(connection: Connection, *, digest: bytes, idle: timedelta) -> FoundSession | None:
    """The session with this digest, over or not."""
    cursor = await connection.execute(
        f"SELECT {_SESSION}, a.role, a.is_active FROM sessions s JOIN accounts a ON a.id = s.account_id"
        " WHERE s.hash = %(digest)s",
        {"digest": digest, "idle": idle},
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    session, role = _session(row), row[_WIDTH]
    caller = Caller(
        organization_id=session.organization_id,
        account_id=session.account_id,
        key_id=0,
        session_id=session.id,
        role=role,
        scopes=scopes_of(role),
        origin="session",
    )
    return FoundSession(session=session, caller=caller, is_active=row[_WIDTH + 1])


async def of_account(connection: Connection, *, account_id: int, idle: timedelta) -> list[Session]:
    """The account's sessions that are not over, newest first."""
    cursor = await connection.execute(
        f"SELECT {_SESSION} FROM sessions s WHERE s.account_id = %(account)s AND {_END} > now() ORDER BY s.id DESC",
        {"account": account_id, "idle": idle},
    )
    return [_session(row) for row in await cursor.fetchall()]


async def end(connection: Connection, *, account_id: int, session: UUID | int) -> tuple[UUID, bytes] | None:
    """Delete a session of the account, by its id or number; its id and digest, or None when there is none."""
    column: LiteralString = "public_id" if isinstance(session, UUID) else "id"
    cursor = await connection.execute(
        f"DELETE FROM sessions WHERE account_id = %s AND {column} = %s RETURNING public_id, hash", (account_id, session)
    )
    row = await cursor.fetchone()
    return None if row is None else (row[0], bytes(row[1]))


async def end_all(connection: Connection, *, account_id: int, but: int = 0) -> list[bytes]:
    """Delete the account's sessions but the one numbered `but`, and its codes; the digests of the sessions."""
    await connection.execute("DELETE FROM sign_in_codes WHERE account_id = %s", (account_id,))
    cursor = await connection.execute(
        "DELETE FROM sessions WHERE account_id = %s AND id <> %s RETURNING hash", (account_id, but)
    )
    return [bytes(row[0]) for row in await cursor.fetchall()]


async def may_set_password(connection: Connection, *, session_id: int) -> bool:
    """Whether it was begun with a one-time code, and not too long ago; never, where there is no such session."""
    cursor = await connection.execute(
        "SELECT by_code AND created_at + %s > now() FROM sessions WHERE id = %s", (PASSWORD_LIFE, session_id)
    )
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def note_use(connection: Connection, *, session_ids: list[int]) -> None:
    """Sessions were used just now."""
    await connection.execute("UPDATE sessions SET last_used_at = now() WHERE id = ANY(%s)", (session_ids,))


async def create_code(connection: Connection, *, account_id: int, digest: bytes) -> None:
    """Write a one-time code; those that are over are deleted."""
    await connection.execute("DELETE FROM sign_in_codes WHERE expires_at <= now()")
    await connection.execute(
        "INSERT INTO sign_in_codes (hash, account_id, expires_at) VALUES (%s, %s, now() + %s)",
        (digest, account_id, CODE_LIFE),
    )


async def use_code(connection: Connection, *, digest: bytes) -> int | None:
    """Take a code that is still good; the number of its account. It is good no more."""
    cursor = await connection.execute(
        "DELETE FROM sign_in_codes WHERE hash = %s AND expires_at > now() RETURNING account_id", (digest,)
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


def _session(row: TupleRow) -> Session:
    return Session(
        id=row[0],
        public_id=row[1],
        organization_id=row[2],
        account_id=row[3],
        by_code=row[4],
        browser=row[5],
        created_at=row[6],
        last_used_at=row[7],
        expires_at=row[8],
    )
