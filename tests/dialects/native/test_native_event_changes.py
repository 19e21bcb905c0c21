"""Logs of conversations that are edited, answered together, steered, forked and deleted: what a reader is told of it.

Whoever follows from the beginning, and whoever takes a snapshot at any moment and follows from there, know the same at the
end; and that is what a snapshot says then.
"""

import asyncio
from dataclasses import dataclass, field

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native, Shop, open_shop
from tests.dialects.native.talks import talk_of
from tests.fakes.event_reader import EventReader, frames_in
from tests.fakes.scripted_model import Call, CallsTools, Says, Stalls
from tests.fakes.told import Event, Message, Snapshot, Told
from tests.patience import PATIENCE
from turnkeeper.core.agents import ApprovalPolicy

STREAM = "text/event-stream"
REFUND = CallsTools((Call(tool="refund", arguments='{"amount": 1}', call_id="c1"),), text="One moment.")


@dataclass(kw_only=True)
class Followed:
    """A conversation of which snapshots are taken on the way, and a reader who hears it from the beginning."""

    shop: Shop
    admin: Native
    talk: str
    moments: list[Snapshot] = field(default_factory=list[Snapshot])

    async def say(self, text: str, overlap: str = "enqueue") -> str:
        """Send a message; its id. A moment is kept."""
        sent = await self.admin.post(f"/conversations/{self.talk}/messages", {"text": text, "overlap": overlap})
        assert sent.status == 202, sent.body
        await self.look()
        return msgspec.json.decode(sent.body, type=Message).id

    async def edit(self, message: str, text: str) -> str:
        """Edit a message; the id of the new one. A moment is kept."""
        edited = await self.admin.post(f"/messages/{message}/edit", {"text": text})
        assert edited.status == 202, edited.body
        await self.look()
        return msgspec.json.decode(edited.body, type=Message).id

    async def stalled(self) -> None:
        """Wait until the model is silent; a moment is kept."""
        await asyncio.wait_for(self.shop.stage.model.stalled.wait(), PATIENCE)
        self.shop.stage.model.stalled.clear()
        await self.look()

    async def finished(self, message: str) -> None:
        assert (await self.admin.finished(message)).status == "completed"
        await self.look()

    async def look(self) -> None:
        """Keep the moment."""
        self.moments.append(await self.snapshot())

    async def snapshot(self) -> Snapshot:
        answer = await self.admin.get(f"/conversations/{self.talk}/snapshot")
        return msgspec.json.decode(answer.body, type=Snapshot)

    async def log(self, *, after: int = 0) -> list[Event]:
        """The events after a number, as a stream tells them."""
        answer = await self.admin.get(f"/conversations/{self.talk}/events?follow=false&after={after}", Accept=STREAM)
        *frames, end = frames_in(answer.body)
        assert end.data["reason"] == "log_end"
        return [msgspec.convert(frame.data, Event) for frame in frames]

    async def turn(self, message: str) -> list[Event]:
        """What a stream of one message tells, to its end."""
        answer = await self.admin.get(f"/messages/{message}/events", Accept=STREAM)
        *frames, end = frames_in(answer.body)
        assert end.data["reason"] == "turn_ended"
        return [msgspec.convert(frame.data, Event) for frame in frames]

    async def check(self) -> None:
        """All ways to know it know the same."""
        end = await self.snapshot()
        assert end.turn is None
        whole = Told().hear(await self.log())
        assert whole.gist() == Told(end).gist()
        assert len(self.moments) > 3
        for moment in self.moments:
            rest = await self.log(after=moment.last_event)
            assert Told(moment).hear(rest).gist() == whole.gist(), moment.last_event


async def followed(shop: Shop, admin: Native) -> Followed:
    return Followed(
        shop=shop,
        admin=admin,
        talk=talk_of(await admin.post("/conversations", {"agent": shop.agent.slug})).id,
    )


@pytest.fixture
async def one(shop: Shop, admin: Native) -> Followed:
    return await followed(shop, admin)


@pytest.mark.requirement("native.events.snapshot", "native.messages.edit")
async def test_an_edit_tells_which_messages_were_left_behind(one: Followed) -> None:
    one.shop.stage.model.will(Says("One."), Says("Two."), Stalls("Other."))
    async with one.shop.working():
        first, second = await one.say("One?"), await one.say("Two?")
        await one.finished(second)
        live = asyncio.create_task(one.admin.get(f"/conversations/{one.talk}/events?until=idle", Accept=STREAM))
        other = await one.edit(first, "Other?")
        await one.stalled()
        one.shop.stage.model.release()
        await one.finished(other)
        await live

    await one.check()
    (superseded,) = [event for event in await one.log() if event.event == "messages.superseded"]
    assert (superseded.message_id, superseded.by, superseded.count) == (first, other, 4)
    # Who looks at one turn alone: the old one is over, and told to its end as before.
    assert [event.event for event in await one.turn(second)][-1] == "message.completed"
    assert [event.event for event in await one.turn(other)][-1] == "message.completed"


