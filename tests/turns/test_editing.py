"""Saying something else, having it said again, and what people think of it."""

import asyncio
from uuid import UUID

import pytest

from tests.fakes.scripted_model import Says, Stalls
from tests.patience import PATIENCE
from tests.turns.floor import Floor
from turnkeeper.core.agents import ApprovalPolicy
from turnkeeper.core.conversations import Message
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.events import MessagesSuperseded
from turnkeeper.core.feedback import Feedback
from turnkeeper.core.idempotency import IdempotencyKey
from turnkeeper.store.messages import Accepted


async def send(floor: Floor, accepted: Accepted, text: str) -> Accepted:
    return (await floor.conversations.send(floor.staff.admin, conversation=accepted.conversation_id, text=text)).value


async def edit(floor: Floor, message: UUID, text: str | None) -> Accepted:
    return (await floor.messages.edit(floor.staff.admin, message=message, text=text)).value


async def upload(floor: Floor) -> int:
    """A file of the admin's; its id."""
    async with floor.database.connection() as connection:
        cursor = await connection.execute(
            """
            WITH blob AS (
                INSERT INTO blobs (organization_id, hash, size, text) VALUES (%(organization)s, 'x', 4, 'Text') RETURNING id
            )
            INSERT INTO files (public_id, organization_id, account_id, blob_id, name, media_type)
            SELECT gen_random_uuid(), %(organization)s, %(account)s, id, 'a.txt', 'text/plain' FROM blob RETURNING id
            """,
            {"organization": floor.staff.admin.organization_id, "account": floor.staff.admin.account_id},
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def texts(talk: list[Message]) -> list[str]:
    return [message.text for message in talk]


def asked(floor: Floor, request: int) -> list[str]:
    """What was said, as the model saw it in its request of this number."""
    return [message.content or "" for message in floor.model.requests[request].messages[1:]]


async def test_an_edit_leaves_the_talk_from_there_on_behind(floor: Floor) -> None:
    floor.model.will(Says("One."), Says("Two."), Says("Three."), Says("Other."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        second = await send(floor, first, "Two?")
        third = await send(floor, first, "Three?")
        before = await floor.finished(third)
        edited = await edit(floor, second.message_public_id, "Other?")
        talk = await floor.finished(edited)
    assert texts(talk) == ["Refund it.", "One.", "Other?", "Other."]
    assert asked(floor, 3) == ["Refund it.", "One.", "Other?"]
    assert MessagesSuperseded(by=edited.message_public_id, count=4) in await floor.log(first)
    kept = [await floor.messages.standing(floor.staff.admin, message=message.public_id) for message in before[2:]]
    assert [(each.message.text, each.message.left_out) for each in kept] == [
        (text, "superseded") for text in ("Two?", "Two.", "Three?", "Three.")
    ]
    with pytest.raises(ConflictError) as refused:
        await edit(floor, second.message_public_id, "Once more?")
    assert refused.value.code == "superseded"


async def test_an_edited_first_message_gives_the_conversation_its_new_name(floor: Floor) -> None:
    floor.model.will(Says("One."), Says("Other."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await floor.finished(first)
        talk = await floor.finished(await edit(floor, first.message_public_id, "Other?"))
    found = await floor.conversations.get(floor.staff.admin, conversation=first.conversation_id)
    assert (texts(talk), found.summary) == (["Other?", "Other."], "Other?")
    assert asked(floor, 1) == ["Other?"]


async def test_a_reply_is_made_once_more_from_the_same_message_and_files(floor: Floor) -> None:
    file = await upload(floor)
    floor.model.will(Says("One."), Says("Two."), Says("Two again."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        sent = await floor.conversations.send(
            floor.staff.admin, conversation=first.conversation_id, text="Two?", attached=[file]
        )
        talk = await floor.finished(sent.value)
        again = await edit(floor, talk[3].public_id, None)
        new = await floor.finished(again)
    assert texts(new) == ["Refund it.", "One.", "Two?", "Two again."]
    assert [one.name for one in new[2].files] == [one.name for one in talk[2].files] == ["a.txt"]


async def test_what_was_answered_together_is_asked_together_again(floor: Floor) -> None:
    floor.model.will(Stalls("One."), Says("Both."), Says("Both again."), Says("Alone."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await asyncio.wait_for(floor.model.stalled.wait(), PATIENCE)
        second = await send(floor, first, "Two?")
        third = await floor.conversations.send(
            floor.staff.admin, conversation=first.conversation_id, text="Three?", overlap="merge"
        )
        floor.model.release()
        await floor.finished(second)
        with pytest.raises(ConflictError) as refused:
            await edit(floor, third.value.message_public_id, "Other?")
        again = await edit(floor, third.value.message_public_id, None)
        talk = await floor.finished(again)
        edited = await floor.finished(await edit(floor, again.message_public_id, "Alone?"))
    assert refused.value.code == "answered_together"
    assert texts(talk) == ["Refund it.", "One.", "Two?", "Three?", "Both again."]
    assert texts(edited) == ["Refund it.", "One.", "Alone?", "Alone."]


async def test_nothing_is_edited_while_something_after_it_is_unfinished(floor: Floor) -> None:
    first = await floor.start(ApprovalPolicy())
    await send(floor, first, "Two?")
    for text in ("Other?", None):
        with pytest.raises(ConflictError) as refused:
            await edit(floor, first.message_public_id, text)
        assert refused.value.code == "busy"
    assert texts(await floor.talk(first)) == ["Refund it.", "Two?"]


async def test_only_who_may_write_edits_and_only_what_a_person_said(floor: Floor) -> None:
    floor.model.will(Says("One."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        talk = await floor.finished(first)
    for stranger in (floor.staff.member, floor.staff.outsider):
        with pytest.raises(NotFoundError):
            await floor.messages.edit(stranger, message=first.message_public_id, text="Other?")
    with pytest.raises(InvalidError):
        await edit(floor, talk[1].public_id, "Other.")
    with pytest.raises(InvalidError):
        await edit(floor, first.message_public_id, " ")


async def test_a_key_makes_an_edit_once(floor: Floor) -> None:
    floor.model.will(Says("One."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy())
        await floor.finished(first)
    key = IdempotencyKey(route="POST /edit", key="k", fingerprint=b"same")
    both = [
        await floor.messages.edit(floor.staff.admin, message=first.message_public_id, text="Other?", key=key)
        for _ in range(2)
    ]
    assert [one.replayed for one in both] == [False, True]
    assert both[0].value == both[1].value
    assert texts(await floor.talk(first)) == ["Other?"]


async def test_each_account_has_one_opinion_of_a_reply(floor: Floor) -> None:
    floor.model.will(Says("One."))
    async with floor.working():
        first = await floor.start(ApprovalPolicy(), caller=floor.staff.member)
        talk = await floor.finished(first)
    reply = talk[1].public_id
    rate = floor.messages.rate
    await rate(floor.staff.member, message=reply, rating="down", comment="Wrong.")
    await rate(floor.staff.admin, message=first.message_public_id, rating="down")
    rated = await rate(floor.staff.member, message=reply, rating="up")
    opinions = rated.value.message.feedback
    assert [(one.rating, one.comment) for one in opinions] == [("up", None), ("down", None)]
    assert len({one.account_id for one in opinions}) == 2
    await rate(floor.staff.member, message=reply, rating=None)
    left = (await floor.talk(first))[1].feedback
    assert [one.rating for one in left] == ["down"]
    assert isinstance(left[0], Feedback)
    with pytest.raises(NotFoundError):
        await rate(floor.staff.outsider, message=reply, rating="up")


async def test_what_has_no_answer_is_not_rated(floor: Floor) -> None:
    first = await floor.start(ApprovalPolicy())
    with pytest.raises(ConflictError) as refused:
        await floor.messages.rate(floor.staff.admin, message=first.message_public_id, rating="up")
    assert refused.value.code == "no_answer"
    forgotten = await floor.messages.rate(floor.staff.admin, message=first.message_public_id, rating=None)
    assert forgotten.value.message.feedback == ()


async def test_a_queued_message_knows_what_is_before_it(floor: Floor) -> None:
    first = await floor.start(ApprovalPolicy())
    second = await send(floor, first, "Two?")
    places = [
        (await floor.messages.standing(floor.staff.admin, message=one.message_public_id)).queue
        for one in (first, second)
    ]
    assert [(place.ahead_in_conversation, place.ahead_in_queue) for place in places if place is not None] == [
        (0, 0),
        (1, 1),
    ]
    floor.model.will(Says("One."), Says("Two."))
    async with floor.working():
        await floor.finished(second)
    assert (await floor.messages.standing(floor.staff.admin, message=second.message_public_id)).queue is None
