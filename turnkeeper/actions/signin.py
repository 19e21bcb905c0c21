"""Who is behind a key or a session: looked up once, remembered until it is revoked, never longer than it lives."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from turnkeeper.actions.rates import Rates
from turnkeeper.actions.wrong_keys import WrongKeys
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import NotSignedInError, TooManyWrongKeysError, TransientError
from turnkeeper.core.keys import digest_of, is_key
from turnkeeper.core.rates import Allowance
from turnkeeper.core.sessions import SESSION_PREFIX
from turnkeeper.store import audit, keys, sessions
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.notices import Notices, tell_at_commit

_CHANNEL = "turnkeeper_keys"
_MOST_REMEMBERED = 10_000
_NOTE_USE_SECONDS = 10.0
_MOST_LOOKED_UP_AT_ONCE = 3
"""Keys that are not remembered, and may all be wrong: they must not take all connections to the database."""
_UNKNOWN = "This API key is not known; check it, or create one."


@dataclass(frozen=True, kw_only=True, slots=True)
class _Known:
    caller: Caller
    expires_at: datetime | None
    requests_per_minute: int | None


class SignIn:
    """The keys seen by this process.

    A revocation anywhere reaches it as a hint. While it cannot hear hints it remembers nothing and asks the database at
    every request, so that a revoked key never lives on.
    """

    def __init__(
        self,
        database: Database,
        notices: Notices,
        rates: Rates,
        wrong: WrongKeys,
        *,
        session_idle: timedelta = timedelta(days=14),
        refused: Callable[[str], None] | None = None,
    ) -> None:
        """`refused` hears the code of each refusal."""
        self._database = database
        self._session_idle = session_idle
        self._rates = rates
        self._wrong = wrong
        self._refusal_seen = refused
        self._unknown: OrderedDict[bytes, None] = OrderedDict()
        self._looking_up = asyncio.Semaphore(_MOST_LOOKED_UP_AT_ONCE)
        self._known: OrderedDict[bytes, _Known] = OrderedDict()
        self._hears_revocations = False
        self._forgotten = 0
        self._used: set[int] = set()
        self._used_sessions: set[int] = set()
        self._watchers: dict[bytes, set[Callable[[], None]]] = {}
        self._failed: Counter[tuple[int, str]] = Counter()
        notices.subscribe(_CHANNEL, self._heard, self._connected)

    async def caller_of(
        self, secret: str, *, tell: Callable[[Allowance], None] | None = None, address: str | None = None
    ) -> Caller:
        """The caller behind a key; one of the requests that the key may make is taken, if they are counted.

        `tell` hears what is left of them, and nothing when they are not counted. Wrong keys are counted by `address`.
        While there were too many, only keys that this process remembers are good there: no other is looked up. What the
        current task does from now on, it does for the caller's organization.

        Raises:
            NotSignedInError: code `unknown`, `expired`, `revoked` or `inactive`.
            RateLimitedError: there are none left for now.
            TooManyWrongKeysError: too many wrong keys came from the address.
        """
        known = await self._good(secret, address)
        self._database.work_for(known.caller.organization_id)
        if known.requests_per_minute is not None:
            await self._rates.take(known.caller.key_id, known.requests_per_minute, tell)
        if known.caller.session_id:
            raise self._refused(0, "This is no API key; what a cookie holds is good in a cookie only.", "unknown")
        return known.caller

    async def caller_of_session(self, secret: str, *, address: str | None = None) -> Caller:
        """The caller behind what a cookie holds.

        Raises:
            NotSignedInError: code `session_ended`, or `inactive`.
            TooManyWrongKeysError: too many wrong ones came from the address.
        """
        if not secret.startswith(SESSION_PREFIX):
            raise _over()
        caller = (await self._good(secret, address)).caller
        self._database.work_for(caller.organization_id)
        return caller

    async def still_caller_of(self, secret: str) -> Caller:
        """The caller behind a key or a session that was good before, for a request that goes on.

        It takes none of the key's requests.

        Raises:
            NotSignedInError: code `unknown`, `expired`, `revoked`, `session_ended` or `inactive`.
        """
        return (await self._good(secret, None)).caller

    def forget(self, digests: Iterable[bytes]) -> None:
        """Ask about these keys anew; for whoever changed them here, and need not wait for the hint."""
        for digest in digests:
            self._forgotten += 1
            self._known.pop(digest, None)
            for changed in tuple(self._watchers.get(digest, ())):
                changed()

    @contextmanager
    def watching(self, secret: str, changed: Callable[[], None]) -> Generator[None]:
        """Call `changed` when something is heard of the key until the end of the block: ask again who is behind it.

        A hint may be lost: who relies on the key for long asks now and then all the same.
        """
        digest = digest_of(secret)
        watchers = self._watchers.setdefault(digest, set())
        watchers.add(changed)
        try:
            yield
        finally:
            watchers.discard(changed)
            if not watchers:
                self._watchers.pop(digest, None)

    async def note_use_regularly(self) -> None:
        """Write down when keys were last used, and count bad ones, every 10 seconds and at the end; until cancelled."""
        try:
            while True:
                await asyncio.sleep(_NOTE_USE_SECONDS)
                await self.note_use()
        finally:
            await self.note_use()

    async def _good(self, secret: str, address: str | None) -> _Known:
        digest = digest_of(secret)
        known = self._known.get(digest)
        if known is None:
            known = await self._tried(secret, digest, address)
        if known.expires_at is not None and known.expires_at <= datetime.now(UTC):
            if known.caller.session_id:
                return await self._prolonged(secret, digest)
            raise self._refused(known.caller.organization_id, "This API key has expired; ask for a new one.", "expired")
        if known.caller.session_id:
            self._used_sessions.add(known.caller.session_id)
        else:
            self._used.add(known.caller.key_id)
        return known

    async def _prolonged(self, secret: str, digest: bytes) -> _Known:
        """The session, which was used since it was looked up and may live longer than it was known to."""
        known = await self._look_up(secret, digest)
        if known.expires_at is not None and known.expires_at <= datetime.now(UTC):
            self._known.pop(digest, None)
            raise _over()
        self._used_sessions.add(known.caller.session_id)
        return known

    async def _tried(self, secret: str, digest: bytes, address: str | None) -> _Known:
        """The caller behind a key that is not remembered; a wrong one is counted, and asked of the database once at most."""
        try:
            self._wrong.check(address)
        except TooManyWrongKeysError as error:
            self._note_refusal(0, error.code)
            raise
        try:
            if digest in self._unknown or not (is_key(secret) or secret.startswith(SESSION_PREFIX)):
                raise self._refused(0, _UNKNOWN, "unknown")
            async with self._looking_up:
                return await self._look_up(secret, digest)
        except NotSignedInError:
            self._wrong.note(address)
            raise

    async def _look_up(self, secret: str, digest: bytes) -> _Known:
        heard_before, forgotten_before = self._hears_revocations, self._forgotten
        known = await (self._session(digest) if secret.startswith(SESSION_PREFIX) else self._key(digest))
        # What was read while keys changed may be what it was before.
        if heard_before and self._hears_revocations and self._forgotten == forgotten_before:
            self._known[digest] = known
            while len(self._known) > _MOST_REMEMBERED:
                self._known.popitem(last=False)
        return known

    async def _session(self, digest: bytes) -> _Known:
        async with self._database.connection() as connection:
            found = await sessions.find(connection, digest=digest, idle=self._session_idle)
        if found is None:
            raise _over()
        if not found.is_active:
            raise self._refused(found.session.organization_id, "This account is not active.", "inactive")
        return _Known(caller=found.caller, expires_at=found.session.expires_at, requests_per_minute=None)

    async def _key(self, digest: bytes) -> _Known:
        async with self._database.connection() as connection:
            found = await keys.find(connection, digest=digest)
        if found is None:
            # Nobody makes a key that was tried before it was made: an unknown one stays unknown.
            self._unknown[digest] = None
            while len(self._unknown) > _MOST_REMEMBERED:
                self._unknown.popitem(last=False)
            raise self._refused(0, _UNKNOWN, "unknown")
        if found.key.revoked_at is not None:
            raise self._refused(found.key.organization_id, "This API key was revoked; ask for a new one.", "revoked")
        if not found.is_active:
            raise self._refused(found.key.organization_id, "The account of this API key is not active.", "inactive")
        return _Known(
            caller=found.caller,
            expires_at=found.expires_at,
            requests_per_minute=self._rates.of_key(found.key.requests_per_minute),
        )

    def _refused(self, organization_id: int, sentence: str, code: str) -> NotSignedInError:
        self._note_refusal(organization_id, code)
        return NotSignedInError(sentence, code=code)

    def _note_refusal(self, organization_id: int, code: str) -> None:
        self._failed[organization_id, code] += 1
        if self._refusal_seen is not None:
            self._refusal_seen(code)

    async def note_use(self) -> None:
        """Write down what is to be written down, now."""
        await self._note_failed()
        used, self._used = self._used, set()
        if used:
            try:
                async with self._database.connection() as connection:
                    await keys.note_use(connection, key_ids=sorted(used))
            except TransientError:
                self._used |= used
        used, self._used_sessions = self._used_sessions, set()
        if used:
            try:
                async with self._database.connection() as connection:
                    await sessions.note_use(connection, session_ids=sorted(used))
            except TransientError:
                self._used_sessions |= used

    async def _note_failed(self) -> None:
        failed, self._failed = self._failed, Counter()
        if failed:
            try:
                async with self._database.connection() as connection:
                    await audit.note_failed_sign_ins(connection, failed)
            except TransientError:
                self._failed.update(failed)

    def _heard(self, item: str) -> None:
        self.forget([bytes.fromhex(item)])

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        self._hears_revocations = is_connected
        self._known.clear()


async def tell_of_keys(transaction: Connection, *key_ids: int) -> list[bytes]:
    """Have every process forget these keys, and those that they made, when the transaction commits.

    To be called before their secrets change: what is remembered goes by the old ones. Returns what is to be forgotten.
    """
    return await tell_of_secrets(transaction, await keys.digests_of(transaction, key_ids=list(key_ids)))


async def tell_of_account(transaction: Connection, account_id: int) -> list[bytes]:
    """Have every process forget the account's keys when the transaction commits, and end its sessions.

    Returns what is to be forgotten.
    """
    ended = await sessions.end_all(transaction, account_id=account_id)
    return await tell_of_secrets(transaction, ended + await keys.digests_of_account(transaction, account_id=account_id))


async def end_sessions(transaction: Connection, account_id: int, *, but: int) -> list[bytes]:
    """End the account's sessions but the one numbered `but`, in every process. Returns what is to be forgotten."""
    return await tell_of_secrets(transaction, await sessions.end_all(transaction, account_id=account_id, but=but))


async def tell_of_secrets(transaction: Connection, digests: list[bytes]) -> list[bytes]:
    """Have every process forget the keys and sessions of these digests when the transaction commits; returns them."""
    await tell_at_commit(transaction, _CHANNEL, [digest.hex() for digest in digests])
    return digests


def _over() -> NotSignedInError:
    return NotSignedInError("You are not signed in any more; sign in again.", code="session_ended")
