"""Webhooks: admins register where facts are sent, see what came of it, and have it sent again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

import msgspec

from turnkeeper.actions.once import once
from turnkeeper.actions.webhook_urls import WebhookUrls
from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError, RefusedError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.webhooks import (
    LONGEST_DESCRIPTION,
    LONGEST_GRACE_HOURS,
    MOST_WEBHOOKS,
    SUBSCRIPTIONS,
    Delivery,
    DeliveryFilter,
    MadeWebhook,
    NewWebhook,
    Webhook,
)
from turnkeeper.store import audit, webhook_deliveries, webhooks
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.notices import TASKS, Notices
from turnkeeper.store.signing_secrets import SigningSecrets

_MOST_AGENTS = 100


class WebhookActions:
    """What admins may do with webhooks. Every method raises NotAllowedError for others."""

    def __init__(self, database: Database, notices: Notices, secrets: SigningSecrets, urls: WebhookUrls) -> None:
        self._database = database
        self._notices = notices
        self._secrets = secrets
        self._urls = urls

    async def create(self, caller: Caller, new: NewWebhook, *, key: IdempotencyKey | None = None) -> Once[MadeWebhook]:
        """Register an address; it is told of what happens from now on. A repeated request is shown the secret again.

        Raises:
            InvalidError: a field is out of bounds, or the address may not be called.
            ConflictError: code `too_many_webhooks`; code `vault_key_missing`, there is no key to keep the secret with.
        """
        _check_admin(caller)
        new = _checked(new)
        await self._urls.check(new.url)

        async def work(connection: Connection) -> UUID:
            if await webhooks.count(connection, caller) >= MOST_WEBHOOKS:
                message = f"The organization has {MOST_WEBHOOKS} webhooks already; delete one that is not used."
                raise ConflictError(message, code="too_many_webhooks")
            agents = await _agent_ids(connection, caller, new.agents)
            made = await webhooks.create(connection, caller, new, public_id=new_id(), agent_ids=agents)
            await self._make_secret(connection, caller, made)
            await _note(connection, caller, "created", made.public_id, details={"types": list(new.types)})
            return made.public_id

        made = await once(self._database, caller, key, UUID, work, is_one_statement=False)
        return Once(value=await self._with_secret(caller, made.value), replayed=made.replayed)

    async def list(self, caller: Caller, *, before: int | None = None, limit: int = 100) -> Sequence[Webhook]:
        """Those of the organization, newest first, from the one behind the number `before` on."""
        _check_admin(caller)
        async with self._database.connection() as connection:
            return await webhooks.listed(connection, caller, before=before, limit=limit)

    async def get(self, caller: Caller, *, webhook: UUID) -> Webhook:
        """One of them.

        Raises:
            NotFoundError: there is none with this id for this caller.
        """
        _check_admin(caller)
        async with self._database.connection() as connection:
            return _found(await webhooks.find(connection, caller, webhook=webhook), webhook)

    async def change(
        self,
        caller: Caller,
        *,
        webhook: UUID,
        change: Callable[[NewWebhook], NewWebhook],
        key: IdempotencyKey | None = None,
    ) -> Once[Webhook]:
        """Change what a person decides about it. Switched on again, it is sent what waits, but not what it missed.

        Raises:
            NotFoundError: there is none with this id for this caller.
            InvalidError: as `create`.
        """
        _check_admin(caller)
        # Before any lock is held: to find the addresses of a name may take seconds.
        present = await self.get(caller, webhook=webhook)
        wanted = _checked(change(_as_wanted(present)))
        if wanted.url != present.url:
            await self._urls.check(wanted.url)

        async def work(connection: Connection) -> Webhook:
            locked = _found(await webhooks.lock(connection, caller, webhook=webhook), webhook)
            new = change(_as_wanted(locked))
            new = replace(_checked(new), url=wanted.url)
            agents = await _agent_ids(connection, caller, new.agents)
            await webhooks.change(connection, caller, new, webhook_id=locked.id, agent_ids=agents)
            details = {"types": list(new.types), "enabled": new.is_enabled, "other_url": new.url != locked.url}
            await _note(connection, caller, "updated", webhook, details=details)
            return _found(await webhooks.find(connection, caller, webhook=webhook), webhook)

        changed = await once(self._database, caller, key, Webhook, work, is_one_statement=False)
        self._look()
        return changed

    async def delete(self, caller: Caller, *, webhook: UUID, key: IdempotencyKey | None = None) -> Once[bool]:
        """Forget it, with its deliveries; what is on its way may still arrive.

        Raises:
            NotFoundError: there is none with this id for this caller.
        """
        _check_admin(caller)

        async def work(connection: Connection) -> bool:
            if not await webhooks.delete(connection, caller, webhook=webhook):
                raise NotFoundError("webhook", webhook)
            await _note(connection, caller, "deleted", webhook)
            return True

        return await once(self._database, caller, key, bool, work, is_one_statement=False)

    async def rotate(
        self, caller: Caller, *, webhook: UUID, grace_hours: float, key: IdempotencyKey | None = None
    ) -> Once[MadeWebhook]:
        """Sign with a new secret, and with the old ones too for `grace_hours` more.

        Raises:
            NotFoundError: there is none with this id for this caller.
            InvalidError: the grace is longer than a week.
            ConflictError: code `vault_key_missing`, there is no key to keep the secret with.
        """
        _check_admin(caller)
        if not 0 <= grace_hours <= LONGEST_GRACE_HOURS:
            raise InvalidError("grace_hours", f"The grace time is from 0 to {LONGEST_GRACE_HOURS} hours.")

        async def work(connection: Connection) -> UUID:
            found = _found(await webhooks.lock(connection, caller, webhook=webhook), webhook)
            await self._make_secret(connection, caller, found, grace_hours=grace_hours)
            await _note(connection, caller, "rotated", webhook, details={"grace_hours": grace_hours})
            return found.public_id

        rotated = await once(self._database, caller, key, UUID, work, is_one_statement=False)
        return Once(value=await self._with_secret(caller, rotated.value), replayed=rotated.replayed)

    async def test(self, caller: Caller, *, webhook: UUID, key: IdempotencyKey | None = None) -> Once[Delivery]:
        """Send it a `webhook.test`, beside what waits.

        Raises:
            NotFoundError: there is none with this id for this caller.
            ConflictError: code `webhook_disabled`.
        """

        async def work(connection: Connection, found: Webhook) -> UUID:
            about = msgspec.json.encode({"webhook_id": str(found.public_id)})
            sent = await webhook_deliveries.test(connection, webhook_id=found.id, about=about)
            await _note(connection, caller, "tested", webhook)
            return sent

        return await self._send(caller, webhook, key, work)

    async def replay(
        self, caller: Caller, *, webhook: UUID, delivery: UUID, key: IdempotencyKey | None = None
    ) -> Once[Delivery]:
        """Send one delivery again, whatever came of it, with the id that it had.

        Raises:
            NotFoundError: there is no such webhook or delivery for this caller.
            ConflictError: code `webhook_disabled`.
        """

        async def work(connection: Connection, found: Webhook) -> UUID:
            if not await webhook_deliveries.replay(
                connection, webhook_id=found.id, delivery=delivery, since=None, only_failed=False
            ):
                raise NotFoundError("delivery", delivery)
            await _note(connection, caller, "replayed", webhook, details={"deliveries": 1})
            return delivery

        return await self._send(caller, webhook, key, work)

    async def replay_since(
        self,
        caller: Caller,
        *,
        webhook: UUID,
        since: datetime,
        only_failed: bool,
        key: IdempotencyKey | None = None,
    ) -> Once[int]:
        """Send again what came to its end, or only what failed, since a moment; how many, the oldest 10,000 at most.

        Raises:
            NotFoundError: there is none with this id for this caller.
            ConflictError: code `webhook_disabled`.
        """
        _check_admin(caller)

        async def work(connection: Connection) -> int:
            found = _enabled(await webhooks.lock(connection, caller, webhook=webhook), webhook)
            count = await webhook_deliveries.replay(
                connection, webhook_id=found.id, delivery=None, since=since, only_failed=only_failed
            )
            await _note(connection, caller, "replayed", webhook, details={"deliveries": count})
            return count

        done = await once(self._database, caller, key, int, work, is_one_statement=False)
        self._look()
        return done

    async def deliveries(self, caller: Caller, wanted: DeliveryFilter, *, webhook: UUID) -> Sequence[Delivery]:
        """What was or will be sent to it in the last 30 days, newest first.

        Raises:
            NotFoundError: there is none with this id for this caller.
        """
        await self.get(caller, webhook=webhook)
        async with self._database.connection() as connection:
            return await webhook_deliveries.listed(connection, caller, wanted, webhook=webhook)

    async def delivery(self, caller: Caller, *, webhook: UUID, delivery: UUID) -> Delivery:
        """One delivery, with what came of each attempt.

        Raises:
            NotFoundError: there is no such webhook or delivery for this caller.
        """
        _check_admin(caller)
        async with self._database.connection() as connection:
            found = await webhook_deliveries.find(connection, caller, webhook=webhook, delivery=delivery)
        if found is None:
            raise NotFoundError("delivery", delivery)
        return found

    async def _send(
        self,
        caller: Caller,
        webhook: UUID,
        key: IdempotencyKey | None,
        write: Callable[[Connection, Webhook], Awaitable[UUID]],
    ) -> Once[Delivery]:
        _check_admin(caller)

        async def work(connection: Connection) -> UUID:
            found = _enabled(await webhooks.lock(connection, caller, webhook=webhook), webhook)
            return await write(connection, found)

        sent = await once(self._database, caller, key, UUID, work, is_one_statement=False)
        self._look()
        found = await self.delivery(caller, webhook=webhook, delivery=sent.value)
        return Once(value=found, replayed=sent.replayed)

    async def _make_secret(
        self, connection: Connection, caller: Caller, webhook: Webhook, *, grace_hours: float = 0
    ) -> None:
        try:
            await self._secrets.make(
                connection,
                organization_id=caller.organization_id,
                webhook_id=webhook.id,
                account_id=caller.account_id,
                grace_hours=grace_hours,
            )
        except RefusedError as error:
            raise ConflictError(error.message, code=error.code) from error

    async def _with_secret(self, caller: Caller, webhook: UUID) -> MadeWebhook:
        """The secret is read where it rests: the record of the request must not have it."""
        async with self._database.connection() as connection:
            found = _found(await webhooks.find(connection, caller, webhook=webhook), webhook)
            try:
                secret = await self._secrets.newest(
                    connection, organization_id=caller.organization_id, webhook_id=found.id
                )
            except RefusedError as error:
                raise ConflictError(error.message, code=error.code) from error
        return MadeWebhook(webhook=found, secret=secret)

    def _look(self) -> None:
        self._notices.send(TASKS, "")


async def _note(
    connection: Connection, caller: Caller, what: str, webhook: UUID, *, details: Mapping[str, object] | None = None
) -> None:
    await audit.append(connection, caller.actor, f"webhook.{what}", target=webhook, details=details)


async def _agent_ids(connection: Connection, caller: Caller, agents: Sequence[UUID] | None) -> Sequence[int] | None:
    if agents is None:
        return None
    found = await webhooks.agent_ids(connection, caller, agents=agents)
    for agent in agents:
        if agent not in found:
            raise InvalidError("agents", "The organization has no such agent.", code="unknown")
    return sorted(found.values())


def _as_wanted(webhook: Webhook) -> NewWebhook:
    return NewWebhook(
        url=webhook.url,
        description=webhook.description,
        types=webhook.types,
        agents=webhook.agents,
        is_enabled=webhook.is_enabled,
    )


def _checked(new: NewWebhook) -> NewWebhook:
    if not new.types:
        raise InvalidError("types", 'A webhook subscribes to one type at least; "*" stands for all.', code="blank")
    for name in new.types:
        if name not in SUBSCRIPTIONS:
            known = ", ".join(sorted(SUBSCRIPTIONS))
            raise InvalidError("types", f"{name[:100]!r} is no type of facts; there are: {known}.", code="unknown")
    if len(new.description or "") > LONGEST_DESCRIPTION:
        raise InvalidError(
            "description", f"The description has more than {LONGEST_DESCRIPTION} characters.", code="too_long"
        )
    if "\x00" in (new.description or ""):
        raise InvalidError("description", "The description contains a NUL character.", code="nul")
    if new.agents is not None and not 1 <= len(new.agents) <= _MOST_AGENTS:
        why = f"Name 1 to {_MOST_AGENTS} agents, or leave them out: then facts about all of them are sent."
        raise InvalidError("agents", why)
    return replace(new, types=tuple(sorted(set(new.types))))


def _enabled(webhook: Webhook | None, wanted: UUID) -> Webhook:
    found = _found(webhook, wanted)
    if not found.is_enabled:
        raise ConflictError("The webhook is switched off; switch it on first.", code="webhook_disabled")
    return found


def _found(webhook: Webhook | None, wanted: UUID) -> Webhook:
    if webhook is None:
        raise NotFoundError("webhook", wanted)
    return webhook


def _check_admin(caller: Caller) -> None:
    if caller.role != "admin":
        raise NotAllowedError("Only an admin of the organization may see and change its webhooks; ask one of them.")
