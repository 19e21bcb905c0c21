"""A server that is killed while clients stream, and started again: all three clients go on by themselves."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from turnkeeper_client import AsyncTurnkeeper, Turnkeeper

from bench.ports import free_port
from tests.clients.conftest import QUICK, make_agents, server_of
from tests.clients.typescript import has_node
from tests.fakes.postgres import TestPostgres
from tests.fakes.scripted_model import Says, ScriptedModel, Stalls
from tests.patience import PROCESS_PATIENCE
from tests.server_process import ServerProcess

Heard = Callable[[object], None]
Told = tuple[list[object], str]
"""All events, and the text at the end."""
Streams = Callable[[ServerProcess, Heard], Awaitable[Told]]


async def test_a_server_that_is_killed_in_mid_stream_leaves_no_gap_and_repeats_nothing(
    test_postgres: TestPostgres, model: ScriptedModel, request: pytest.FixtureRequest
) -> None:
    folder: Path | None = request.getfixturevalue("node") if has_node() else None
    streams: list[Streams] = [_threaded, _awaited, *([_in_node(folder)] if folder else [])]
    url, port = test_postgres.make_database(), str(free_port())
    with server_of(url, model, "--port", port) as server:
        await make_agents(url)
        model.will(*[Stalls("one two")] * len(streams), *[Says("one two three four")] * len(streams))
        began = [asyncio.Event() for _ in streams]
        tasks = [
            asyncio.create_task(_awaitable(stream(server, _setter(event))))
            for stream, event in zip(streams, began, strict=True)
        ]
        async with asyncio.timeout(PROCESS_PATIENCE):
            await asyncio.gather(*(event.wait() for event in began))
        server.process.kill()
        server.process.wait(PROCESS_PATIENCE)
        with server_of(url, model, "--port", port):
            async with asyncio.timeout(PROCESS_PATIENCE), AsyncTurnkeeper(server.address, server.key) as client:
                for events, text in await asyncio.gather(*tasks):
                    message = msgspec.convert(events[0], dict[str, str | int])["message_id"]
                    log = (await client.list_message_events(str(message)))["items"]
                    assert events == log
                    assert text == "one two three four"
                    assert [event["event"] for event in log].count("turn.started") == 2
    test_postgres.drop(url)


async def _threaded(server: ServerProcess, heard: Heard) -> Told:
    loop = asyncio.get_running_loop()

    def stream() -> Told:
        events: list[object] = []
        with (
            Turnkeeper(server.address, server.key, retries=QUICK) as client,
            client.converse(agent="helper", text="Count.", timeout=PROCESS_PATIENCE, stream=True) as turn,
        ):
            for event in turn:
                events.append(event)
                loop.call_soon_threadsafe(heard, event)
            return events, turn.text

    return await asyncio.to_thread(stream)


async def _awaited(server: ServerProcess, heard: Heard) -> Told:
    events: list[object] = []
    async with (
        AsyncTurnkeeper(server.address, server.key, retries=QUICK) as client,
        client.converse(agent="helper", text="Count.", timeout=PROCESS_PATIENCE, stream=True) as turn,
    ):
        async for event in turn:
            events.append(event)
            heard(event)
        return events, turn.text


def _in_node(folder: Path) -> Streams:
    async def stream(server: ServerProcess, heard: Heard) -> Told:
        process = await asyncio.create_subprocess_exec(
            "node",
            folder / "follow.mjs",
            env={**os.environ, "SERVER": server.address, "KEY": server.key},
            stdout=asyncio.subprocess.PIPE,
        )
        assert process.stdout is not None
        told: list[object] = []
        try:
            while line := await process.stdout.readline():
                told.append(msgspec.json.decode(line))
                heard(told[-1])
        finally:
            if process.returncode is None and not told:
                process.kill()
            await process.wait()
        return told[:-1], str(told[-1])

    return stream


def _setter(event: asyncio.Event) -> Heard:
    def heard(told: object) -> None:
        if isinstance(told, dict) and "text" in told:
            event.set()

    return heard


async def _awaitable(told: Awaitable[Told]) -> Told:
    return await told
