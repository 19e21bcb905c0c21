"""The log of a conversation over a WebSocket."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
import msgspec
import pytest

from tests.dialects.native.client import Native, Shop
from tests.patience import PATIENCE


class Frame(msgspec.Struct):
    event: str
    number: int = 0
    reason: str = ""
    last_event: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Log:
    """Where a conversation's log is, and who may read it."""

    shop: Shop
    address: str
    key: dict[str, str]

    @asynccontextmanager
    async def opened(self, query: str = "", **headers: str) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
        async with self.shop.stage.http.ws_connect(f"{self.address}{query}", headers=headers) as socket:
            yield socket


@pytest.fixture
async def log(shop: Shop, admin: Native) -> Log:
    # One word is one event; of several, each may be written by itself.
    message = await shop.ask(shop.stage.keys.admin, "say Good-morning")
    conversation = (await admin.get(f"/messages/{message}")).message.conversation_id
    return Log(
        shop=shop,
        address=f"{shop.stage.address}/v1/conversations/{conversation}/events/ws",
        key={"Authorization": f"Bearer {shop.stage.keys.admin}"},
    )


async def frames(socket: aiohttp.ClientWebSocketResponse) -> list[Frame]:
    async with asyncio.timeout(PATIENCE):
        return [msgspec.json.decode(message.data, type=Frame) async for message in socket]


@pytest.mark.requirement("native.events.sockets")
async def test_the_log_comes_as_it_happens_and_from_any_number(log: Log) -> None:
    async with log.opened("?until=idle", **log.key) as live:
        async with log.shop.working():
            told = await frames(live)
        assert live.close_code == 1000
    async with log.opened("?follow=false&after=2", **log.key) as later:
        again = await frames(later)
    assert [frame.number for frame in told[:-1]] == [1, 2, 3, 4, 5]
    assert told[-1] == Frame(event="end", reason="idle", last_event=5)
    assert again[:-1] == told[2:-1]


@pytest.mark.requirement("native.events.sockets")
async def test_the_key_may_come_as_the_first_message(log: Log) -> None:
    async with log.opened("?follow=false") as socket:
        await socket.send_json({"key": log.shop.stage.keys.admin})
        assert [frame.event for frame in await frames(socket)] == ["message.queued", "end"]


@pytest.mark.requirement("native.events.sockets")
@pytest.mark.parametrize("first", ['{"key": "tk_unknown"}', "no JSON", '{"key": 1}', "[" * 10_000])
async def test_a_first_message_that_is_no_key_closes_it(log: Log, first: str) -> None:
    async with log.opened() as socket:
        await socket.send_str(first)
        assert await frames(socket) == []
        assert socket.close_code == 1008


@pytest.mark.requirement("native.events.sockets")
async def test_a_handshake_is_refused_as_a_request_would_be(log: Log) -> None:
    stage = log.shop.stage
    for query, key, status in (
        ("?after=x", stage.keys.admin, 400),
        ("?limit=1", stage.keys.admin, 400),
        ("", "tk_unknown", 401),
        ("", stage.keys.outsider, 404),
        ("", stage.keys.member, 404),
    ):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with log.opened(query, Authorization=f"Bearer {key}"):
                pass
        assert refused.value.status == status


@pytest.mark.requirement("native.events.sockets")
async def test_a_server_that_stops_asks_its_clients_to_come_back(log: Log) -> None:
    async with log.opened(**log.key) as socket:
        async with asyncio.timeout(PATIENCE):
            assert (await socket.receive_json())["event"] == "message.queued"
        log.shop.stage.turnkeeper.actions.events.close()
        assert await frames(socket) == [Frame(event="end", reason="closing", last_event=1)]
        assert socket.close_code == 1012
