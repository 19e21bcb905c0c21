"""Keys, as their owners and the organization's admins see them.

Whoever rules the organization (an admin, with a key that has the scope `admin`) sees and changes all of its keys; everybody
else those of the own account. Nobody gives or changes a key that may do more than the one that is asked with.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from turnkeeper.actions.key_rules import check_expiry, check_grace, key_details, scopes_refused
from turnkeeper.actions.naming import checked_name
from turnkeeper.actions.once import once
from turnkeeper.actions.signin import SignIn, tell_of_keys
from turnkeeper.core.accounts import Account, Caller, KeyFilter, NewKey, OwnedKey, Scope, scopes_of
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.keys import Secret, new_secret
from turnkeeper.core.rates import check_rate
from turnkeeper.store import accounts, audit, keys
from turnkeeper.store.database import Connection, Database

MOST_LIVE_KEYS = 100
"""Of one account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class WantedKey:
    """A key that somebody asks for: for the own account unless another one is named.

    Without `scopes` it gets all that the asking key has and its account's role allows.
    """

    name: str
    account: UUID | None = None
    scopes: frozenset[Scope] | None = None
    expires_at: datetime | None = None
    requests_per_minute: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyChanges:
    """What is to be different; None stays. `default_rate` takes the key's own limit of requests away."""

    name: str | None = None
    requests_per_minute: int | None = None
    default_rate: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownKey:
    """A key with its new secret; without it when the request was answered before, since no secret is stored."""

    owned: OwnedKey
    secret: str | None


class KeyActions:
    """What callers may do with keys."""

    def __init__(self, database: Database, signin: SignIn) -> None:
        self._database = database
        self._signin = signin

    async def list(self, caller: Caller, wanted: KeyFilter) -> Sequence[OwnedKey]:
        """Keys that the caller may see, newest first; revoked ones too.

        Raises:
            NotFoundError: the filter names an account that the caller may not know of.
        """
        async with self._database.connection() as connection:
            account = await _account(connection, caller, wanted.account)
            if not caller.rules or wanted.account is not None:
                wanted = KeyFilter(
                    account=account.public_id, state=wanted.state, before=wanted.before, limit=wanted.limit
                )
            return await keys.listed(connection, organization_id=caller.organization_id, wanted=wanted)

    async def get(self, caller: Caller, key: UUID) -> OwnedKey:
        """One key.

        Raises:
            NotFoundError: the caller may not know of such a key.
        """
        async with self._database.connection() as connection:
            return await _key(connection, caller, key)

    async def create(self, caller: Caller, wanted: WantedKey, *, key: IdempotencyKey | None) -> Once[ShownKey]:
        """Make a key. One that is made without the scope `admin` lives no longer than the key that made it.

        Raises:
            ConflictError: code `too_many_keys`, or `idempotency_key_reused`.
            InvalidError: something of it cannot be.
            NotAllowedError: code `scope_missing`: the caller's key lacks a scope that is to be given.
            NotFoundError: the caller may not know of such an account.
        """
        secret = new_secret()

        async def work(connection: Connection) -> OwnedKey:
            owner = await _account(connection, caller, wanted.account)
            new = await _checked(connection, caller, owner, wanted)
            if await keys.count_live(connection, account_id=owner.id) >= MOST_LIVE_KEYS:
                raise ConflictError(
                    f"The account has {MOST_LIVE_KEYS} live keys already; revoke some before.", code="too_many_keys"
                )
            made = await keys.create(connection, owner, secret, new)
            await audit.append(
                connection,
                caller.actor,
                "key.created",
                target=made.public_id,
                details=key_details(owner.public_id, new),
            )
            return await _key(connection, caller, made.public_id)

        made = await once(self._database, caller, key, OwnedKey, work, is_one_statement=False)
        return _shown(made, secret)

    async def change(
        self, caller: Caller, key: UUID, changes: KeyChanges, *, idempotency: IdempotencyKey | None
    ) -> Once[OwnedKey]:
        """Rename a key, or let it make more or fewer requests; the latter is for those who rule the organization.

        Raises:
            ConflictError: code `idempotency_key_reused`.
            InvalidError: the name or the rate cannot be.
            NotAllowedError: the key may do more than the caller's, or the rate is not the caller's to change.
            NotFoundError: the caller may not know of such a key.
        """
        name = None if changes.name is None else checked_name(changes.name)
        check_rate(changes.requests_per_minute)

        stale: list[bytes] = []

        async def work(connection: Connection) -> OwnedKey:
            found = await _changeable(connection, caller, key)
            if name is not None:
                await keys.rename(connection, key_id=found.key.id, name=name)
            if changes.default_rate or changes.requests_per_minute is not None:
                _check_rules(caller, "requests_per_minute")
                await keys.set_rate(connection, key_id=found.key.id, requests_per_minute=changes.requests_per_minute)
                stale.extend(await tell_of_keys(connection, found.key.id))
            await audit.append(connection, caller.actor, "key.updated", target=key, details=_changed(changes))
            return await _key(connection, caller, key)

        done = await once(self._database, caller, idempotency, OwnedKey, work, is_one_statement=False)
        self._signin.forget(stale)
        return done

    async def revoke(self, caller: Caller, key: UUID, *, idempotency: IdempotencyKey | None) -> Once[OwnedKey]:
        """Revoke a key and those that it made, at once and in every process; one that is revoked stays so.

        Raises:
            ConflictError: code `idempotency_key_reused`.
            NotAllowedError: code `scope_missing`: the key may do more than the caller's.
            NotFoundError: the caller may not know of such a key.
        """

        stale: list[bytes] = []

        async def work(connection: Connection) -> OwnedKey:
            found = await _changeable(connection, caller, key)
            await keys.revoke(connection, key_ids=[found.key.id])
            stale.extend(await tell_of_keys(connection, found.key.id))
            await audit.append(connection, caller.actor, "key.revoked", target=key)
            return await _key(connection, caller, key)

        done = await once(self._database, caller, idempotency, OwnedKey, work, is_one_statement=False)
        self._signin.forget(stale)
        return done

    async def rotate(
        self, caller: Caller, key: UUID, *, grace_seconds: int, idempotency: IdempotencyKey | None
    ) -> Once[ShownKey]:
        """Give a key a new secret. The one before is good for `grace_seconds` more, any before that no more.

        Raises:
            ConflictError: code `key_not_live`, or `idempotency_key_reused`.
            InvalidError: the time is out of bounds.
            NotAllowedError: code `scope_missing`: the key may do more than the caller's.
            NotFoundError: the caller may not know of such a key.
        """
        check_grace(grace_seconds)
        secret = new_secret()

        stale: list[bytes] = []

        async def work(connection: Connection) -> OwnedKey:
            found = await _changeable(connection, caller, key)
            if found.key.state_at(datetime.now(UTC)) != "live":
                raise ConflictError(
                    f"The key {found.key.name!r} opens nothing any more; make a new one.", code="key_not_live"
                )
            stale.extend(await tell_of_keys(connection, found.key.id))
            await keys.rotate(connection, secret, key_id=found.key.id, grace_seconds=grace_seconds)
            details = {"grace_seconds": grace_seconds}
            await audit.append(connection, caller.actor, "key.rotated", target=key, details=details)
            return await _key(connection, caller, key)

        done = await once(self._database, caller, idempotency, OwnedKey, work, is_one_statement=False)
        self._signin.forget(stale)
        return _shown(done, secret)


