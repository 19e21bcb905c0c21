"""What a turn knows of those before it: read from the database, at the same cost however long the talk is."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace

import pytest

from tests.fakes.people import People
from tests.fakes.scripted_model import Call, CallsTools, Fails, Says, ScriptedModel, SeenMessage
from tests.fakes.worker import working
from tests.turns.asking import ask, begun_turn
from tests.turns.rows import insert_answered, rows_read
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.agents.memory import messages_of
from turnkeeper.agents.model import AssistantMessage
from turnkeeper.core.agents import Agent
from turnkeeper.core.events import TextAdded
from turnkeeper.core.history import HistoryTurn, PastCall, PastRound
from turnkeeper.store import history, turns
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.history import CANCELLED, Stretch
from turnkeeper.store.notices import Notices
from turnkeeper.store.turns import Begun, Ending, Notes
from turnkeeper.tasks.recall import recall

LAST = 2**62
SEARCH = CallsTools((Call(tool="search_documents", arguments='{"query": "x"}', call_id="c1"),), text="Let me look.")


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedModel]:
    """The scripted model."""
    async with ScriptedModel() as model:
        yield model


async def past(database: Database, conversation_id: int) -> list[HistoryTurn]:
    async with database.connection() as connection:
        return await history.page(
            connection,
            Stretch(conversation_id=conversation_id, before=LAST),
            limit=100,
            text_characters=1_000,
            output_characters=1_000,
        )


def told(messages: Sequence[SeenMessage]) -> list[tuple[str, str | None, int]]:
    """Role, text and number of calls of what the model was sent, without the system text."""
    return [(each.role, each.content, len(each.tool_calls)) for each in messages if each.role != "system"]


async def test_tools_of_earlier_turns_go_along_with_what_they_returned_also_after_a_restart(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(SEARCH, Says("Not found."), SEARCH, Says("Still not found."), Says("You are welcome."))
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "What is x?")
    async with working(database, notices, changes, model):
        await ask(conversations, staff, "Look again.", talk)
        await ask(conversations, staff, "Thanks.", talk)
    nothing = "The search found no passage. Try other words, or say that it was not found in the data set."
    assert told(model.requests[-1].messages) == [
        ("user", "What is x?", 0),
        ("assistant", "Let me look.", 1),
        ("tool", nothing, 0),
        ("assistant", "Not found.", 0),
        ("user", "Look again.", 0),
        ("assistant", "Let me look.", 1),
        ("tool", nothing, 0),
        ("assistant", "Still not found.", 0),
        ("user", "Thanks.", 0),
    ]
    calls = [call.id for message in model.requests[-1].messages for call in message.tool_calls]
    assert len(set(calls)) == 2


async def test_a_failed_turn_stays_in_history_with_its_reason_so_that_try_again_is_understood(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    staff: People,
    model: ScriptedModel,
) -> None:
    model.will(SEARCH, Fails(400), Says("Here you are."))
    async with working(database, notices, changes, model):
        talk = await ask(conversations, staff, "What is x?")
        await ask(conversations, staff, "Try again.", talk)
    sent = told(model.requests[-1].messages)
    assert [role for role, _, _ in sent] == ["user", "assistant", "tool", "assistant", "user"]
    assert (sent[3][1] or "").startswith("[This was not answered. The server's note: ")


async def fail_with(database: Database, turn: Begun, steps: Mapping[str, bytes]) -> None:
    async with database.connection() as connection:
        await turns.append(connection, turn.claim, Notes(steps=steps))
        await turns.fail(connection, turn.claim, Ending(events=[]), reason="It was given up.")


CALLS_TWO = (
    b'{"text":"","tool_calls":[{"call_id":"a","tool":"pay","arguments":"{}"},{"call_id":"b","tool":"pay","arguments":"{}"}],'
    b'"usage":{},"model":"m","reason":"tool_calls","citations":[]}'
)


async def test_of_parallel_calls_cut_in_the_middle_each_is_kept_with_what_is_known(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    turn = await begun_turn(conversations, database, staff)
    output = '{"outcome":"error","output":"' + "é" * 2_000 + '","passages":[]}'
    await fail_with(database, turn, {"model:1": CALLS_TWO, "tool:1:b": output.encode(), "approval:1:a": b"{}"})
    [found] = await past(database, turn.claim.conversation_id)
    assert found == HistoryTurn(
        message_id=turn.claim.message_id,
        question="Hello",
        answer="",
        failure="It was given up.",
        rounds=(
            PastRound(
                text="",
                calls=(
                    PastCall(tool="pay", arguments="{}", output=None),
                    PastCall(tool="pay", arguments="{}", output="é" * 1_000, output_length=2_000, failed=True),
                ),
            ),
        ),
    )


async def test_what_a_cancelled_turn_had_said_is_kept_as_a_beginning(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    turn = await begun_turn(conversations, database, staff)
    async with database.connection() as connection:
        said = Notes(events=[TextAdded(text="First I would", model_call=1)])
        await turns.append(connection, turn.claim, said)
    await conversations.cancel(staff.admin, message=turn.message_public_id)
    [found] = await past(database, turn.claim.conversation_id)
    assert (found.answer, found.failure) == ("First I would", CANCELLED)
    ending = messages_of(found)[-1]
    assert isinstance(ending, AssistantMessage)
    assert ending.text.startswith("First I would\n\n[This is not the whole answer. The server's note: ")


async def test_a_turn_that_was_cancelled_before_it_said_anything_is_not_answered(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    turn = await begun_turn(conversations, database, staff)
    await conversations.cancel(staff.admin, message=turn.message_public_id)
    [found] = await past(database, turn.claim.conversation_id)
    assert (found.answer, found.failure) == ("", "The message was cancelled before anything was answered.")


async def test_rounds_stand_in_the_order_of_the_model_calls_beyond_nine(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    turn = await begun_turn(conversations, database, staff)
    steps = {f"model:{number}": CALLS_TWO.replace(b'"text":""', b'"text":"%d"' % number) for number in range(1, 13)}
    await fail_with(database, turn, {**steps, "model:13": b'{"text":"","tool_calls":[]}'})
    [found] = await past(database, turn.claim.conversation_id)
    assert [each.text for each in found.rounds] == [str(number) for number in range(1, 13)]


async def long_talk(database: Database, conversations: ConversationActions, staff: People, length: int) -> int:
    """A conversation with so many answered messages, each third with a tool's call."""
    turn = await begun_turn(conversations, database, staff)
    talk = turn.claim.conversation_id
    await fail_with(database, turn, {})
    async with database.transaction() as connection:
        await insert_answered(connection, talk, length)
    return talk


