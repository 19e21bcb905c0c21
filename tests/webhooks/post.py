"""A post office for tests: webhooks, who sends, a receiver, and a clock."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from tests.fakes.people import People
from tests.fakes.still_clock import StillClock
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.webhooks import WebhookActions
from turnkeeper.core.webhooks import Delivery, DeliveryFilter, NewWebhook, Webhook
from turnkeeper.store import webhooks
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.notices import Notices
from turnkeeper.store.signing_secrets import SigningSecrets
from turnkeeper.tasks.deliver import DeliverWebhooks
from turnkeeper.tasks.webhook_post import WebhookPost


@dataclass(kw_only=True)
class PostOffice:
    """What a test of webhooks handles. Nothing is sent but by `deliver`."""

    database: Database
    staff: People
    notices: Notices
    changes: Changes
    conversations: ConversationActions
    webhooks: WebhookActions
    secrets: SigningSecrets
    receiver: WebhookReceiver
    clock: StillClock
    post: WebhookPost

    async def register(self, *types: str, url: str | None = None, agents: tuple[UUID, ...] | None = None) -> Webhook:
        """A webhook of the admin's organization; it points to the receiver."""
        new = NewWebhook(url=url or self.receiver.url, types=types or ("*",), agents=agents)
        return (await self.webhooks.create(self.staff.admin, new)).value.webhook

    async def secret(self, webhook: Webhook) -> str:
        """What it signs with."""
        async with self.database.connection() as connection:
            return await self.secrets.newest(connection, organization_id=webhook.organization_id, webhook_id=webhook.id)

    async def tell(self, *names: str, organization_id: int | None = None) -> None:
        """Facts, in this order; each is a change of an agent of this name."""
        for name in names:
            async with self.database.transaction() as connection:
                await webhooks.tell(
                    connection,
                    organization_id=organization_id or self.staff.admin.organization_id,
                    fact="agent.changed",
                    about={"agent": name},
                )

    async def start(self, text: str = "Hello?") -> Accepted:
        """A conversation with its first message."""
        started = await self.conversations.start(
            self.staff.admin, agent=self.staff.agent, text=text, mode="execute", origin="api"
        )
        return started.value

    async def deliver(self, webhook: Webhook) -> None:
        """What a worker does now for this webhook."""
        await DeliverWebhooks(self.database, self.secrets, self.post, clock=self.clock, jitter=lambda: 0.5)(webhook.id)

    async def all(self, webhook: Webhook) -> Sequence[Delivery]:
        """Its deliveries, oldest first, with their attempts."""
        found = await self.webhooks.deliveries(self.staff.admin, DeliveryFilter(limit=100), webhook=webhook.public_id)
        return [
            await self.webhooks.delivery(self.staff.admin, webhook=webhook.public_id, delivery=one.public_id)
            for one in reversed(found)
        ]

    async def only(self, webhook: Webhook) -> Delivery:
        """Its one delivery."""
        (found,) = await self.all(webhook)
        return found

    async def now(self, webhook: Webhook) -> Webhook:
        """The webhook as it is by now."""
        return await self.webhooks.get(self.staff.admin, webhook=webhook.public_id)

    async def settled(self, webhook: Webhook) -> None:
        """Look until nothing waits any more: the last answer is noted a moment after it was given."""
        async with asyncio.timeout(PATIENCE):
            while (await self.now(webhook)).waiting:
                pass

    def told(self) -> list[object]:
        """The names that the receiver heard, in order."""
        data = [one.body["data"] for one in self.receiver.received]
        return [each["agent"] for each in data if isinstance(each, dict)]  # pyright: ignore[reportUnknownVariableType]


LONG_AGO = datetime.fromtimestamp(0, UTC)
