"""Random orders of messages, decisions, cancels and kills: every accepted message ends once, and acts once at the most."""

import asyncio
import random
from collections import Counter
from contextlib import suppress

import pytest

from tests.patience import PATIENCE
from tests.turns.scene import Scene
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.events import MessageCancelled, MessageCompleted, MessageFailed
from turnkeeper.store import events
from turnkeeper.store.messages import Accepted

SEEDS = range(4)
_DEEDS = 24
_MOST_MESSAGES = 6


class Play:
    """One random run over one conversation."""

    def __init__(self, scene: Scene, chance: random.Random, first: Accepted, worker: int) -> None:
        self.scene = scene
        self.chance = chance
        self.messages = [first]
        self.worker = worker

    async def deed(self) -> None:
        """Do one thing."""
        what = self.chance.choices(("send", "decide", "cancel", "kill", "watch"), (3, 5, 1, 2, 5))[0]
        match what:
            case "send":
                if len(self.messages) < _MOST_MESSAGES:
                    self.messages.append(await self.scene.send(self.messages[0]))
            case "decide":
                await self._decide()
            case "cancel":
                one = self.chance.choice(self.messages)
                await self.scene.conversations.cancel(self.scene.staff.admin, message=one.message_public_id)
            case "kill":
                await self.new_worker()
            case _:
                await self._watch()

    async def new_worker(self) -> None:
        """Kill the worker wherever it is, and start another."""
        self.scene.workers.kill(self.worker)
        await self.scene.bury()
        self.worker = await self.scene.worker("another")

    async def finish(self) -> None:
        """With a worker that lives and people who decide, everything comes to its end."""
        async with asyncio.timeout(2 * PATIENCE):
            for one in self.messages:
                await self.scene.until_finished(one)
        self.scene.workers.kill(self.worker)

    async def _decide(self) -> None:
        waiting = await self.scene.waiting()
        if waiting:
            verdict = "approved" if self.chance.random() < 0.7 else "denied"
            with suppress(ConflictError):  # a cancel or an earlier decision came first
                await self.scene.decide(self.chance.choice(waiting), verdict)

    async def _watch(self) -> None:
        with self.scene.changes.listening(self.messages[0].conversation_id) as changed, suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), self.chance.random() / 4)


@pytest.mark.parametrize("seed", SEEDS)
async def test_whatever_comes_in_whatever_order_each_message_ends_once_and_acts_once_at_the_most(
    scene: Scene, seed: int
) -> None:
    chance = random.Random(seed)
    play = Play(scene, chance, await scene.start(), await scene.worker("first"))
    for _ in range(_DEEDS):
        await play.deed()
    await play.finish()

    conversation_id = play.messages[0].conversation_id
    talk = (await scene.conversations.read(scene.staff.admin, conversation=conversation_id)).messages
    async with scene.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=conversation_id, limit=10_000)
    asked = [message for message in talk if message.role == "user"]
    ends = Counter(
        event.message_id for event in log if isinstance(event.body, MessageCompleted | MessageFailed | MessageCancelled)
    )
    assert [message.id for message in asked] == [one.message_id for one in play.messages]
    assert {message.status for message in asked} <= FINISHED - {"failed"}
    assert [message.reply_to for message in talk if message.role != "user"] == [message.id for message in asked]
    assert ends == Counter(message.id for message in asked)
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    assert await scene.waiting() == []
    assert max(Counter(scene.payments.emails).values(), default=0) <= 1
    assert len(scene.payments.refunds) <= len(asked)
    assert len(scene.payments.emails) <= len(asked)
