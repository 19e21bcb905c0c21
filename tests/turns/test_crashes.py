"""Workers die in mid-answer, as processes really do; every accepted message is answered once all the same."""

import asyncio
import signal
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from tests.fakes.people import People
from tests.fakes.scripted_model import Call, CallsTools, Says, ScriptedModel, Stalls
from tests.fakes.worker_process import worker_processes
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.usage import UsageActions
from turnkeeper.core.conversations import Message
from turnkeeper.core.events import MessageCompleted, TextAdded, ToolCalled, TurnStarted
from turnkeeper.store import events
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted

TAKEN_OVER_SECONDS = 10
"""How soon, at the latest, a dead worker's turn goes on elsewhere: a promise, see the README."""


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedModel]:
    """The scripted model, shared by all workers."""
    async with ScriptedModel() as model:
        yield model


async def accept(conversations: ConversationActions, staff: People, text: str) -> Accepted:
    started = await conversations.start(staff.admin, agent=staff.agent, text=text, mode="execute", origin="api")
    return started.value


async def finished(conversations: ConversationActions, staff: People, accepted: Accepted) -> list[Message]:
    """The talk, once the message is finished."""
    message = await conversations.message(
        staff.admin, message=accepted.message_public_id, wait_seconds=2 * TAKEN_OVER_SECONDS
    )
    assert message.status == "completed"
    return list((await conversations.read(staff.admin, conversation=accepted.conversation_id)).messages)


async def test_a_killed_workers_turn_goes_on_elsewhere_and_finished_calls_are_not_made_again(
    database: Database, conversations: ConversationActions, staff: People, model: ScriptedModel
) -> None:
    search = CallsTools((Call(tool="search_documents", arguments='{"query": "x"}', call_id="c1"),))
    model.will(search, Stalls("Cut in the mid"), Says("Said by the other."))
    async with worker_processes(database.url, model, 1) as (doomed,):
        accepted = await accept(conversations, staff, "What is x?")
        await asyncio.wait_for(model.stalled.wait(), PATIENCE)
        async with worker_processes(database.url, model, 1):
            await doomed.kill()
            killed_at = datetime.now(UTC)
            talk = await finished(conversations, staff, accepted)
    async with database.connection() as connection:
        whole = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=100)
    log = [event.body for event in whole]
    goes_on_at = [event.created_at for event in whole if isinstance(event.body, TurnStarted)][-1]

    assert [message.text for message in talk] == ["What is x?", "Said by the other."]
    assert (goes_on_at - killed_at).total_seconds() < TAKEN_OVER_SECONDS
    assert len([body for body in log if isinstance(body, ToolCalled)]) == 1
    assert [body for body in log if isinstance(body, TurnStarted)] == [
        TurnStarted(attempt=1, resumes_at=1),
        TurnStarted(attempt=2, resumes_at=2),
    ]
    assert len([body for body in log if isinstance(body, MessageCompleted)]) == 1
    assert len(model.requests) == 3
    # Paid for are the first call, in the killed process, and the last: each is counted once.
    paid = [sum(len((message.content or "").split()) for message in model.requests[n].messages) for n in (0, 2)]
    spent = await UsageActions(database).of_conversation(staff.admin, conversation=accepted.conversation_id)
    assert (spent.input_tokens, spent.output_tokens, spent.unpriced_calls) == (sum(paid), 4, 2)
    assert talk[1].usage == spent


async def test_a_paused_worker_that_comes_back_writes_nothing(
    database: Database, conversations: ConversationActions, staff: People, model: ScriptedModel
) -> None:
    model.will(Stalls("Said by the paused"), Says("Said by the other."))
    async with worker_processes(database.url, model, 1) as (paused,):
        accepted = await accept(conversations, staff, "Who says it?")
        await asyncio.wait_for(model.stalled.wait(), PATIENCE)
        paused.send(signal.SIGSTOP)
        async with worker_processes(database.url, model, 1):
            await finished(conversations, staff, accepted)
            model.release()
            paused.send(signal.SIGCONT)
            # It is alive again, learns that it lost the claim, and works on: the next message may be its own.
            others = [await accept(conversations, staff, f"say {number}") for number in range(8)]
            for other in others:
                await finished(conversations, staff, other)
        paused.send(signal.SIGTERM)
        assert await paused.ended() == 0
    talk = (await conversations.read(staff.admin, conversation=accepted.conversation_id)).messages
    async with database.connection() as connection:
        log = await events.of_conversation(connection, conversation_id=accepted.conversation_id, limit=100)

    assert [message.text for message in talk] == ["Who says it?", "Said by the other."]
    assert isinstance(log[-1].body, MessageCompleted)
    after_takeover = [event.body for event in log if isinstance(event.body, TurnStarted | TextAdded)]
    taken_over = after_takeover.index(TurnStarted(attempt=2, resumes_at=1))
    texts = [body.text for body in after_takeover[taken_over:] if isinstance(body, TextAdded)]
    assert "".join(texts) == "Said by the other."


async def test_a_worker_told_to_stop_finishes_its_turn_first(
    database: Database, conversations: ConversationActions, staff: People, model: ScriptedModel
) -> None:
    model.will(Stalls("Finished in peace."))
    async with worker_processes(database.url, model, 1) as (worker,):
        accepted = await accept(conversations, staff, "Hello?")
        await asyncio.wait_for(model.stalled.wait(), PATIENCE)
        worker.send(signal.SIGTERM)
        await worker.says("stopping")
        waiting = await accept(conversations, staff, "say I come later")
        model.release()
        assert await worker.ended() == 0
        talk = await finished(conversations, staff, accepted)
        later = await conversations.message(staff.admin, message=waiting.message_public_id)
    assert talk[1].text == "Finished in peace."
    assert (later.status, len(model.requests)) == ("queued", 1)
