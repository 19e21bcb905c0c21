"""Whoever answers a message holds a claim, and one who lost it can write nothing."""

import asyncio

import pytest

from tests.fakes.people import People
from tests.turns.asking import begun
from tests.turns.rows import insert_answered, rows_read
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.errors import ClaimLostError
from turnkeeper.core.events import (
    Answer,
    MessageCompleted,
    MessageFailed,
    MessageQueued,
    TextAdded,
    TurnStarted,
)
from turnkeeper.core.usage import Usage
from turnkeeper.store import events, queue_place, turns
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.turns import Begun, Ending, Parked, Waiting

ANSWER = Answer(text="Yes.", model="extractive", usage=Usage())
CLOSING = MessageCompleted(reply_id=0, model="extractive", usage=Usage())


async def start(conversations: ConversationActions, staff: People) -> Accepted:
    started = await conversations.start(staff.admin, agent=staff.agent, text="A question", mode="execute", origin="api")
    return started.value


async def send(conversations: ConversationActions, staff: People, conversation_id: int, text: str) -> Accepted:
    return (await conversations.send(staff.admin, conversation=conversation_id, text=text)).value


async def begin(database: Database, message_id: int) -> Begun | Waiting | Parked | None:
    async with database.connection() as connection:
        return await turns.begin(connection, message_id=message_id)


async def complete(database: Database, turn: Begun) -> None:
    async with database.connection() as connection:
        await turns.complete(connection, turn.claim, Ending(events=[CLOSING]), answer=ANSWER)


async def test_a_turn_leaves_numbered_events_without_a_gap(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = await start(conversations, staff)
    turn = await begun(database, accepted.message_id)
    async with database.connection() as connection:
        pieces = [TextAdded(text="Ye", model_call=1), TextAdded(text="s.", model_call=1)]
        await turns.append(connection, turn.claim, turns.Notes(events=pieces, steps={"model:1": b"{}"}))
        await turns.complete(connection, turn.claim, Ending(events=[CLOSING]), answer=ANSWER)
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=100)
    talk = await conversations.read(staff.admin, conversation=accepted.conversation_id)
    reply = talk.messages[1]

    assert [event.number for event in log] == [1, 2, 3, 4, 5]
    assert [event.body for event in log] == [
        MessageQueued(),
        TurnStarted(attempt=1, resumes_at=1),
        *pieces,
        MessageCompleted(reply_id=reply.id, model="extractive", usage=Usage()),
    ]
    assert talk.conversation.last_event == 5
    assert (talk.messages[0].status, reply.role, reply.text, reply.reply_to) == (
        "completed",
        "assistant",
        "Yes.",
        accepted.message_id,
    )


async def test_a_worker_that_lost_its_claim_writes_nothing(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = await start(conversations, staff)
    paused = await begun(database, accepted.message_id)
    successor = await begun(database, accepted.message_id)
    async with database.connection() as connection:
        with pytest.raises(ClaimLostError):
            await turns.append(
                connection,
                paused.claim,
                turns.Notes(events=[TextAdded(text="stale", model_call=1)], steps={"model:1": b"{}"}),
            )
        with pytest.raises(ClaimLostError):
            await turns.complete(connection, paused.claim, Ending(events=[CLOSING]), answer=ANSWER)
        with pytest.raises(ClaimLostError):
            await turns.fail(
                connection,
                paused.claim,
                Ending(events=[MessageFailed(reply_id=0, code="x", reason="")]),
                reason="no",
            )
        assert await turns.steps_of(connection, successor.claim) == {}
    await complete(database, successor)

    talk = await conversations.read(staff.admin, conversation=accepted.conversation_id)
    assert [message.text for message in talk.messages] == ["A question", "Yes."]
    assert successor.attempt == 2


async def test_a_finished_message_is_never_begun_again(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = await start(conversations, staff)
    turn = await begun(database, accepted.message_id)
    await complete(database, turn)

    assert await begin(database, accepted.message_id) is None
    with pytest.raises(ClaimLostError):
        await complete(database, turn)
    talk = await conversations.read(staff.admin, conversation=accepted.conversation_id)
    assert talk.conversation.last_event == 3
    assert len(talk.messages) == 2


async def test_messages_of_one_conversation_wait_for_those_before_them(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    first = await start(conversations, staff)
    second = await send(conversations, staff, first.conversation_id, "And then?")

    assert isinstance(await begin(database, second.message_id), Waiting)
    turn = await begun(database, first.message_id)
    assert isinstance(await begin(database, second.message_id), Waiting)
    await complete(database, turn)
    await complete(database, await begun(database, second.message_id))

    talk = await conversations.read(staff.admin, conversation=first.conversation_id)
    assert [message.text for message in talk.messages] == ["A question", "Yes.", "And then?", "Yes."]


async def test_the_second_attempt_knows_what_the_first_finished(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = await start(conversations, staff)
    first = await begun(database, accepted.message_id)
    async with database.connection() as connection:
        await turns.append(
            connection, first.claim, turns.Notes(events=[], steps={"model:1": b'{"a": 1}', "tool:1:x": b"[]"})
        )
    second = await begun(database, accepted.message_id)
    async with database.connection() as connection:
        assert await turns.steps_of(connection, second.claim) == {"model:1": b'{"a": 1}', "tool:1:x": b"[]"}
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=100)
    assert log[-1].body == TurnStarted(attempt=2, resumes_at=2)


async def test_of_many_workers_that_begin_at_once_one_keeps_the_claim(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = await start(conversations, staff)
    turns_begun = [
        turn
        for turn in await asyncio.gather(*(begin(database, accepted.message_id) for _ in range(10)))
        if isinstance(turn, Begun)
    ]
    results = await asyncio.gather(*(complete(database, turn) for turn in turns_begun), return_exceptions=True)

    assert results.count(None) == 1
    assert all(result is None or isinstance(result, ClaimLostError) for result in results)
    async with database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=100)
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    talk = await conversations.read(staff.admin, conversation=accepted.conversation_id)
    assert len(talk.messages) == 2


async def test_twenty_messages_at_once_are_numbered_in_one_order(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    first = await start(conversations, staff)
    await asyncio.gather(*(send(conversations, staff, first.conversation_id, f"{n}") for n in range(20)))
    talk = await conversations.read(staff.admin, conversation=first.conversation_id)
    tasks = await queued_tasks(database)

    assert [message.first_event for message in talk.messages] == list(range(1, 22))
    assert tasks == [message.id for message in talk.messages]


async def queued_tasks(database: Database) -> list[int]:
    """The messages of the queued tasks, in the order in which they will be run."""
    async with database.connection() as connection:
        cursor = await connection.execute("SELECT (args->>'message_id')::bigint FROM procrastinate_jobs ORDER BY id")
        return [row[0] for row in await cursor.fetchall()]


async def test_what_was_planned_in_an_empty_database_does_not_read_all_messages_of_a_full_one(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    accepted = await start(conversations, staff)
    other = await start(conversations, staff)

    async def begin_and_ask(connection: Connection) -> None:
        await turns.begin(connection, message_id=accepted.message_id)
        await queue_place.of_message(connection, message_id=accepted.message_id)

    # One connection to the end: plans are its own, and are kept once a statement was used often.
    async with database.connection() as connection:
        for _ in range(10):
            await begin_and_ask(connection)
        async with database.transaction() as filling:
            await insert_answered(filling, other.conversation_id, 1_000)
        async with connection.transaction():
            before = await rows_read(connection)
            await begin_and_ask(connection)
            read = await rows_read(connection) - before
    assert read <= 10