async def test_turn_ten_thousand_reads_no_more_than_turn_one_hundred(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    short = await long_talk(database, conversations, staff, 100)
    long = await long_talk(database, conversations, staff, 10_000)
    read: list[tuple[int, int, int]] = []
    async with database.connection() as connection:
        await connection.execute("ANALYZE messages, steps")
    agent = with_window(staff.agent, 4_000)
    for talk in (short, long):
        async with database.transaction() as connection:
            # The plan of a statement that is used often is made without looking at its values: that one counts.
            for _ in range(10):
                await recall(connection, agent, conversation_id=talk, before=LAST)
            before = await rows_read(connection)
            recalled = await recall(connection, agent, conversation_id=talk, before=LAST)
            read.append((await rows_read(connection) - before, len(recalled.turns), recalled.tokens))
    (short_rows, short_turns, _), (long_rows, long_turns, long_tokens) = read
    assert long_rows <= 1.1 * short_rows
    assert long_rows < 6 * long_turns
    assert 30 < long_turns <= short_turns + 1
    assert 3_500 < long_tokens <= 4_000


async def test_a_large_window_takes_the_whole_talk_in_order(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    talk = await long_talk(database, conversations, staff, 300)
    async with database.connection() as connection:
        recalled = await recall(connection, with_window(staff.agent, 10**6), conversation_id=talk, before=LAST)
    assert not recalled.has_more
    questions = [turn.question.split()[1] for turn in recalled.turns[1:]]
    assert questions == [str(number) for number in range(1, 301)]


async def test_a_message_that_is_larger_than_the_window_is_not_read_whole(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    text = "x" * 90_000
    started = await conversations.start(staff.admin, agent=staff.agent, text=text, mode="execute", origin="api")
    async with database.connection() as connection:
        turn = await turns.begin(connection, message_id=started.value.message_id)
        assert isinstance(turn, Begun)
        await turns.fail(connection, turn.claim, Ending(events=[]), reason="No.")
        recalled = await recall(
            connection, with_window(staff.agent, 500), conversation_id=turn.claim.conversation_id, before=LAST
        )
    assert (recalled.turns, recalled.has_more) == ((), True)


def with_window(agent: Agent, tokens: int) -> Agent:
    return replace(agent, limits=replace(agent.limits, history_tokens=tokens))
