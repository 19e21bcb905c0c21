"""Streams over several nodes: the worker is one, the reader's is another, which is killed, started again, and stopped."""

import asyncio
import signal
from collections.abc import Callable

import httpx
import pytest

from tests.dialects.native.client import Shop
from tests.fakes.event_reader import EventReader
from tests.fakes.scripted_model import Stalls
from tests.patience import PROCESS_PATIENCE
from tests.server_process import ServerProcess, started_server


@pytest.mark.requirement("native.events.resume")
async def test_a_reader_follows_a_turn_of_another_node_through_a_kill_a_restart_and_a_stop(shop: Shop) -> None:
    stage = shop.stage
    stage.model.will(Stalls("The first half"))
    message = await shop.ask(stage.keys.admin, "Tell me.")
    reader = EventReader(address=lambda: stage.address, path=f"/v1/messages/{message}/events", key=stage.keys.admin)
    async with shop.working():
        await read_until_killed(shop, reader)
        await read_until_stopped(shop, reader)
        reader.address = lambda: stage.address
        stage.model.release()
        await asyncio.wait_for(reader.read(), PROCESS_PATIENCE)
    assert reader.numbers == list(range(1, len(reader.numbers) + 1))
    assert reader.frames[-2].event == "message.completed"
    assert "".join(str(frame.data["text"]) for frame in reader.frames if frame.event == "text") == "The first half"


async def read_until_killed(shop: Shop, reader: EventReader) -> None:
    with started_server("--database-url", shop.stage.database_url, "--no-worker") as node:
        reader.address = at(node)
        reading = asyncio.create_task(reader.read_once())
        await until(reading, lambda: any(frame.event == "text" for frame in reader.frames))
        node.process.send_signal(signal.SIGKILL)
        assert not await asyncio.wait_for(reading, PROCESS_PATIENCE)
        node.process.wait()
        node.process.returncode = 0  # as `started_server` expects of one that it stops


async def read_until_stopped(shop: Shop, reader: EventReader) -> None:
    with started_server("--database-url", shop.stage.database_url, "--no-worker") as node:
        reader.address, reader.received = at(node), b""
        reading = asyncio.create_task(reader.read_once())
        await until(reading, lambda: b"retry:" in reader.received)
        sent = asyncio.Event()
        waiting = asyncio.create_task(wait_for_the_end(node, shop.stage.keys.admin, reader.path, sent))
        await asyncio.wait_for(sent.wait(), PROCESS_PATIENCE)
        assert not waiting.done()
        node.process.terminate()
        assert not await asyncio.wait_for(reading, PROCESS_PATIENCE)
        assert await asyncio.wait_for(waiting, PROCESS_PATIENCE) == (200, "pending")
        await asyncio.to_thread(node.process.wait, PROCESS_PATIENCE)
    assert (reader.frames[-1].event, reader.frames[-1].data["reason"]) == ("end", "closing")


async def wait_for_the_end(node: ServerProcess, key: str, path: str, sent: asyncio.Event) -> tuple[int, str]:
    """How a request that waits for the message's end is answered: the HTTP status, and the message's.

    `sent` is set when the server has it: what is asked later, on another connection, is answered.
    """
    headers = {"Authorization": f"Bearer {key}"}
    url = node.address + path.removesuffix("/events")
    written = asyncio.Event()

    async def trace(event: str, details: object) -> None:
        if event == "http11.send_request_body.complete":
            written.set()

    async with httpx.AsyncClient(headers=headers, timeout=PROCESS_PATIENCE) as client:
        asking = client.get(url, headers={"Prefer": "wait=60"}, extensions={"trace": trace})
        asked = asyncio.create_task(asking)
        await written.wait()
        await client.get(url)
        sent.set()
        answer = await asked
    return answer.status_code, str(answer.json()["status"])


async def until(reading: asyncio.Task[bool], condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PROCESS_PATIENCE):
        while not condition():
            await asyncio.wait([reading], timeout=0.01)


def at(node: ServerProcess) -> Callable[[], str]:
    return lambda: node.address
