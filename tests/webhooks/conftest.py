"""Webhooks without a door: real actions and the real task, a receiver on loopback, a clock that stands still."""

import base64
from collections.abc import AsyncGenerator

import pytest

from tests.fakes.people import Crew
from tests.fakes.still_clock import StillClock
from tests.fakes.webhook_receiver import WebhookReceiver
from tests.webhooks.post import PostOffice
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.webhook_urls import WebhookUrls
from turnkeeper.actions.webhooks import WebhookActions
from turnkeeper.agents.tools.http.look_up import SystemLookUp
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices
from turnkeeper.store.signing_secrets import SigningSecrets
from turnkeeper.store.vault_keys import VaultKeys
from turnkeeper.tasks.webhook_post import WebhookPost

KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
async def office(database: Database, crew: Crew, notices: Notices) -> AsyncGenerator[PostOffice]:
    """Where webhooks are sent from."""
    changes = Changes(notices)
    secrets = SigningSecrets(VaultKeys(key=KEY, old_keys=(), key_file=None))
    async with (
        WebhookReceiver() as receiver,
        WebhookPost(allows_private_addresses=True, seconds=30) as post,
    ):
        yield PostOffice(
            database=database,
            staff=crew.people,
            notices=notices,
            changes=changes,
            conversations=ConversationActions(database, changes),
            webhooks=WebhookActions(
                database, notices, secrets, WebhookUrls(SystemLookUp(), allows_private_addresses=True)
            ),
            secrets=secrets,
            receiver=receiver,
            clock=StillClock(),
            post=post,
        )
