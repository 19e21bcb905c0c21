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


async def test_smoke_ws(admin: Native, shop: Shop) -> None:
    stage = shop.stage
    task = await shop.ask(stage.keys.admin, "say Good morning")
    conversation = (await admin.get(f"/messages/{task}")).message.conversation_id
    address = f"{stage.address}/v1/conversations/{conversation}/events/ws"
    async with shop.working():
        async with stage.http.ws_connect(f"{address}?until=idle", headers={"Authorization": f"Bearer {stage.keys.admin}"}) as ws:
            async for message in ws:
                print(message)
            print(ws.close_code)
        async with stage.http.ws_connect(f"{address}?until=idle&after=3") as ws:
            await ws.send_json({"key": stage.keys.admin})
            async for message in ws:
                print(message)
            print(ws.close_code)
        async with stage.http.ws_connect(f"{address}") as ws:
            await ws.send_json({"key": "x"})
            print(await ws.receive())
        try:
            await stage.http.ws_connect(f"{address}?after=x", headers={"Authorization": f"Bearer {stage.keys.admin}"})
        except Exception as e: print(e)
        try:
            await stage.http.ws_connect(f"{address}", headers={"Authorization": f"Bearer {stage.keys.outsider}"})
        except Exception as e: print(e)
        print((await admin.get(f"/conversations/{conversation}/events/ws")).body)
    assert 0
