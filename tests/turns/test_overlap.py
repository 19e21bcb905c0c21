"""A message that comes while another one is being answered: what each policy makes of it."""

import asyncio
from dataclasses import replace

import pytest

from tests.fakes.people import change_agent
from tests.fakes.scripted_model import Says, Stalls
from tests.patience import PATIENCE
from tests.turns.floor import Floor, refund
from turnkeeper.core.agents import AgentSettings, ApprovalPolicy
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.events import (
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageQueued,
)
from turnkeeper.core.overlap import Overlap
from turnkeeper.store.messages import Accepted


async def send(floor: Floor, accepted: Accepted, text: str, overlap: Overlap | None = None) -> Accepted:
    sent = await floor.conversations.send(
        floor.staff.admin, conversation=accepted.conversation_id, text=text, overlap=overlap
    )
    return sent.value


async def stalled(floor: Floor) -> None:
    """Wait until the model is in the middle of an answer."""
    await asyncio.wait_for(floor.model.stalled.wait(), PATIENCE)


def said_by_person(floor: Floor, request: int) -> list[str]:
    """What the person said, as the model saw it in its request of this number."""
    return [message.content or "" for message in floor.model.requests[request].messages if message.role == "user"]


async def test_a_message_is_refused_while_another_is_unfinished_and_nothing_is_written(floor: Floor) -> None:
    accepted = await floor.start(ApprovalPolicy())
    with pytest.raises(ConflictError) as refused:
        await send(floor, accepted, "Hello?", "reject")
    assert refused.value.code == "busy"
    assert (len(await floor.talk(accepted)), await floor.log(accepted)) == (1, [MessageQueued()])
    floor.model.will(Says("Done."), Says("Hello!"))
    async with floor.working():
        await floor.finished(accepted)
        again = await send(floor, accepted, "Hello?", "reject")
        talk = await floor.finished(again)
    assert (again.overlap, talk[-1].text) == ("enqueue", "Hello!")


async def test_a_newer_message_interrupts_what_runs_and_what_waits_and_the_partial_answer_is_kept(floor: Floor) -> None:
    floor.model.will(Stalls("As far as I"), Says("Now this."))
    async with floor.working() as worker:
        first = await floor.start(ApprovalPolicy())
        waiting = await send(floor, first, "And that?")
        await stalled(floor)
        await floor.until_said(first)
        newer = await send(floor, first, "No, this!", "interrupt")
        talk = await floor.finished(newer)
    said = (await floor.said(first)).removesuffix("Now this.")
    assert said
    assert newer.overlap == "interrupt"
    assert [message.status for message in talk] == ["cancelled", "completed"] * 2 + ["completed"] * 2
    assert [message.text for message in talk] == [
        "Refund it.",
        said,
        "And that?",
        "The message was interrupted by a newer one before anything was answered.",
        "No, this!",
        "Now this.",
    ]
    log = await floor.log(first)
    assert [body.how for body in log if isinstance(body, MessageCancelled)] == ["interrupted"] * 2
    assert log.index(MessageQueued(overlap="interrupt")) > log.index(
        MessageCancelled(reply_id=talk[3].id, how="interrupted")
    )
    assert [end.outcome for end in worker.ends] == ["lost", "completed"]
    # What was interrupted is remembered, with what was said.
    assert (said_by_person(floor, 1))[0] == "Refund it."
    assert any(said in (message.content or "") for message in floor.model.requests[1].messages)
    assert waiting.overlap == "enqueue"


