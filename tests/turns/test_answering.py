"""Messages are answered: once, in order, and whatever the model does."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.fakes.people import People
from tests.fakes.scripted_model import BreaksOff, Call, CallsTools, Fails, Says, ScriptedModel, Stalls
from tests.fakes.worker import working
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.conversations import Message
from turnkeeper.core.events import EventBody, TextAdded, ToolCalled, ToolReturned, TurnStarted
from turnkeeper.store import events
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedModel]:
    """The scripted model."""
    async with ScriptedModel() as model:
        yield model


async def ask(conversations: ConversationActions, staff: People, *texts: str) -> list[Message]:
    """Send texts into one new conversation and wait until the last is finished; the whole talk."""
    first = (
        await conversations.start(staff.admin, agent=staff.agent, text=texts[0], mode="execute", origin="api")
    ).value
    last = first
    for text in texts[1:]:
        last = (await conversations.send(staff.admin, conversation=first.conversation_id, text=text)).value
    await conversations.message(staff.admin, message=last.message_public_id, wait_seconds=PATIENCE)
    return list((await conversations.read(staff.admin, conversation=first.conversation_id)).messages)


async def bodies(database: Database, conversation_id: int) -> list[EventBody]:
    async with database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=conversation_id, limit=1_000)
    assert [event.number for event in log] == list(range(1, len(log) + 1))
    return [event.body for event in log]


async def test_a_question_is_answered_and_a_waiting_reader_is_woken(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "say Good morning to you")
    assert [(message.role, message.status, message.text) for message in talk] == [
        ("user", "completed", "say Good morning to you"),
        ("assistant", "completed", "Good morning to you"),
    ]
    assert talk[1].model == "scripted"
    assert talk[1].usage is not None
    assert talk[1].usage.output_tokens > 0


async def test_messages_sent_at_once_are_answered_in_order_with_the_earlier_ones_as_history(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "say one", "say two", "say three")
    assert [message.text for message in talk] == ["say one", "one", "say two", "two", "say three", "three"]
    assert [message.content for message in model.requests[-1].messages if message.role != "system"] == [
        "say one",
        "one",
        "say two",
        "two",
        "say three",
    ]


async def test_a_tool_call_is_told_as_it_happens(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(
        CallsTools((Call(tool="search_documents", arguments='{"query": "x"}', call_id="c1"),), text="Let me look."),
        Says("Not found in the data set."),
    )
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "What is x?")
    told = [body for body in await bodies(database, talk[0].conversation_id) if not isinstance(body, TextAdded)]
    assert [type(body).__name__ for body in told] == [
        "MessageQueued",
        "TurnStarted",
        "ModelReturned",
        "ToolCalled",
        "ToolReturned",
        "ModelReturned",
        "MessageCompleted",
    ]
    called, returned = told[3], told[4]
    assert isinstance(called, ToolCalled)
    assert isinstance(returned, ToolReturned)
    assert (called.call_id, returned.call_id, returned.outcome) == ("c1", "c1", "completed")
    assert talk[1].text == "Not found in the data set."


@pytest.mark.parametrize("trouble", [Fails(503), Fails(429, headers={"Retry-After": "1"}), BreaksOff("Half an ans")])
async def test_transient_trouble_of_the_model_is_tried_again(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
    trouble: Fails | BreaksOff,
) -> None:
    model.will(trouble, Says("There you are."))
    async with working(database, notices, changes, model) as told:
        talk = await ask(conversations, staff, "Hello?")
    assert [message.text for message in talk] == ["Hello?", "There you are."]
    assert [end.outcome for end in told.ends] == ["retried", "completed"]
    starts = [body for body in await bodies(database, talk[0].conversation_id) if isinstance(body, TurnStarted)]
    assert starts == [TurnStarted(attempt=1, resumes_at=1), TurnStarted(attempt=2, resumes_at=1)]


async def test_a_finished_tool_call_is_not_made_again_when_the_next_model_call_fails(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(CallsTools((Call(tool="search_documents", arguments='{"query": "x"}'),)), Fails(500), Says("Done."))
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "What is x?")
    log = await bodies(database, talk[0].conversation_id)
    assert talk[1].text == "Done."
    assert len([body for body in log if isinstance(body, ToolCalled)]) == 1
    assert len([body for body in log if isinstance(body, ToolReturned)]) == 1
    assert TurnStarted(attempt=2, resumes_at=2) in log
    assert len(model.requests) == 3


async def test_a_refusal_of_the_model_fails_the_message_with_a_reason(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(Fails(401, "Incorrect API key provided: sk-secret."))
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "Hello?", "say still here")
    assert [(message.role, message.status) for message in talk] == [
        ("user", "failed"),
        ("system", "completed"),
        ("user", "completed"),
        ("assistant", "completed"),
    ]
    assert "sk-secret" not in talk[1].text
    assert talk[1].text


async def test_text_is_in_the_log_while_the_model_still_writes(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(Stalls("The beginning"))
    async with working(database, notices, changes, model):
        started = await conversations.start(
            staff.admin, agent=staff.agent, text="Tell me", mode="execute", origin="api"
        )
        number = started.value.conversation_id
        with changes.listening(number) as changed:
            async with asyncio.timeout(PATIENCE):
                while not any(isinstance(body, TextAdded) for body in await bodies(database, number)):
                    await changed.wait()
                    changed.clear()
        message = await conversations.message(staff.admin, message=started.value.message_public_id)
        assert message.status == "pending"
        model.release()
        done = await conversations.message(staff.admin, message=started.value.message_public_id, wait_seconds=PATIENCE)
    assert done.status == "completed"


async def test_a_worker_that_is_stopped_hands_its_turn_back_after_the_drain(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(Stalls("Cut in the mid"), Says("Said by the second."))
    async with working(database, notices, changes, model, drain_seconds=0.2):
        started = await conversations.start(
            staff.admin, agent=staff.agent, text="Tell me", mode="execute", origin="api"
        )
        await asyncio.wait_for(model.stalled.wait(), PATIENCE)
    async with working(database, notices, changes, model):
        await conversations.message(staff.admin, message=started.value.message_public_id, wait_seconds=PATIENCE)
    talk = await conversations.read(staff.admin, conversation=started.value.conversation_id)
    assert [message.text for message in talk.messages] == ["Tell me", "Said by the second."]


async def test_the_end_of_a_turn_names_the_request_that_brought_the_message(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    async with working(database, notices, changes, model) as told:
        started = await conversations.start(
            staff.admin, agent=staff.agent, text="say hi", mode="execute", origin="api", request_id="abc"
        )
        await conversations.message(staff.admin, message=started.value.message_public_id, wait_seconds=PATIENCE)
    assert [end.request_id for end in told.ends] == ["abc"]
