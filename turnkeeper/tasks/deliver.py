"""The tasks `deliver` and `deliver_later`: an endpoint is sent what waits for it, one delivery after the other.

A worker that dies between sending and noting it leaves the delivery waiting: it is sent again, with the same id.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from turnkeeper.core.errors import RefusedError
from turnkeeper.core.ids import prefixed
from turnkeeper.core.webhooks import (
    DISABLED_AFTER_DAYS,
    LONGEST_RETRY_AFTER_SECONDS,
    LONGEST_TEXT_SENT,
    STEPS_ASIDE_AFTER,
    Attempt,
    signature,
    wait_after,
)
from turnkeeper.store import webhook_sending as sending
from turnkeeper.store.database import Database
from turnkeeper.store.signing_secrets import SigningSecrets
from turnkeeper.store.webhook_sending import Due, Setback
from turnkeeper.tasks.webhook_body import body_of
from turnkeeper.tasks.webhook_post import Answer, WebhookPost

_AT_A_TIME_SECONDS = 5.0
"""Then others who wait for a worker come first."""

_log = logging.getLogger(__name__)


class DeliverWebhooks:
    """Sends what is due to one endpoint. The queue's lock is the endpoint: it never gets two requests at the same time."""

    def __init__(
        self,
        database: Database,
        secrets: SigningSecrets,
        post: WebhookPost,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._post = post
        self._clock = clock
        self._jitter = jitter

    async def __call__(self, webhook: int) -> None:
        """Send until nothing is due, or for 5 seconds; the rest has a task of its own then."""
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + _AT_A_TIME_SECONDS
        while True:
            async with self._database.connection() as connection:
                due = await sending.due(connection, webhook_id=webhook, now=self._clock())
                if due is not None and loop.time() >= ends_at:
                    await sending.defer(connection, webhook_id=webhook)
                    return
            if due is None:
                return
            await self._deliver(webhook, due)

    async def _deliver(self, webhook: int, due: Due) -> None:
        async with self._database.connection() as connection:
            body = due.body
            if body is None:
                body = body_of(due, await sending.content(connection, due, longest=LONGEST_TEXT_SENT + 1))
            try:
                keys = await self._secrets.keys_of(connection, organization_id=due.organization_id, webhook_id=webhook)
            except RefusedError as error:
                keys, trouble = [], error.message
            else:
                trouble = ""
        started_at, began = self._clock(), asyncio.get_running_loop().time()
        if keys:
            answer = await self._sent(due, keys, body)
        else:
            answer = Answer(status=None, error=trouble or "It has no secret to sign with.", text=None, retry_after=None)
        attempt = Attempt(
            number=due.attempts + 1,
            started_at=started_at,
            milliseconds=round((asyncio.get_running_loop().time() - began) * 1000),
            status=answer.status,
            error=answer.error,
            answer=answer.text,
        )
        await self._note(webhook, due, attempt, answer, body)

    async def _sent(self, due: Due, keys: list[bytes], body: str) -> Answer:
        delivery, timestamp, content = prefixed("dlv", due.public_id), int(datetime.now(UTC).timestamp()), body.encode()
        headers = {
            "webhook-id": delivery,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature(keys, delivery=delivery, timestamp=timestamp, body=content),
        }
        return await self._post(due.url, headers=headers, body=content)

    async def _note(self, webhook: int, due: Due, attempt: Attempt, answer: Answer, body: str) -> None:
        now = self._clock()
        if answer.is_taken:
            async with self._database.connection() as connection:
                await sending.delivered(connection, due, attempt, body=body, now=now)
            return
        setback = self._setback(due, answer, now)
        async with self._database.transaction() as connection:
            disabled = await sending.failed(connection, due, attempt, setback, webhook_id=webhook, body=body, now=now)
        if disabled is not None:
            _log.warning("a webhook was switched off", extra={"webhook": webhook, "reason": disabled})

    def _setback(self, due: Due, answer: Answer, now: datetime) -> Setback:
        is_gone = answer.status == 410
        tries = due.tries + 1
        wait = None if is_gone else wait_after(tries, jitter=self._jitter(), retry_after=answer.retry_after)
        asked = None if answer.retry_after is None else min(answer.retry_after, LONGEST_RETRY_AFTER_SECONDS)
        return Setback(
            next_at=None if wait is None else now + timedelta(seconds=wait),
            aside=tries >= STEPS_ASIDE_AFTER,
            not_before=None if asked is None else now + timedelta(seconds=asked),
            disabled="gone" if is_gone else None,
            days_to_live=DISABLED_AFTER_DAYS,
        )


class DeliverLater:
    """Has an endpoint looked after when the moment has come for what waits for it. It waits for nobody's lock itself."""

    def __init__(self, database: Database, *, hint: Callable[[], None]) -> None:
        self._database = database
        self._hint = hint

    async def __call__(self, webhook: int) -> None:
        """Defer `deliver`."""
        async with self._database.connection() as connection:
            await sending.defer(connection, webhook_id=webhook)
        self._hint()
