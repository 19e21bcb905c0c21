"""Cancelling a message: it ends at once, wherever it stands, and nothing that was said is lost."""

import asyncio

import pytest

from tests.fakes.scripted_model import Says, Stalls
from tests.patience import PATIENCE
from tests.turns.floor import Floor, refund
from turnkeeper.core.agents import ApprovalPolicy
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.events import MessageCancelled, MessageCompleted, TextAdded
from turnkeeper.core.idempotency import IdempotencyKey


async def test_a_running_answer_is_stopped_and_keeps_what_was_said(floor: Floor) -> None:
    floor.model.will(Stalls("As far as I"))
    async with floor.working() as worker:
        accepted = await floor.start()
        await asyncio.wait_for(floor.model.stalled.wait(), PATIENCE)
        await floor.until_said(accepted)
        cancelled = await floor.conversations.cancel(floor.staff.admin, message=accepted.message_public_id)
        await asyncio.wait_for(floor.model.hung_up.wait(), PATIENCE)
        again = await floor.conversations.cancel(floor.staff.admin, message=accepted.message_public_id)
    talk, said = await floor.talk(accepted), await floor.said(accepted)

    assert (cancelled.value.status, again.value.status, talk[0].status) == ("cancelled",) * 3
    assert (talk[1].role, talk[1].text) == ("assistant", said)
    assert said
    assert [end.outcome for end in worker.ends] == ["lost"]
    log = await floor.log(accepted)
    assert log[-1] == MessageCancelled(reply_id=talk[1].id)
    assert not [body for body in log if isinstance(body, MessageCompleted)]


async def test_a_queued_message_is_never_answered_and_the_next_one_is(floor: Floor) -> None:
    first = await floor.start(ApprovalPolicy())
    second, third = [
        (await floor.conversations.send(floor.staff.admin, conversation=first.conversation_id, text=text)).value
        for text in ("Never mind.", "say three")
    ]
    await floor.conversations.cancel(floor.staff.admin, message=second.message_public_id)
    floor.model.will(Says("One."), Says("Three."))
    async with floor.working():
        talk = await floor.finished(third)

    assert [message.text for message in talk] == [
        "Refund it.",
        "One.",
        "Never mind.",
        "The message was cancelled before anything was answered.",
        "say three",
        "Three.",
    ]
    assert [message.role for message in talk][3] == "system"
    assert len(floor.model.requests) == 2


async def test_a_message_behind_a_running_one_is_cancelled_without_disturbing_it(floor: Floor) -> None:
    floor.model.will(Stalls("The whole answer."))
    async with floor.working() as worker:
        first = await floor.start(ApprovalPolicy())
        second = await floor.conversations.send(
            floor.staff.admin, conversation=first.conversation_id, text="Never mind."
        )
        await asyncio.wait_for(floor.model.stalled.wait(), PATIENCE)
        await floor.conversations.cancel(floor.staff.admin, message=second.value.message_public_id)
        floor.model.release()
        talk = await floor.finished(first)

    assert [message.text for message in talk][:2] == ["Refund it.", "The whole answer."]
    assert [end.outcome for end in worker.ends] == ["completed"]


async def test_a_parked_message_is_cancelled_its_question_is_withdrawn_and_the_next_is_answered(floor: Floor) -> None:
    floor.model.will(refund("c1"), Says("Bye."))
    async with floor.working():
        accepted = await floor.start()
        (approval,) = await floor.asked(accepted)
        later = await floor.conversations.send(floor.staff.admin, conversation=accepted.conversation_id, text="Bye.")
        await floor.conversations.cancel(floor.staff.admin, message=accepted.message_public_id)
        with pytest.raises(ConflictError) as refused:
            await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved")
        talk = await floor.finished(later.value)

    assert (refused.value.code, floor.tool.keys) == ("already_decided", [])
    assert (await floor.approvals.get(floor.staff.admin, approval=approval.id)).state == "cancelled"
    assert [message.status for message in talk] == ["cancelled", "completed", "completed", "completed"]


async def test_text_of_a_call_that_was_made_again_is_not_kept_twice(floor: Floor) -> None:
    floor.model.will(Stalls("First"))  # of one word: of several, each may be written by itself
    async with floor.working(drain_seconds=0.1):
        accepted = await floor.start(ApprovalPolicy())
        await asyncio.wait_for(floor.model.stalled.wait(), PATIENCE)
        await floor.until_said(accepted)
    floor.model.stalled.clear()
    floor.model.will(Stalls("Second"))
    async with floor.working():
        await asyncio.wait_for(floor.model.stalled.wait(), PATIENCE)
        await floor.until_said(accepted, pieces=2)
        await floor.conversations.cancel(floor.staff.admin, message=accepted.message_public_id)
    texts = [body.text for body in await floor.log(accepted) if isinstance(body, TextAdded)]
    talk = await floor.talk(accepted)

    assert len(texts) == 2
    assert talk[1].text == texts[1]


async def test_what_is_finished_stays_as_it_is(floor: Floor) -> None:
    floor.model.will(Says("Done."))
    async with floor.working():
        accepted = await floor.start(ApprovalPolicy())
        talk = await floor.finished(accepted)
    cancelled = await floor.conversations.cancel(floor.staff.admin, message=accepted.message_public_id)

    assert (cancelled.value.status, await floor.talk(accepted)) == ("completed", talk)


async def test_only_who_may_see_a_message_cancels_it_and_a_reply_is_no_message_to_cancel(floor: Floor) -> None:
    floor.model.will(Says("Done."))
    async with floor.working():
        accepted = await floor.start(ApprovalPolicy())
        talk = await floor.finished(accepted)
    for stranger in (floor.staff.member, floor.staff.outsider):
        with pytest.raises(NotFoundError):
            await floor.conversations.cancel(stranger, message=accepted.message_public_id)
    with pytest.raises(InvalidError):
        await floor.conversations.cancel(floor.staff.admin, message=talk[1].public_id)


async def test_a_key_makes_a_cancel_once(floor: Floor) -> None:
    key = IdempotencyKey(route="POST /cancel", key="k", fingerprint=b"same")
    accepted = await floor.start(ApprovalPolicy())
    both = [
        await floor.conversations.cancel(floor.staff.admin, message=accepted.message_public_id, key=key)
        for _ in range(2)
    ]

    assert [one.replayed for one in both] == [False, True]
    assert both[0].value == both[1].value
