"""Edits, answers once more, opinions, and messages that are answered together, over the wire."""

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Answer, Native, Shop, as_native
from tests.fakes.scripted_model import Says, Stalls
from tests.patience import PATIENCE
from turnkeeper.core.ids import from_prefixed, prefixed
from turnkeeper.core.overlap import Overlap


class Opinion(msgspec.Struct):
    account_id: str
    rating: str
    comment: str | None


class Reply(msgspec.Struct):
    id: str
    text: str
    feedback: list[Opinion]


class Queue(msgspec.Struct, frozen=True):
    ahead_in_conversation: int
    ahead_in_queue: int | None


class Message(msgspec.Struct):
    """A message, as far as these tests look."""

    id: str
    status: str
    text: str
    reply: Reply | None
    answered_with: str | None
    overlap: str
    left_out: str | None
    queue: Queue | None
    feedback: list[Opinion]


def message(answer: Answer, status: int = 200) -> Message:
    assert answer.status == status, answer.body
    return msgspec.json.decode(answer.body, type=Message)


async def finished(native: Native, message_id: str) -> Message:
    return message(await native.get(f"/messages/{message_id}", Prefer="wait=30"))


async def put(native: Native, path: str, body: object) -> Answer:
    headers = {"Content-Type": "application/json"}
    return await native.ask("PUT", path, data=msgspec.json.encode(body), headers=headers)


async def send(stage: Stage, first: str, text: str, overlap: Overlap) -> str:
    """Send a message behind another one of the admin's, under a policy; its native id."""
    before = from_prefixed(("msg",), first)
    assert before is not None
    actions, admin = stage.turnkeeper.actions, stage.people.admin
    standing = await actions.messages.standing(admin, message=before)
    sent = await actions.conversations.send(
        admin, conversation=standing.message.conversation_id, text=text, overlap=overlap
    )
    return prefixed("msg", sent.value.message_public_id)


@pytest.mark.requirement("native.messages.edit", "native.messages.regenerate")
async def test_a_message_is_edited_and_its_reply_made_once_more(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Says("One."), Says("Two."), Says("Two again."))
    first = as_native(await shop.ask(stage.keys.admin, "One?"))
    async with shop.working():
        await finished(admin, first)
        edited = await admin.post(f"/messages/{first}/edit", {"text": "Two?"}, Idempotency_Key="k")
        again = await admin.post(f"/messages/{first}/edit", {"text": "Two?"}, Idempotency_Key="k")
        second = await finished(admin, message(edited, 202).id)
        assert second.reply is not None
        regenerated = message(await admin.post(f"/messages/{second.reply.id}/regenerate"), 202)
        third = await finished(admin, regenerated.id)
    assert edited.headers["Location"] == f"/v1/messages/{second.id}"
    assert (again.headers["Idempotency-Replayed"], message(again, 202).id) == ("true", second.id)
    assert (second.text, second.reply.text) == ("Two?", "Two.")
    assert (third.text, third.reply and third.reply.text) == ("Two?", "Two again.")
    left = [message(await admin.get(f"/messages/{one}")).left_out for one in (first, second.id, third.id)]
    assert left == ["superseded", "superseded", None]
    gone = await admin.post(f"/messages/{first}/edit", {"text": "Three?"})
    assert (gone.status, gone.problem.code) == (409, "superseded")


