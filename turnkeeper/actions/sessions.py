"""Signing in with a browser: by a password or a one-time code, and out again."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from turnkeeper.actions.once import once
from turnkeeper.actions.passwords import Hashing, hash_password, is_password
from turnkeeper.actions.signin import SignIn, tell_of_secrets
from turnkeeper.actions.tries import Tries
from turnkeeper.core.accounts import Account, Caller, scopes_of
from turnkeeper.core.errors import NotFoundError, NotSignedInError, TransientError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.keys import digest_of
from turnkeeper.core.sessions import Session, SessionIdentity, StartedSession, new_session_secret
from turnkeeper.store import accounts, audit, sessions
from turnkeeper.store.database import Connection, Database

_CHECKED_AT_ONCE = 2
_MOST_WAITING = 50
_LONGEST_BROWSER = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who knocks: the address that he comes from, what the browser calls itself, and the request in the log."""

    address: str
    browser: str
    request_id: str | None = None


class SessionActions:
    """What people do to be known to the server without a key."""

    def __init__(
        self,
        database: Database,
        signin: SignIn,
        *,
        idle: timedelta,
        life: timedelta,
        hashing: Hashing = hash_password,
    ) -> None:
        self._database = database
        self._signin = signin
        self._hashing = hashing
        self._idle = idle
        self._life = life
        self._tries = Tries()
        self._checking = asyncio.Semaphore(_CHECKED_AT_ONCE)
        self._waiting = 0
        self._nobody_s: str | None = None

    async def sign_in(self, visitor: Visitor, *, name: str, password: str) -> StartedSession:
        """Begin a session of the person with this e-mail address and password.

        Raises:
            NotSignedInError: code `wrong_password`, whatever is wrong.
            RateLimitedError: there were too many tries for this name or from this address.
            TransientError: too many are signing in at this moment.
        """
        self._tries.take(name, visitor.address)
        async with self._database.connection() as connection:
            found = await accounts.person_named(connection, email=name.strip())
        account, stored = found or (None, None)
        is_right = await self._is_right(password, stored)
        if account is None or not is_right or not account.is_active:
            raise _wrong_password()
        async with self._database.transaction() as transaction:
            # Checking took its time: what was changed meanwhile has ended all sessions but the one that is begun now.
            account = await _still_good(transaction, account, stored)
            started, stale = await self._start(transaction, visitor, account, by_code=False)
        self._signin.forget(stale)
        return started

    async def sign_in_by_code(self, visitor: Visitor, *, code: str) -> StartedSession:
        """Begin a session by a one-time code, which is good no more then.

        Raises:
            NotSignedInError: code `code_used`: it was used, is too old, or never was one.
            RateLimitedError: there were too many tries from this address.
        """
        self._tries.take(None, visitor.address)
        async with self._database.transaction() as transaction:
            account_id = await sessions.use_code(transaction, digest=digest_of(code))
            found = None if account_id is None else await accounts.held(transaction, account_id=account_id)
            account = None if found is None else found[0]
            if account is None or not account.is_active:
                raise NotSignedInError(
                    "This link was used before, or is too old; ask for another one: turnkeeper accounts link NAME.",
                    code="code_used",
                )
            started, stale = await self._start(transaction, visitor, account, by_code=True)
        self._signin.forget(stale)
        return started

    async def current(self, caller: Caller) -> SessionIdentity:
        """Who the caller is.

        Raises:
            NotFoundError: the caller came with a key.
        """
        async with self._database.connection() as connection:
            found = await sessions.of_account(connection, account_id=caller.account_id, idle=self._idle)
            session = next((each for each in found if each.id == caller.session_id), None)
            account = await accounts.get(connection, organization_id=caller.organization_id, account=caller.account_id)
            organization = await accounts.get_organization(connection, organization=caller.organization_id)
        if session is None or account is None or organization is None:
            raise NotFoundError("session", "current")
        return SessionIdentity(organization=organization, account=account, session=session, caller=caller)

    async def list(self, caller: Caller) -> Sequence[Session]:
        """The caller's own sessions that are not over, newest first."""
        async with self._database.connection() as connection:
            return await sessions.of_account(connection, account_id=caller.account_id, idle=self._idle)

    async def end(self, caller: Caller, session: UUID | None, *, key: IdempotencyKey | None) -> Once[bool]:
        """End one of the caller's sessions, in every process; without an id the one that is asked with.

        Raises:
            ConflictError: code `idempotency_key_reused`.
            NotFoundError: there is no such session.
        """
        stale: list[bytes] = []

        async def work(connection: Connection) -> bool:
            wanted = caller.session_id if session is None else session
            ended = await sessions.end(connection, account_id=caller.account_id, session=wanted)
            if ended is None:
                raise NotFoundError("session", "current" if session is None else str(session))
            public_id, digest = ended
            stale.append(digest)
            await tell_of_secrets(connection, [digest])
            await audit.append(connection, caller.actor, "session.ended", target=public_id)
            return True

        done = await once(self._database, caller, key, bool, work, is_one_statement=False)
        self._signin.forget(stale)
        return done

    async def _start(
        self, transaction: Connection, visitor: Visitor, account: Account, *, by_code: bool
    ) -> tuple[StartedSession, Sequence[bytes]]:
        """A session, and which are to be forgotten because it is one too many."""
        secret = new_session_secret()
        new = sessions.SigningIn(
            account=account,
            digest=digest_of(secret),
            by_code=by_code,
            browser=visitor.browser[:_LONGEST_BROWSER],
            life=self._life,
            idle=self._idle,
        )
        ended = await sessions.make_room(transaction, account_id=account.id, idle=self._idle)
        await tell_of_secrets(transaction, ended)
        session = await sessions.create(transaction, new)
        organization = await accounts.get_organization(transaction, organization=account.organization_id)
        assert organization is not None
        caller = Caller(
            organization_id=account.organization_id,
            account_id=account.id,
            key_id=0,
            role=account.role,
            scopes=scopes_of(account.role),
            origin="session",
            session_id=session.id,
            request_id=visitor.request_id,
        )
        details = {"by": "code" if by_code else "password"}
        await audit.append(transaction, caller.actor, "session.started", target=session.public_id, details=details)
        identity = SessionIdentity(organization=organization, account=account, session=session, caller=caller)
        return StartedSession(identity=identity, secret=secret, seconds=round(self._life.total_seconds())), ended

    async def _is_right(self, password: str, stored: str | None) -> bool:
        """Whether the hash is of this password; as long in coming where there is no such person."""
        async with self._place():
            if self._nobody_s is None:
                self._nobody_s = await asyncio.to_thread(self._hashing, new_session_secret())
            is_right = await asyncio.to_thread(is_password, password, stored or self._nobody_s)
        return is_right and stored is not None

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[None]:
        """A password costs some 0.1 s of CPU and 64 MiB: few are checked at once, and not too many wait for it."""
        if self._waiting >= _MOST_WAITING:
            raise TransientError("sign-in", "Too many people are signing in; try again soon.", retry_after=2)
        self._waiting += 1
        try:
            async with self._checking:
                yield
        finally:
            self._waiting -= 1


async def _still_good(transaction: Connection, account: Account, stored: str | None) -> Account:
    """The account as it is now, if it may still sign in by the password with this hash."""
    found, hash_now = await accounts.held(transaction, account_id=account.id) or (None, None)
    if found is None or not found.is_active or hash_now != stored:
        raise _wrong_password()
    return found


def _wrong_password() -> NotSignedInError:
    return NotSignedInError("There is no such name with this password.", code="wrong_password")