@pytest.mark.requirement("native.events.snapshot", "native.messages.together")
async def test_messages_that_are_answered_together_say_with_which_one(one: Followed) -> None:
    one.shop.stage.model.will(Stalls("One."), Stalls("All."))
    async with one.shop.working():
        await one.say("One?")
        await one.stalled()
        leader = await one.say("Two?", "merge")
        joined = [await one.say(text, "merge") for text in ("Three?", "Four?")]
        live = [asyncio.create_task(one.turn(message)) for message in (leader, *joined)]
        one.shop.stage.model.release()
        await one.stalled()
        one.shop.stage.model.release()
        await one.finished(joined[-1])
        told = [await asyncio.wait_for(turn, PATIENCE) for turn in live]

    await one.check()
    for message, events in zip(joined, told[1:], strict=True):
        kinds = [event.event for event in events]
        assert (kinds[0], kinds[-1]) == ("message.queued", "message.completed")
        (absorbed,) = [event for event in events if event.event == "message.absorbed"]
        assert (absorbed.into, absorbed.how) == (leader, "merge")
        assert events[-1].reply_id == told[0][-1].reply_id
        assert {event.message_id for event in events} == {message}


@pytest.mark.requirement("native.events.snapshot", "native.messages.together")
async def test_a_message_that_is_handed_to_a_running_turn_says_so(stage: Stage, admin: Native) -> None:
    one = await followed(await open_shop(stage, ApprovalPolicy()), admin)
    one.shop.refund.hold()
    stage.model.will(REFUND, Stalls("In blue then."))
    async with one.shop.working():
        first = await one.say("Refund it.")
        await asyncio.wait_for(one.shop.refund.begun.wait(), PATIENCE)
        steering = await one.say("Make it blue.", "steer")
        live = asyncio.create_task(one.turn(steering))
        one.shop.refund.release()
        await one.stalled()
        stage.model.release()
        await one.finished(steering)
        events = await asyncio.wait_for(live, PATIENCE)

    await one.check()
    assert [event.event for event in events] == ["message.queued", "message.absorbed", "message.completed"]
    assert (events[1].into, events[1].how, events[1].model_call) == (first, "steer", 2)


@pytest.mark.requirement("native.events.snapshot")
@pytest.mark.parametrize("overlap", ["interrupt", "rollback"])
async def test_a_message_that_is_cut_off_by_another_is_told_to_its_end(one: Followed, overlap: str) -> None:
    one.shop.stage.model.will(Stalls("Half an ans"), Says("Instead."))
    async with one.shop.working():
        first = await one.say("One?")
        await one.shop.said_something(one.admin, first)
        await one.stalled()
        live = asyncio.create_task(one.turn(first))
        second = await one.say("No, two.", overlap)
        await one.finished(second)
        events = await asyncio.wait_for(live, PATIENCE)

    await one.check()
    assert (events[-1].event, events[-1].how) == (
        "message.cancelled",
        {"interrupt": "interrupted", "rollback": "rolled_back"}[overlap],
    )


@pytest.mark.requirement("native.events.snapshot", "native.conversations.fork")
async def test_a_fork_has_a_log_of_its_own_and_says_nothing_to_readers_of_the_other(one: Followed) -> None:
    one.shop.stage.model.will(Says("One."), Says("Two."), Stalls("Forked."))
    async with one.shop.working():
        first, second = await one.say("One?"), await one.say("Two?")
        await one.finished(second)
        before = await one.log()
        forked = await one.admin.post(f"/conversations/{one.talk}/fork", {"message": first})
        fork = Followed(shop=one.shop, admin=one.admin, talk=talk_of(forked).id)
        for _ in range(2):
            await fork.look()
        third = await fork.say("And now?")
        await fork.stalled()
        one.shop.stage.model.release()
        await fork.finished(third)

    await fork.check()
    assert await one.log() == before
    own = {event.message_id for event in await fork.log()}
    assert own.isdisjoint(event.message_id for event in before)
    assert [event.number for event in await fork.log()] == list(range(1, len(await fork.log()) + 1))


@pytest.mark.requirement("native.events.stream", "native.conversations.delete")
async def test_readers_of_a_deleted_conversation_are_told_that_it_is_gone(one: Followed) -> None:
    one.shop.stage.model.will(Stalls("Half an ans"))
    stage = one.shop.stage
    async with one.shop.working():
        message = await one.say("One?")
        await one.stalled()
        readers = [
            EventReader(address=lambda: stage.address, path=f"/v1{path}/events", key=stage.keys.admin)
            for path in (f"/conversations/{one.talk}", f"/messages/{message}")
        ]
        reading = [asyncio.create_task(reader.read_once()) for reader in readers]
        async with asyncio.timeout(PATIENCE):
            while stage.turnkeeper.rooms.tails.open_readers < len(readers):
                await one.admin.get(f"/messages/{message}")
        assert (await one.admin.delete(f"/conversations/{one.talk}")).status == 200
        ended = await asyncio.wait_for(asyncio.gather(*reading), PATIENCE)
        stage.model.release()

    assert ended == [True, True]
    assert [reader.frames[-1].data["reason"] for reader in readers] == ["deleted", "deleted"]
    assert (await one.admin.get(f"/conversations/{one.talk}/snapshot")).status == 404
