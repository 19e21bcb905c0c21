"""The worker is killed at every write of turns that are steered, merged and interrupted: each message ends once.

In the suite some writes are lost with the process, and others are kept although nobody heard that they were;
`TURNKEEPER_TESTS=all` takes every write, and does both to each.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Sequence
from typing import Literal

import pytest

from tests.fakes.scripted_model import Call, CallsTools, Reply, Says, SeenRequest
from tests.patience import PATIENCE
from tests.turns.scene import DOOMED, LOCK, Scene
from turnkeeper.core.conversations import Message
from turnkeeper.core.events import MessageCancelled, MessageCompleted, MessageFailed
from turnkeeper.core.overlap import Overlap
from turnkeeper.store import events
from turnkeeper.store.messages import Accepted

_MOST_WRITES = 30
_ALL = os.environ.get("TURNKEEPER_TESTS") == "all"
_STEP = 1 if _ALL else 3
Fate = Literal["lost", "kept"]
ENDS = (MessageCancelled, MessageCompleted, MessageFailed)


def echo(seen: SeenRequest) -> Reply:
    """Look once about what asks for it; then say what the person said last, without what was answered before."""
    said: list[str] = []
    for message in seen.messages:
        if message.role == "user":
            said.append(message.content or "")
        elif message.role == "assistant" and not message.tool_calls:
            said.clear()
    if seen.messages[-1].content == "Look.":
        return CallsTools((Call(tool="look", call_id="look"),))
    return Says(" + ".join(said).replace("\n\n", " & "))


async def finished(scene: Scene, messages: Sequence[Accepted]) -> None:
    for message in messages:
        await scene.until_finished(message)


async def kill_at(
    scene: Scene, write: int, fate: Fate, doomed: int, ended: "asyncio.Task[None]", meanwhile: Awaitable[object]
) -> bool:
    """Kill the worker in the middle of this write, unless the end comes first, and let another go on; whether it died.

    `meanwhile` is waited for behind the kill: it may need what the write holds.
    """
    held = asyncio.create_task(scene.held_write())
    await asyncio.wait({held, ended}, return_when=asyncio.FIRST_COMPLETED)
    died = held.done()
    scene.workers.kill(doomed)
    if died and fate == "lost":
        await scene.control.execute("SELECT pg_terminate_backend(%s, 5000)", (held.result(),))
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    await scene.control.execute("SELECT pg_advisory_unlock(%s::bigint)", (LOCK,))
    await scene.arm(0)
    await scene.bury()
    rescuer = await scene.worker("rescuer") if died else None
    await meanwhile
    await ended
    if rescuer is not None:
        scene.workers.kill(rescuer)
        await scene.bury()
    return died


async def doomed_worker(scene: Scene, write: int) -> int:
    """A worker whose write of this number will be held."""
    scene.rule = echo
    await scene.arm(write)
    await scene.control.execute("SELECT pg_advisory_lock(%s::bigint)", (LOCK,))
    return await scene.worker(DOOMED)


async def steer(scene: Scene, first: Accepted) -> None:
    """Say more once the tool is called."""
    await scene.payments.held.wait()
    await scene.send(first, "Make it blue.", "steer")
    scene.payments.let_go()


async def interrupt(scene: Scene, first: Accepted, overlap: Overlap, *, unless: "asyncio.Task[None]") -> Accepted:
    """Send a newer message while a write is held; it waits for that write's fate."""
    held = asyncio.create_task(scene.held_write())
    await asyncio.wait({held, unless}, return_when=asyncio.FIRST_COMPLETED)
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)
    return await scene.send(first, "Newer.", overlap)


async def talk_of(scene: Scene, accepted: Accepted) -> list[Message]:
    """The messages; each ended once, and the log has no gap and one live turn at any time."""
    talk = (await scene.conversations.read(scene.staff.admin, conversation=accepted.conversation_id)).messages
    async with scene.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=1_000)
    ends = Counter(event.message_id for event in log if isinstance(event.body, ENDS))
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    assert ends == Counter(message.id for message in talk if message.role == "user")
    return list(talk)


FATES: Sequence[tuple[Fate, Fate]] = [("lost", "kept"), ("kept", "lost")] if _ALL else [("lost", "kept")]


@pytest.mark.parametrize("fates", FATES)
async def test_killed_at_any_write_what_steers_and_what_is_merged_is_answered_once(
    scene: Scene, fates: tuple[Fate, Fate]
) -> None:
    writes = 0
    for write in range(1, _MOST_WRITES, _STEP):
        scene.payments.forget()
        scene.payments.hold_at = ("look", "before")
        doomed = await doomed_worker(scene, write)
        first = await scene.start("Look.")
        messages = [first, await scene.send(first, "One."), await scene.send(first, "Two.", "merge")]
        async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as group:
            steering = group.create_task(steer(scene, first))
            ended = group.create_task(finished(scene, messages))
            died = await kill_at(scene, write, fates[write // _STEP % 2], doomed, ended, steering)
        assert [(message.status, message.text) for message in await talk_of(scene, first)] == [
            ("completed", text)
            for text in ("Look.", "Make it blue.", "Look. + Make it blue.", "One.", "Two.", "One. & Two.")
        ]
        if not died:
            break
        writes += 1
    assert 8 <= writes * _STEP < _MOST_WRITES - 4


@pytest.mark.parametrize(
    ("overlap", "fates"),
    [("interrupt", ("lost", "kept")), ("rollback", ("kept", "lost"))]
    + ([("interrupt", ("kept", "lost")), ("rollback", ("lost", "kept"))] if _ALL else []),
)
async def test_killed_at_any_write_a_message_that_is_interrupted_ends_once_and_the_newer_one_is_answered(
    scene: Scene, fates: tuple[Fate, Fate], overlap: Overlap
) -> None:
    statuses: list[str] = []
    for write in range(1, _MOST_WRITES):
        doomed = await doomed_worker(scene, write)
        first = await scene.start("Tell me.")
        async with asyncio.timeout(2 * PATIENCE), asyncio.TaskGroup() as group:
            ended = group.create_task(finished(scene, [first]))
            newer = group.create_task(interrupt(scene, first, overlap, unless=ended))
            died = await kill_at(scene, write, fates[write % 2], doomed, ended, newer)
        if not died:
            break
        worker = await scene.worker("last")
        async with asyncio.timeout(2 * PATIENCE):
            await scene.until_finished(newer.result())
        scene.workers.kill(worker)
        await scene.bury()
        talk = await talk_of(scene, first)
        statuses.append(talk[0].status)
        assert [message.text for message in talk if message.role == "user"] == ["Tell me.", "Newer."]
        assert (talk[2].status, talk[3].role) == ("completed", "assistant")
        assert talk[3].text.endswith("Newer.")
    assert len(statuses) >= 2
    assert "cancelled" in statuses
