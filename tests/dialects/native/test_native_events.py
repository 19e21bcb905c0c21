"""The log of a conversation, as pages and as streams."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from tests.dialects.native.client import Native, Shop


async def test_smoke(admin: Native, shop: Shop) -> None:
    task = await shop.ask(shop.stage.keys.admin, "say Good morning")
    async with shop.working():
        answer = await admin.get(f"/messages/{task}/events", Accept="text/event-stream")
    print(answer.status, answer.headers)
    print(answer.body.decode())
    conversation = (await admin.get(f"/messages/{task}")).message.conversation_id
    print((await admin.get(f"/conversations/{conversation}/events")).body.decode())
    print((await admin.get(f"/conversations/{conversation}/events?until=idle&after=2", Accept="text/event-stream")).body.decode())
    print((await admin.get(f"/conversations/{conversation}/snapshot")).body.decode())
    assert 0