def _changed(changes: KeyChanges) -> dict[str, object]:
    rate = {"requests_per_minute": changes.requests_per_minute}
    has_rate = changes.default_rate or changes.requests_per_minute is not None
    return {"renamed": changes.name is not None, **(rate if has_rate else {})}


def _shown(made: Once[OwnedKey], secret: Secret) -> Once[ShownKey]:
    text = None if made.replayed else secret.text
    return Once(value=ShownKey(owned=made.value, secret=text), replayed=made.replayed)


async def _account(connection: Connection, caller: Caller, wanted: UUID | None) -> Account:
    """The caller's own account, or another one for those who rule."""
    found = await accounts.get(connection, organization_id=caller.organization_id, account=wanted or caller.account_id)
    if found is None or (found.id != caller.account_id and not caller.rules):
        raise NotFoundError("account", str(wanted))
    return found


async def _key(connection: Connection, caller: Caller, wanted: UUID) -> OwnedKey:
    found = await keys.get(connection, organization_id=caller.organization_id, key=wanted)
    if found is None or (found.key.account_id != caller.account_id and not caller.rules):
        raise NotFoundError("key", str(wanted))
    return found


async def _changeable(connection: Connection, caller: Caller, wanted: UUID) -> OwnedKey:
    """The key, held until the transaction ends, if the caller's may do as much."""
    found = await _key(connection, caller, wanted)
    await keys.hold(connection, key_id=found.key.id)
    _check_reach(caller, found.key.scopes & scopes_of(found.owner_role))
    return found


async def _checked(connection: Connection, caller: Caller, owner: Account, wanted: WantedKey) -> NewKey:
    allowed = scopes_of(owner.role)
    scopes = caller.scopes & allowed if wanted.scopes is None else wanted.scopes
    if not scopes or scopes - allowed:
        raise InvalidError("scopes", scopes_refused(scopes - allowed, whose=f"An account that is {owner.role}"))
    _check_reach(caller, scopes)
    check_expiry(wanted.expires_at)
    check_rate(wanted.requests_per_minute)
    new = NewKey(
        name=checked_name(wanted.name),
        scopes=scopes,
        expires_at=wanted.expires_at,
        requests_per_minute=wanted.requests_per_minute,
    )
    return new if caller.rules else await _within(connection, caller, new)


async def _within(connection: Connection, caller: Caller, new: NewKey) -> NewKey:
    """The key as one who does not rule may make it: no faster and for no longer than the key that it is made with."""
    if new.requests_per_minute is not None:
        _check_rules(caller, "requests_per_minute")
    maker = await keys.get(connection, organization_id=caller.organization_id, key=caller.key_id)
    if maker is None:
        return new
    until = maker.key.expires_at
    if until is not None and new.expires_at is not None and new.expires_at > until:
        raise InvalidError("expires_at", "The new key cannot live longer than the key that it is made with.")
    return NewKey(
        name=new.name,
        scopes=new.scopes,
        expires_at=new.expires_at or until,
        requests_per_minute=maker.key.requests_per_minute,
        made_by=maker.key.id,
    )


def _check_reach(caller: Caller, scopes: frozenset[Scope]) -> None:
    lacking = sorted(scopes - caller.scopes)
    if lacking:
        raise NotAllowedError(
            f"Your key lacks the scope {lacking[0]!r}, so it can neither give it nor change a key that has it.",
            code="scope_missing",
        )


def _check_rules(caller: Caller, what: str) -> None:
    if not caller.rules:
        raise NotAllowedError(f"Only an admin, with a key that has the scope 'admin', sets {what}.")
