"""The worker is killed at every moment of a turn that acts: nothing is lost, doubled, or paid twice.

The moments are found, not listed: a trigger counts what the worker writes and holds the write that is armed until the
process is dead. Then the write is either lost with the process or kept, although nobody heard that it was. Besides, the
process is killed in the middle of each call of the model and of a tool, before and after the call took effect.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal

import pytest

from tests.fakes.payment_service import Moment
from tests.patience import PATIENCE
from tests.turns.scene import DOOMED, LOCK, Scene
from turnkeeper.core.events import ApprovalAsked, MessageCompleted, ToolReturned
from turnkeeper.store import events
from turnkeeper.store.messages import Accepted

_MOST_WRITES = 40
MOMENTS: tuple[Moment, ...] = (
    ("model 1", "before"),
    ("model 2", "before"),
    ("look", "before"),
    ("refund", "before"),
    ("refund", "after"),
    ("email", "before"),
    ("email", "after"),
)


async def check(scene: Scene, accepted: Accepted, *, requests: int, interrupted_calls: int) -> None:
    """The turn was answered once; the world was touched once; no finished model call was made again."""
    talk = (await scene.conversations.read(scene.staff.admin, conversation=accepted.conversation_id)).messages
    async with scene.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=1_000)
    bodies = [event.body for event in log]

    assert [(message.role, message.status, message.text) for message in talk] == [
        ("user", "completed", "Refund it."),
        ("assistant", "completed", "Refunded."),
    ]
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    assert len([body for body in bodies if isinstance(body, MessageCompleted)]) == 1
    assert (len(scene.payments.refunds), len(scene.payments.emails)) == (1, 1)
    assert requests == 2 + interrupted_calls
    asked = [body.question for body in bodies if isinstance(body, ApprovalAsked)]
    assert asked.count("call") == 1
    assert asked.count("outcome") <= 1
    assert sorted(body.tool for body in bodies if isinstance(body, ToolReturned)) == ["email", "look", "refund"]


@asynccontextmanager
async def finishing(scene: Scene, accepted: Accepted) -> AsyncGenerator["asyncio.Task[None]"]:
    """A person who decides, until the turn is finished."""
    task = asyncio.create_task(scene.until_finished(accepted))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def die_at_write(scene: Scene, write: int, fate: Literal["lost", "kept"]) -> bool:
    """One turn whose worker is killed in the middle of its write of this number; False when it never wrote so often."""
    scene.payments.forget()
    scene.model.requests.clear()
    before = await scene.recorded_models()
    await scene.arm(write)
    await scene.control.execute("SELECT pg_advisory_lock(%s::bigint)", (LOCK,))
    doomed = await scene.worker(DOOMED)
    accepted = await scene.start()
    async with asyncio.timeout(2 * PATIENCE), finishing(scene, accepted) as finished:
        held = asyncio.create_task(scene.held_write())
        await asyncio.wait({held, finished}, return_when=asyncio.FIRST_COMPLETED)
        died = held.done()
        scene.workers.kill(doomed)
        if died and fate == "lost":
            await scene.control.execute("SELECT pg_terminate_backend(%s, 5000)", (held.result(),))
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        await scene.control.execute("SELECT pg_advisory_unlock(%s::bigint)", (LOCK,))
        await scene.arm(0)
        await scene.bury()
        interrupted = len(scene.model.requests) - (await scene.recorded_models() - before)
        rescuer = await scene.worker("rescuer") if died else None
        await finished
    if rescuer is not None:
        scene.workers.kill(rescuer)
        await scene.bury()
        await check(scene, accepted, requests=len(scene.model.requests), interrupted_calls=max(0, interrupted))
    return died


@pytest.mark.parametrize("fate", ["lost", "kept"])
@pytest.mark.parametrize("half", [0, 1])
async def test_killed_at_any_write_a_turn_is_answered_once_and_acts_once(
    scene: Scene, fate: Literal["lost", "kept"], half: int
) -> None:
    writes = 0
    for write in range(1 + half, _MOST_WRITES, 2):
        if not await die_at_write(scene, write, fate):
            break
        writes += 1

    assert 3 <= writes < _MOST_WRITES / 2


@pytest.mark.parametrize("name", ["model", "look", "refund", "email"])
async def test_killed_in_the_middle_of_any_call_a_turn_is_answered_once_and_acts_once(scene: Scene, name: str) -> None:
    for moment in (one for one in MOMENTS if one[0].startswith(name)):
        scene.payments.forget()
        scene.model.requests.clear()
        scene.model.stalled.clear()
        if name == "model":
            scene.stalls_at = int(moment[0].removeprefix("model "))
        else:
            scene.payments.hold_at = moment
        doomed = await scene.worker(DOOMED)
        accepted = await scene.start()
        async with asyncio.timeout(2 * PATIENCE), finishing(scene, accepted) as finished:
            await (scene.model.stalled if name == "model" else scene.payments.held).wait()
            scene.workers.kill(doomed)
            await scene.bury()
            rescuer = await scene.worker("rescuer")
            await finished
        scene.workers.kill(rescuer)
        await scene.bury()
        await check(scene, accepted, requests=len(scene.model.requests), interrupted_calls=1 if name == "model" else 0)
