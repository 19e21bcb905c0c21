"""Messages from three doors under every policy, answered by two worker processes: one live turn, one order, one truth.

Random orders, a few in the suite; `TURNKEEPER_SEEDS=100` plays so many.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import get_args
from uuid import UUID

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import PREFIX as NAIRI
from tests.dialects.native.client import PREFIX as NATIVE
from tests.fakes.people import change_agent, make_agent
from tests.fakes.scripted_model import Call, CallsTools, Reply, Says, SeenRequest
from tests.fakes.worker_process import worker_processes
from turnkeeper.core.agents import AgentSettings
from turnkeeper.core.conversations import FINISHED, Message
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.events import (
    Event,
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    MessageQueued,
    ModelReturned,
    TextAdded,
    ToolCalled,
    ToolReturned,
    TurnStarted,
)
from turnkeeper.core.ids import from_prefixed, from_uuid, prefixed
from turnkeeper.core.overlap import Overlap
from turnkeeper.store import events
from turnkeeper.store.messages import Accepted

SEEDS = range(int(os.environ.get("TURNKEEPER_SEEDS", "2")))
_MESSAGES = 10
POLICIES: tuple[Overlap, ...] = get_args(Overlap)
ENDS = (MessageCompleted, MessageFailed, MessageCancelled)
STATES = {"completed": ("SUCCESS", "completed"), "cancelled": ("FAILURE", "failed")}
"""The status of the native dialect, and what the two others call it."""


def thinks_twice(seen: SeenRequest) -> Reply:
    """Search first, most of the time; then echo what was said."""
    last = seen.messages[-1]
    if last.role == "user" and seen.tools and len(last.content or "") % 4:
        return CallsTools((Call(tool="search_documents", arguments='{"query": "x"}', call_id="c1"),))
    return Says(f"You said: {seen.question}")


class Play:
    """One random run over one conversation that every door can see."""

    def __init__(self, stage: Stage, chance: random.Random, first: Accepted) -> None:
        self.stage = stage
        self.chance = chance
        self.first = first
        self.sent = [first.message_public_id]
        self.refused = 0

    async def send(self, number: int) -> None:
        """Send a message through one of the doors, under one of the policies."""
        overlap = self.chance.choice(POLICIES)
        text = "x" * self.chance.randrange(1, 9) + f" {number}"
        door = self.chance.choice((self._by_enthusiast, self._by_nairi, self._by_native))
        await door(text, overlap)

    async def pause(self) -> None:
        """Let something happen, or not."""
        changes = self.stage.turnkeeper.rooms.changes
        with changes.listening(self.first.conversation_id) as changed:
            try:
                await asyncio.wait_for(changed.wait(), self.chance.random() / 8)
            except TimeoutError:
                return

    async def _by_native(self, text: str, overlap: Overlap) -> None:
        try:
            sent = await self.stage.turnkeeper.actions.conversations.send(
                self.stage.people.admin, conversation=self.first.conversation_id, text=text, overlap=overlap
            )
        except ConflictError:
            self.refused += 1
            return
        self.sent.append(sent.value.message_public_id)

    async def _by_enthusiast(self, text: str, overlap: Overlap) -> None:
        await self._set_default(overlap)
        path = f"/api/conversations/{self.first.conversation_id}"
        answer = await self._post(path, {"question_message": text}, refusal=409)
        if answer is not None:
            self._note(from_uuid(str(answer["task_id"])))

    async def _by_nairi(self, text: str, overlap: Overlap) -> None:
        await self._set_default(overlap)
        job = prefixed("job", self.first.conversation_public_id)
        answer = await self._post(f"{NAIRI}/conversations/{job}/continue", {"prompt": text}, refusal=400)
        if answer is not None:
            self._note(from_prefixed(("cmsg",), str(answer["message_id"])))

    def _note(self, sent: UUID | None) -> None:
        assert sent is not None
        self.sent.append(sent)

    async def _set_default(self, overlap: Overlap) -> None:
        database = self.stage.turnkeeper.rooms.database
        admin = self.stage.people.admin
        talk = await self.stage.turnkeeper.actions.conversations.get(admin, conversation=self.first.conversation_id)
        async with database.connection() as connection:
            await change_agent(connection, replace(talk.agent, settings=AgentSettings(overlap=overlap)))

    async def _post(self, path: str, body: object, *, refusal: int) -> dict[str, object] | None:
        headers = {"Authorization": f"Bearer {self.stage.keys.admin}", "Content-Type": "application/json"}
        address = self.stage.address + path
        async with self.stage.http.post(address, data=msgspec.json.encode(body), headers=headers) as response:
            content = await response.read()
            if response.status == refusal:
                assert b"not finished" in content, content
                self.refused += 1
                return None
            assert response.status in {200, 202}, content
        return msgspec.json.decode(content, type=dict[str, object])

    async def shown(self, message: UUID) -> tuple[str, str, str]:
        """The status of a message, as the native dialect, Enthusiast and Nairi say it."""
        paths = (
            (f"{NATIVE}/messages/{prefixed('msg', message)}", "status"),
            (f"/api/task_status/{message}", "state"),
            (f"{NAIRI}/messages/{prefixed('cmsg', message)}", "status"),
        )
        found: list[str] = []
        for path, name in paths:
            headers = {"Authorization": f"Bearer {self.stage.keys.admin}", "Prefer": "wait=30"}
            async with self.stage.http.get(self.stage.address + path, headers=headers) as response:
                body = await response.read()
                assert response.status == 200, (path, body)
                found.append(str(msgspec.json.decode(body, type=dict[str, object])[name]))
        native, enthusiast, nairi = found
        return native, enthusiast, nairi


async def start(stage: Stage) -> Accepted:
    async with stage.turnkeeper.rooms.database.connection() as connection:
        agent = await make_agent(
            connection, stage.people.admin, name="Talker", data_set_id=stage.people.data_set_id, tools=()
        )
    started = await stage.turnkeeper.actions.conversations.start(
        stage.people.admin, agent=agent, text="xx 0", mode="execute", origin="api"
    )
    return started.value


def check_turns(log: Sequence[Event], asked: Sequence[Message]) -> None:
    """One live turn at a time, in the order of the messages; who was taken in ends with the turn."""
    live: int | None = None
    leader_of = {message.id: message.answered_with or message.id for message in asked}
    finished: list[int] = []
    for event in log:
        leader = leader_of[event.message_id]
        match event.body:
            case TurnStarted():
                assert live in {None, leader}, "two turns are live"
                live = leader
            case TextAdded() | ToolCalled() | ToolReturned() | ModelReturned():
                assert live == leader, "what is said belongs to the live turn"
            case MessageAbsorbed():
                assert leader == live != event.message_id
            case MessageCompleted() | MessageFailed():
                if event.message_id == leader:
                    assert live == leader
                    live = None
                    finished.append(leader)
                else:
                    assert finished[-1] == leader, "who was taken in ends with the turn"
            case MessageCancelled():
                live = None if live == leader else live
            case _:
                assert isinstance(event.body, MessageQueued)
    assert live is None
    assert finished == sorted(finished), "answers come in the order of their messages"


@pytest.mark.requirement("native.messages.together", "native.messages.busy")
async def test_all_policies_of_all_doors_keep_one_live_turn_and_one_order(stage: Stage) -> None:
    stage.model.rule = thinks_twice
    async with worker_processes(stage.database_url, stage.model, 2):
        for seed in SEEDS:
            chance = random.Random(seed)
            play = Play(stage, chance, await start(stage))
            for number in range(1, _MESSAGES):
                await play.pause()
                await asyncio.gather(*(play.send(number) for _ in range(chance.choice((1, 1, 2)))))
            await check(play)


async def check(play: Play) -> None:
    """When all is over, every door tells the same, and it is what the log says."""
    shown = {message: await play.shown(message) for message in play.sent}
    stage, conversation = play.stage, play.first.conversation_id
    read = await stage.turnkeeper.actions.conversations.read(stage.people.admin, conversation=conversation)
    async with stage.turnkeeper.rooms.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=conversation, limit=10_000)
    asked = [message for message in read.messages if message.role == "user"]
    replies = [message for message in read.messages if message.role != "user"]

    assert {message.public_id for message in asked} == set(play.sent)
    assert {message.status for message in asked} <= FINISHED - {"failed"}
    assert {message.public_id: message.status for message in asked} == {each: by[0] for each, by in shown.items()}
    assert all(by[1:] == STATES[by[0]] for by in shown.values())
    assert sorted(message.reply_to or 0 for message in replies) == sorted(
        message.id for message in asked if message.answered_with is None
    )
    ends = Counter(event.message_id for event in log if isinstance(event.body, ENDS))
    assert ends == Counter(message.id for message in asked)
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    check_turns(log, asked)