@pytest.mark.requirement("native.messages.busy", "native.messages.queue")
async def test_a_queued_message_says_what_is_before_it_and_is_not_edited(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    conversation = await shop.begin(stage.keys.admin)
    first, second = [as_native(await shop.send(stage.keys.admin, conversation, text)) for text in ("One?", "Two?")]
    queues = [message(await admin.get(f"/messages/{one}")).queue for one in (first, second)]
    assert queues == [
        Queue(ahead_in_conversation=0, ahead_in_queue=0),
        Queue(ahead_in_conversation=1, ahead_in_queue=1),
    ]
    for answer in (
        await admin.post(f"/messages/{first}/edit", {"text": "Other?"}),
        await admin.post(f"/messages/{second}/regenerate"),
    ):
        assert (answer.status, answer.problem.code) == (409, "busy")


@pytest.mark.requirement("native.messages.edit")
@pytest.mark.parametrize(
    ("body", "code"), [({}, "missing"), ({"text": " "}, "blank"), ({"text": "x", "files": []}, "unknown_field")]
)
async def test_an_edit_says_something_and_nothing_else(
    stage: Stage, shop: Shop, admin: Native, body: object, code: str
) -> None:
    first = as_native(await shop.ask(stage.keys.admin))
    refused = await admin.post(f"/messages/{first}/edit", body)
    assert (refused.status, [fault.code for fault in refused.problem.errors]) == (400, [code])


@pytest.mark.requirement("native.messages.feedback")
async def test_opinions_are_shown_with_the_reply(stage: Stage, shop: Shop, admin: Native, member: Native) -> None:
    stage.model.will(Says("One."))
    first = as_native(await shop.ask(stage.keys.member, "One?"))
    early = await put(member, f"/messages/{first}/feedback", {"rating": "up"})
    async with shop.working():
        reply = (await finished(member, first)).reply
    assert reply is not None
    path = f"/messages/{reply.id}/feedback"
    rated = message(await put(member, path, {"rating": "down", "comment": "Wrong."}))
    await put(admin, f"/messages/{first}/feedback", {"rating": "down"})
    await put(member, path, {"rating": "up", "comment": " "})
    shown = (await finished(member, first)).reply
    removed = [await member.ask("DELETE", path) for _ in range(2)]
    left = message(await member.get(f"/messages/{reply.id}")).feedback
    wrong = await put(member, path, {"rating": "sideways"})
    assert (early.status, early.problem.code) == (409, "no_answer")
    assert [(one.rating, one.comment) for one in rated.feedback] == [("down", "Wrong.")]
    assert shown is not None
    assert [(one.rating, one.comment) for one in shown.feedback] == [("up", None), ("down", None)]
    assert ([one.status for one in removed], [one.rating for one in left]) == ([204, 204], ["down"])
    assert (wrong.status, wrong.problem.errors[0].pointer) == (400, "/rating")


@pytest.mark.requirement("native.messages.edit", "native.messages.regenerate", "native.messages.feedback")
async def test_what_belongs_to_another_organization_is_not_there(stage: Stage, shop: Shop, outsider: Native) -> None:
    first = as_native(await shop.ask(stage.keys.admin))
    answers: Sequence[Answer] = (
        await outsider.post(f"/messages/{first}/edit", {"text": "Mine?"}),
        await outsider.post(f"/messages/{first}/regenerate"),
        await put(outsider, f"/messages/{first}/feedback", {"rating": "up"}),
        await outsider.ask("DELETE", f"/messages/{first}/feedback"),
    )
    assert [answer.status for answer in answers] == [404] * 4


@pytest.mark.requirement("native.messages.together")
async def test_messages_that_are_answered_together_show_the_same_reply(stage: Stage, shop: Shop, admin: Native) -> None:
    stage.model.will(Stalls("One."), Says("Both."))
    first = as_native(await shop.ask(stage.keys.admin, "One?"))
    async with shop.working():
        await asyncio.wait_for(stage.model.stalled.wait(), PATIENCE)
        second, third = [await send(stage, first, text, "merge") for text in ("Two?", "Three?")]
        stage.model.release()
        leader, joined = await finished(admin, second), await finished(admin, third)
    assert (leader.overlap, leader.answered_with) == ("enqueue", None)
    assert (joined.overlap, joined.answered_with) == ("merge", second)
    assert leader.reply is not None
    assert joined.reply == leader.reply
    assert (joined.status, leader.reply.text) == ("completed", "Both.")
