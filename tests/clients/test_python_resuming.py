"""The Python client when connections break and answers say "later"."""

import asyncio
import json
from collections.abc import Sequence

import httpx
import pytest
from turnkeeper_client import (
    AsyncTurnkeeper,
    ConnectionLostError,
    File,
    RateLimitedError,
    Retries,
    ServerError,
    StreamEndedError,
    Turnkeeper,
)
from turnkeeper_client.async_operations import AsyncOperations
from turnkeeper_client.shapes import Event
from turnkeeper_client.sync_operations import Operations

from tests.clients.conftest import QUICK, Scene
from tests.clients.scripted_answers import Answer, scripted_answers
from tests.fakes.cutting_proxy import cutting_proxy
from tests.patience import PATIENCE

WORDS = " ".join(f"word{number}" for number in range(30))
CUTS = range(0, 1_200, 60)
"""Bytes of an answer after which its connection breaks: in its head, in frames, and between them."""
KEY_HEADER = "Idempotency-Key"


async def test_a_stream_that_is_cut_anywhere_goes_on_without_gap_or_repeat(scene: Scene) -> None:
    async with cutting_proxy(scene.address) as proxy, AsyncTurnkeeper(scene.address, scene.key) as straight:
        turn = await straight.converse(agent="helper", text=f"say {WORDS}", timeout=PATIENCE)
        log = (await straight.list_message_events(turn.message_id))["items"]
        proxy.will_cut(*CUTS)

        async with (
            AsyncTurnkeeper(proxy.address, scene.key, retries=QUICK) as client,
            client.follow_message(turn.message_id, timeout=PATIENCE) as stream,
        ):
            events = [event async for event in stream]
        proxy.will_cut(*CUTS)
        threaded = await asyncio.to_thread(_followed, proxy.address, scene.key, turn.message_id)

    assert events == threaded == log
    assert proxy.connections > 10


async def test_a_message_whose_acceptance_got_lost_is_not_sent_twice(scene: Scene) -> None:
    async with (
        cutting_proxy(scene.address, 0, 10, 100) as proxy,
        AsyncTurnkeeper(proxy.address, scene.key, retries=QUICK) as client,
    ):
        turn = await client.converse(agent="helper", text="say lost and found", timeout=PATIENCE)
        found = await client.list_conversations(search='"lost and found"')

    assert [each["id"] for each in found["items"]] == [turn.conversation_id]
    assert proxy.connections >= 4


async def test_what_is_asked_for_later_is_sent_again_with_the_same_key() -> None:
    later = {"Retry-After": "0"}
    script = (
        Answer(status=429, headers=later),
        Answer(status=503, headers=later),
        Answer(status=502),
        Answer(status=None),
        Answer(status=201, body=b'{"id": "file_1"}'),
    )
    async with scripted_answers(*script, *script) as seen:
        async with AsyncTurnkeeper(seen.address, "tk_key", retries=QUICK) as client:
            assert (await client.upload_file(file=File(name="a.txt", content=b"abc")))["id"] == "file_1"
        assert (await asyncio.to_thread(_uploaded, seen.address)) == "file_1"

    keys = seen.heads(KEY_HEADER)
    assert (len(set(keys[:5])), len(set(keys[5:])), len(keys)) == (1, 1, 10)
    assert all(b"abc" in body for _, _, _, body in seen.requests)
    assert set(seen.heads("User-Agent")) == {"turnkeeper-client/0.1.0"}


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ((Answer(status=429, headers={"Retry-After": "3600"}),), RateLimitedError),
        ((Answer(status=503),) * 3, ServerError),
        ((Answer(status=500),), ServerError),
        ((Answer(status=None),) * 3, ConnectionLostError),
    ],
    ids=["too-far-away", "too-often", "a-bug", "always-cut"],
)
async def test_what_does_not_get_better_is_given_up(answers: Sequence[Answer], error: type[Exception]) -> None:
    async with scripted_answers(*answers) as seen:
        client = AsyncTurnkeeper(seen.address, "tk_key", retries=Retries(most=2, first_seconds=0.01))
        with pytest.raises(error):
            await client.who_am_i()
        await client.aclose()

    assert len(seen.requests) == len(answers)


async def test_who_is_closed_waits_no_longer_to_try_again() -> None:
    patient = Retries(patience_seconds=3_600)
    later = (Answer(status=503, headers={"Retry-After": "3000"}),) * 2
    async with scripted_answers(*later) as seen, httpx.AsyncClient() as http:
        with httpx.Client() as threaded_http:
            awaited = AsyncTurnkeeper(seen.address, "tk_key", retries=patient, http=http)
            threaded = Turnkeeper(seen.address, "tk_key", retries=patient, http=threaded_http)
            asking = asyncio.gather(awaited.who_am_i(), asyncio.to_thread(threaded.who_am_i), return_exceptions=True)
            async with asyncio.timeout(PATIENCE):
                await seen.arrivals.acquire()
                await seen.arrivals.acquire()
                await awaited.aclose()
                threaded.close()
                ended = await asking

    assert [type(each) for each in ended] == [ConnectionLostError] * 2
    assert len(seen.requests) == 2


@pytest.mark.parametrize("operations", [Operations, AsyncOperations])
def test_operations_that_cannot_be_sent_cannot_be_made(operations: type) -> None:
    with pytest.raises(TypeError, match="send"):
        operations()


async def test_a_real_limit_of_requests_is_told(scene: Scene) -> None:
    async with AsyncTurnkeeper(scene.address, scene.key) as admin:
        made = await admin.create_key({"name": "slow", "requests_per_minute": 1})
    async with AsyncTurnkeeper(scene.address, made["secret"], retries=Retries(patience_seconds=0)) as client:
        with pytest.raises(RateLimitedError) as caught:
            await asyncio.gather(*(client.who_am_i() for _ in range(10)))

    assert caught.value.retry_after
    assert caught.value.code == "rate_limited"


async def test_a_stream_goes_on_when_the_server_closes_and_ends_when_the_key_is_gone() -> None:
    first = (
        b"retry: 10\n\nid: 1\nevent: text\ndata: " + _text(1, "a") + b'\n\nevent: end\ndata: {"reason":"closing"}\n\n'
    )
    last = b"id: 2\r\ndata: " + _text(2, "b") + b'\r\n\r\nevent: end\ndata: {"reason":"access_ended"}\n\n'
    told: list[Event] = []

    async def follow(client: AsyncTurnkeeper) -> None:
        async with client, client.follow_message("msg_1") as stream:
            async for event in stream:
                told.append(event)  # noqa: PERF401 - what came before the error is kept

    async with scripted_answers(Answer(body=first), Answer(status=503), Answer(body=last)) as seen:
        with pytest.raises(StreamEndedError) as caught:
            await follow(AsyncTurnkeeper(seen.address, "tk_key", retries=QUICK))

    assert caught.value.reason == "access_ended"
    assert [event["number"] for event in told] == [1, 2]
    assert seen.heads("Last-Event-ID") == ["0", "1", "1"]


def _text(number: int, text: str) -> bytes:
    return json.dumps(
        {"event": "text", "number": number, "message_id": "msg_1", "text": text, "model_call": 1}
    ).encode()


def _followed(address: str, key: str, message: str) -> list[Event]:
    with (
        Turnkeeper(address, key, retries=QUICK) as client,
        client.follow_message(message, timeout=PATIENCE) as stream,
    ):
        return list(stream)


def _uploaded(address: str) -> str:
    with Turnkeeper(address, "tk_key", retries=QUICK) as client:
        return client.upload_file(file=File(name="a.txt", content=b"abc"))["id"]
