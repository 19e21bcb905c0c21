"""Forks: the beginning of a conversation a second time, and nothing done again. Deletion while a turn runs."""

import asyncio

import pytest
from psycopg import sql

from tests.fakes.scripted_model import Says, Stalls
from tests.patience import PATIENCE
from tests.turns.floor import Floor, refund
from turnkeeper.actions.keeping import KeepingActions
from turnkeeper.core.agents import ApprovalPolicy
from turnkeeper.core.approvals import ApprovalFilter
from turnkeeper.core.conversation_lists import ConversationFilter
from turnkeeper.core.conversations import Message
from turnkeeper.core.errors import ConflictError, NotFoundError
from turnkeeper.core.events import MessageCompleted
from turnkeeper.store import events
from turnkeeper.store.messages import Accepted

FREE = ApprovalPolicy()


@pytest.fixture
def keeping(floor: Floor) -> KeepingActions:
    """The actions on conversations as wholes."""
    return KeepingActions(floor.database, floor.changes, floor.conversations)


async def say(floor: Floor, to: Accepted | int, text: str) -> Accepted:
    number = to if isinstance(to, int) else to.conversation_id
    sent = await floor.conversations.send(floor.staff.admin, conversation=number, text=text)
    await floor.finished(sent.value)
    return sent.value


async def rows(floor: Floor, table: str) -> int:
    async with floor.database.connection() as connection:
        cursor = await connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table)))
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def gist(message: Message) -> tuple[object, ...]:
    return (message.role, message.status, message.text, message.usage, message.model, message.created_at)


async def test_a_fork_has_everything_up_to_a_message_and_remembers_what_was_done(
    floor: Floor, keeping: KeepingActions
) -> None:
    floor.model.will(refund("c1"), Says("Refunded."), Says("Second."), Says("Third."), Says("Forked."))
    async with floor.working():
        first = await floor.start(FREE)
        await floor.finished(first)
        second = await say(floor, first, "And?")
        await say(floor, first, "And then?")
        forked = await keeping.fork(
            floor.staff.admin, conversation=first.conversation_public_id, message=second.message_public_id
        )
        fork = (await keeping.get(floor.staff.admin, conversation=forked.value.conversation)).conversation
        source = (await floor.talk(first))[:4]
        copy = (await floor.conversations.read(floor.staff.admin, conversation=fork.id)).messages
        await say(floor, fork.id, "What did you do?")
    assert [gist(message) for message in copy] == [gist(message) for message in source]
    assert {message.public_id for message in copy}.isdisjoint(message.public_id for message in source)
    assert [message.reply_to for message in copy] == [None, copy[0].id, None, copy[2].id]
    asked = floor.model.requests[-1].messages
    assert [message.role for message in asked][-6:] == ["assistant", "tool", "assistant", "user", "assistant", "user"]
    assert len(floor.tool.keys) == 1
    assert await rows(floor, "effects") == 1


async def test_a_fork_has_its_own_events_without_gaps(floor: Floor, keeping: KeepingActions) -> None:
    floor.model.will(Says("One."), Says("Two."))
    async with floor.working():
        first = await floor.start(FREE)
        await floor.finished(first)
        await say(floor, first, "And?")
    forked = await keeping.fork(
        floor.staff.admin, conversation=first.conversation_public_id, message=(await floor.talk(first))[1].public_id
    )
    fork = (await keeping.get(floor.staff.admin, conversation=forked.value.conversation)).conversation
    async with floor.database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=fork.id, limit=100)
    reply = (await floor.conversations.read(floor.staff.admin, conversation=fork.id)).messages[1]
    assert [event.number for event in log] == list(range(1, fork.last_event + 1))
    assert isinstance(log[-1].body, MessageCompleted)
    assert (log[-1].body.reply_id, reply.first_event) == (reply.id, fork.last_event)
    assert await keeping.list(floor.staff.admin, ConversationFilter(search="one")) != ()


async def test_a_fork_is_found_by_its_words(floor: Floor, keeping: KeepingActions) -> None:
    floor.model.will(Says("Marmalade."))
    async with floor.working():
        first = await floor.start(FREE)
        await floor.finished(first)
    await keeping.list(floor.staff.admin, ConversationFilter(search="marmalade"))
    await keeping.fork(floor.staff.admin, conversation=first.conversation_public_id, message=first.message_public_id)
    found = await keeping.list(floor.staff.admin, ConversationFilter(search="marmalade"))
    assert (len(found.items), found.has_all_words) == (2, True)


async def test_what_is_not_finished_is_not_forked(floor: Floor, keeping: KeepingActions) -> None:
    first = await floor.start(FREE)
    with pytest.raises(ConflictError) as refused:
        await keeping.fork(
            floor.staff.admin, conversation=first.conversation_public_id, message=first.message_public_id
        )
    assert refused.value.code == "not_finished"
    other = await floor.start(FREE)
    for conversation, caller in (
        (other.conversation_public_id, floor.staff.admin),
        (first.conversation_public_id, floor.staff.outsider),
    ):
        with pytest.raises(NotFoundError):
            await keeping.fork(caller, conversation=conversation, message=first.message_public_id)
    assert await rows(floor, "conversations") == 2


async def test_a_turn_whose_conversation_is_deleted_stops_and_writes_nothing(
    floor: Floor, keeping: KeepingActions
) -> None:
    floor.model.will(Stalls("The beginning of an"))
    async with floor.working() as ends:
        first = await floor.start(FREE)
        await floor.until_said(first)
        await keeping.delete(floor.staff.admin, conversation=first.conversation_public_id)
        await asyncio.wait_for(floor.model.hung_up.wait(), PATIENCE)
        await asyncio.wait_for(ends.any.wait(), PATIENCE)
    assert [end.outcome for end in ends.ends] == ["lost"]
    for table in ("conversations", "messages", "events", "steps", "approvals", "effects", "message_words"):
        assert await rows(floor, table) == 0
    assert await rows(floor, "usage_days") == 1


async def test_questions_of_a_deleted_conversation_are_withdrawn(floor: Floor, keeping: KeepingActions) -> None:
    floor.model.will(refund("c1"))
    async with floor.working():
        first = await floor.start()
        (asked,) = await floor.asked(first)
        await floor.conversations.send(floor.staff.admin, conversation=first.conversation_id, text="And?")
        removed = await keeping.delete(floor.staff.admin, conversation=first.conversation_public_id)
        with pytest.raises(NotFoundError):
            await floor.approvals.decide(floor.staff.admin, approval=asked.id, verdict="approved", note=None)
    assert (removed.value.messages, removed.value.approvals) == (2, 1)
    assert await floor.approvals.list(floor.staff.admin, ApprovalFilter(limit=10)) == []
    assert floor.tool.keys == []