async def test_what_was_rolled_back_is_marked_and_not_remembered(floor: Floor) -> None:
    floor.model.will(Stalls("As far as I"), Says("Now this."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await stalled(floor)
        await floor.until_said(first)
        newer = await send(floor, first, "Forget it. This!", "rollback")
        talk = await floor.finished(newer)
    assert [(message.text, message.left_out) for message in talk] == [
        ("Refund it.", "rolled_back"),
        ("The message was rolled back in favour of a newer one.", "rolled_back"),
        ("Forget it. This!", None),
        ("Now this.", None),
    ]
    assert said_by_person(floor, 1) == ["Forget it. This!"]
    assert [body.how for body in await floor.log(first) if isinstance(body, MessageCancelled)] == ["rolled_back"]


async def test_a_steering_message_is_heard_before_the_next_call_of_the_model_and_shares_the_reply(floor: Floor) -> None:
    floor.tool.hold()
    floor.model.will(refund("c1"), Says("In blue then."), Says("Bye."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        waiting = await send(floor, first, "Bye!")
        await asyncio.wait_for(floor.tool.begun.wait(), PATIENCE)
        steering = await send(floor, first, "Make it blue.", "steer")
        floor.tool.release()
        talk = await floor.finished(waiting)
    assert steering.overlap == "steer"
    assert [message.text for message in talk] == ["Refund it.", "Make it blue.", "In blue then.", "Bye!", "Bye."]
    assert [message.status for message in talk] == ["completed"] * 5
    assert (talk[1].answered_with, talk[2].reply_to) == (first.message_id, first.message_id)
    assert said_by_person(floor, 1) == ["Refund it.", "Make it blue."]
    # The next turn reads the talk as it was.
    assert [(message.role, message.content) for message in floor.model.requests[2].messages if message.content][1:] == [
        ("user", "Refund it."),
        ("tool", floor.model.requests[1].messages[-2].content),
        ("user", "Make it blue."),
        ("assistant", "In blue then."),
        ("user", "Bye!"),
    ]
    log = await floor.log(first)
    assert MessageAbsorbed(into=first.message_public_id, model_call=2, how="steer") in log
    assert len([body for body in log if isinstance(body, MessageCompleted)]) == 3


async def test_a_turn_that_ends_first_leaves_the_steering_message_to_be_answered_by_itself(floor: Floor) -> None:
    floor.model.will(Stalls("One."), Says("Two."), Says("Three."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await stalled(floor)
        second = await send(floor, first, "Two?")
        steering = await send(floor, first, "Three?", "steer")
        floor.model.release()
        talk = await floor.finished(steering)
    assert [message.text for message in talk] == ["Refund it.", "One.", "Two?", "Two.", "Three?", "Three."]
    assert {message.answered_with for message in talk} == {None}
    assert second.overlap == "enqueue"


async def test_messages_that_wait_are_answered_together_in_order(floor: Floor) -> None:
    floor.model.will(Stalls("One."), Says("All of it."), Says("Alone."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await stalled(floor)
        applied = [(await send(floor, first, text, "merge")).overlap for text in ("Two?", "Three?", "Four?")]
        alone = await send(floor, first, "Five?")
        floor.model.release()
        talk = await floor.finished(alone)
    assert applied == ["enqueue", "merge", "merge"]
    assert [message.text for message in talk] == [
        "Refund it.",
        "One.",
        "Two?",
        "Three?",
        "Four?",
        "All of it.",
        "Five?",
        "Alone.",
    ]
    assert [message.status for message in talk] == ["completed"] * 8
    assert (said_by_person(floor, 1))[-1] == "Two?\n\nThree?\n\nFour?"
    assert (said_by_person(floor, 2))[-2:] == ["Two?\n\nThree?\n\nFour?", "Five?"]
    assert len(floor.model.requests) == 3


@pytest.mark.parametrize("overlap", ["interrupt", "rollback", "steer"])
async def test_a_message_that_waits_for_a_person_is_never_dropped_by_another(floor: Floor, overlap: Overlap) -> None:
    floor.model.will(refund("c1"), Says("Refunded."), Says("Bye."))
    async with floor.working():
        first = await floor.start()
        (approval,) = await floor.asked(first)
        later = await send(floor, first, "Bye!", overlap)
        await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved")
        talk = await floor.finished(later)
    assert later.overlap == "enqueue"
    assert [message.text for message in talk] == ["Refund it.", "Refunded.", "Bye!", "Bye."]
    assert len(floor.tool.keys) == 1


@pytest.mark.parametrize("overlap", ["interrupt", "rollback"])
async def test_a_call_that_changes_the_world_is_not_cut_off(floor: Floor, overlap: Overlap) -> None:
    floor.tool.hold()
    floor.model.will(refund("c1"), Says("Refunded."), Says("Bye."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await asyncio.wait_for(floor.tool.begun.wait(), PATIENCE)
        later = await send(floor, first, "Bye!", overlap)
        floor.tool.release()
        talk = await floor.finished(later)
    assert later.overlap == "enqueue"
    assert [message.text for message in talk] == ["Refund it.", "Refunded.", "Bye!", "Bye."]


async def test_a_message_that_says_nothing_takes_the_agents_policy(floor: Floor) -> None:
    first = await floor.start(ApprovalPolicy())
    found = await floor.conversations.get(floor.staff.admin, conversation=first.conversation_id)
    async with floor.database.connection() as connection:
        await change_agent(connection, replace(found.agent, settings=AgentSettings(overlap="reject")))
    with pytest.raises(ConflictError):
        await send(floor, first, "Hello?")
    assert (await send(floor, first, "Hello?", "enqueue")).overlap == "enqueue"


async def test_who_cancels_a_message_that_was_taken_in_cancels_the_turn(floor: Floor) -> None:
    floor.tool.hold()
    floor.model.will(refund("c1"), Stalls("In bl"))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await asyncio.wait_for(floor.tool.begun.wait(), PATIENCE)
        steering = await send(floor, first, "Make it blue.", "steer")
        floor.tool.release()
        await stalled(floor)
        await floor.until_said(first)
        cancelled = await floor.conversations.cancel(floor.staff.admin, message=steering.message_public_id)
    talk, said = await floor.talk(first), await floor.said(first)
    assert cancelled.value.status == "cancelled"
    assert [(message.status, message.text) for message in talk] == [
        ("cancelled", "Refund it."),
        ("cancelled", "Make it blue."),
        ("completed", said),
    ]
    assert [body for body in await floor.log(first) if isinstance(body, MessageCancelled)] == [
        MessageCancelled(reply_id=talk[2].id)
    ] * 2
    assert said


async def test_a_turn_that_fails_fails_all_that_it_took_in(floor: Floor) -> None:
    floor.model.will(Stalls("One."), Says(""), Says(""))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await stalled(floor)
        await send(floor, first, "Two?", "merge")
        third = await send(floor, first, "Three?", "merge")
        floor.model.release()
        talk = await floor.finished(third)
    assert [message.status for message in talk] == ["completed", "completed", "failed", "failed", "completed"]
