"""The running summary: made behind the turns, kept once, and given to the model in a section of its own."""

import asyncio
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.fakes.models import scripted_registry
from tests.fakes.people import People
from tests.fakes.rooms import rows_of
from tests.fakes.scripted_model import BreaksOff, Fails, Reply, Says, ScriptedModel, SeenRequest, Stalls, obey
from tests.fakes.worker import MODEL, working
from tests.patience import PATIENCE
from tests.turns.asking import ask
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.messages import MessageActions
from turnkeeper.actions.usage import UsageActions
from turnkeeper.agents.prices import Price, Prices
from turnkeeper.agents.registry import Registry
from turnkeeper.core.agents import AgentSettings, Limits
from turnkeeper.core.conversations import Usage
from turnkeeper.core.events import Answer
from turnkeeper.core.history import Memory
from turnkeeper.store import agents, memories, turns
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.memories import NewMemory
from turnkeeper.store.notices import Notices
from turnkeeper.store.turns import Begun, Ending
from turnkeeper.tasks.recall import recall
from turnkeeper.tasks.remember import RememberConversation

LAST = 2**62
PRICES = Prices({MODEL: Price(input=Decimal(3), output=Decimal(7), cache_read=Decimal(3), cache_write=Decimal(3))})
WINDOW = 1_000


@pytest.fixture
async def model() -> AsyncGenerator[ScriptedModel]:
    """The scripted model: obeys the user, and summarizes by naming the turns that it was given."""
    async with ScriptedModel(rule=obey_or_summarize) as model:
        yield model


@pytest.fixture
async def registry(model: ScriptedModel) -> AsyncGenerator[Registry]:
    """The scripted model as the server's only one."""
    async with scripted_registry(model.base_url) as registry:
        yield registry


@pytest.fixture
async def forgetful(database: Database, staff: People) -> People:
    """The people, with an agent of a small window that keeps a summary."""
    agent = replace(
        staff.agent,
        slug="forgetful",
        public_id=staff.closed_agent.public_id,
        data_set_id=None,
        tools=(),
        settings=AgentSettings(memory="summary"),
        limits=Limits(history_tokens=WINDOW),
    )
    async with database.connection() as connection:
        await connection.execute("DELETE FROM agents WHERE id = %s", (staff.closed_agent.id,))
        return replace(staff, agent=await agents.create(connection, agent))


def obey_or_summarize(request: SeenRequest) -> Reply:
    if is_for_summary(request):
        return Says("Known: " + " ".join(re.findall(r"fact-\d+", request.question)))
    return obey(request)


def is_for_summary(request: SeenRequest) -> bool:
    return "You keep the memory" in (request.messages[0].content or "")


def system_of(request: SeenRequest) -> str:
    return request.messages[0].content or ""


async def written_turns(
    database: Database, conversations: ConversationActions, staff: People, texts: Sequence[str]
) -> int:
    """A conversation with these questions, answered by the test itself."""
    talk: int | None = None
    for text in texts:
        if talk is None:
            sent = await conversations.start(staff.admin, agent=staff.agent, text=text, mode="execute", origin="api")
        else:
            sent = await conversations.send(staff.admin, conversation=talk, text=text)
        talk = sent.value.conversation_id
        async with database.connection() as connection:
            turn = await turns.begin(connection, message_id=sent.value.message_id)
            assert isinstance(turn, Begun)
            answer = Answer(text="Noted.", model="m", usage=Usage())
            await turns.complete(connection, turn.claim, Ending(events=[]), answer=answer)
    assert talk is not None
    return talk


def facts(first: int, last: int) -> list[str]:
    """Questions of about 90 tokens each, with a fact to remember."""
    return [f"fact-{number} " + "x" * 300 for number in range(first, last + 1)]


async def memory_of(database: Database, conversation_id: int) -> Memory | None:
    async with database.connection() as connection:
        return await memories.find(connection, conversation_id=conversation_id)


async def test_a_long_talk_is_summarized_behind_the_turns_and_nothing_is_forgotten_in_between(
    database: Database,
    notices: Notices,
    changes: Changes,
    conversations: ConversationActions,
    forgetful: People,
    model: ScriptedModel,
) -> None:
    talk: int | None = None
    async with working(database, notices, changes, model):
        for text in facts(1, 30):
            talk = await ask(conversations, forgetful, f"say {text}", talk)
            async with asyncio.timeout(PATIENCE):
                while await rows_of(
                    database, "SELECT 1 FROM procrastinate_jobs WHERE lock LIKE 'remember:%' AND status <> 'succeeded'"
                ):
                    await ask(conversations, forgetful, "say ok", None)
    asked = [request for request in model.requests if not is_for_summary(request)]
    summaries = [request for request in model.requests if is_for_summary(request)]
    long = [request for request in asked if request.question.startswith("say fact-")]
    for number, request in enumerate(long, 1):
        known = set(re.findall(r"fact-\d+", " ".join(message.content or "" for message in request.messages)))
        assert known == {f"fact-{each}" for each in range(1, number + 1)}
    assert 3 <= len(summaries) <= 12
    assert "<conversation_summary>\nKnown: fact-1 " in system_of(long[-1])
    assert "fact-1 " not in " ".join(message.content or "" for message in long[-1].messages[1:])


async def test_a_talk_that_fits_is_not_summarized(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 5))
    await RememberConversation(database, registry)(talk)
    assert model.requests == []
    assert await memory_of(database, talk) is None


async def test_a_window_without_room_for_a_summary_keeps_none(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 5))
    await rows_of(database, "UPDATE agents SET limits = '{\"history_tokens\": 0}' RETURNING id")
    await RememberConversation(database, registry)(talk)
    assert model.requests == []


async def test_a_long_turn_is_summarized_whole_also_when_it_is_the_last_of_many(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    short = [f"fact-{number} " + "x" * 160 for number in range(1, 34)]
    texts = [*short, "x" * 3_000 + " fact-34", *facts(35, 50)]
    talk = await written_turns(database, conversations, forgetful, texts)
    await RememberConversation(database, registry)(talk)
    memory = await memory_of(database, talk)
    assert memory is not None
    folded = len(re.findall(r"fact-\d+", memory.text))
    assert re.findall(r"fact-\d+", memory.text) == [f"fact-{number}" for number in range(1, folded + 1)]
    assert folded > 34


async def test_summarizing_again_does_nothing_until_there_is_more_to_fold(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    remember = RememberConversation(database, registry)
    await remember(talk)
    first, calls = await memory_of(database, talk), len(model.requests)
    await remember(talk)
    assert await memory_of(database, talk) == first
    assert len(model.requests) == calls == 1
    assert first is not None
    async with database.connection() as connection:
        recalled = await recall(connection, forgetful.agent, conversation_id=talk, before=LAST)
    folded = re.findall(r"fact-\d+", first.text)
    shown = [turn.question.split()[0] for turn in recalled.turns]
    assert [*folded, *shown] == [f"fact-{number}" for number in range(1, 13)]
    assert not recalled.has_more


async def test_a_talk_that_was_long_before_is_summarized_from_its_beginning_piece_by_piece(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 60))
    await RememberConversation(database, registry)(talk)
    lines = [len(re.findall(r"^\{", request.question, re.MULTILINE)) for request in model.requests]
    assert len(lines) >= 2
    assert max(lines) < 30
    assert "The summary so far:\nKnown: fact-1 " in model.requests[1].question
    [row] = await rows_of(database, "SELECT model_calls, input_tokens > 0, output_tokens > 0 FROM memories")
    assert row == (len(lines), True, True)


async def test_a_summary_whose_writer_was_overtaken_is_not_kept(
    database: Database, conversations: ConversationActions, forgetful: People
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 3))
    async with database.connection() as connection:
        first = new_memory(talk, 1, None)
        assert await memories.save(connection, first)
        assert not await memories.save(connection, first)
        assert await memories.save(connection, new_memory(talk, 2, first.memory))
        assert not await memories.save(connection, new_memory(talk, 3, first.memory))
        assert not await memories.save(connection, new_memory(10**9, 1, None))
    assert await memory_of(database, talk) == Memory(up_to_message_id=2, text="Summary 2")


async def test_an_edit_empties_a_summary_that_reaches_it_and_keeps_out_one_that_is_being_written(
    database: Database, conversations: ConversationActions, changes: Changes, forgetful: People
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 4))
    read = await conversations.read(forgetful.admin, conversation=talk)
    first, _, second, *_ = read.messages
    messages = MessageActions(database, changes, conversations)
    async with database.connection() as connection:
        kept = new_memory(talk, first.id, None)
        assert await memories.save(connection, kept)
        await messages.edit(forgetful.admin, message=second.public_id, text="fact-20")
        assert await memory_of(database, talk) == kept.memory
        assert not await memories.save(connection, new_memory(talk, second.id, kept.memory))
        edited = await memories.subject(connection, conversation_id=talk)
        assert edited is not None
        later = replace(new_memory(talk, second.id, edited.memory), edits=edited.edits)
        assert await memories.save(connection, later)
        await connection.execute("UPDATE messages SET status = 'completed' WHERE status = 'queued'")
        await messages.edit(forgetful.admin, message=first.public_id, text="fact-10")
        assert await memory_of(database, talk) is None


async def test_an_edit_keeps_out_the_first_summary_that_is_being_written(
    database: Database, conversations: ConversationActions, changes: Changes, forgetful: People
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 2))
    first = (await conversations.read(forgetful.admin, conversation=talk)).messages[0]
    await MessageActions(database, changes, conversations).edit(
        forgetful.admin, message=first.public_id, text="fact-10"
    )
    async with database.connection() as connection:
        assert not await memories.save(connection, new_memory(talk, first.id, None))
        subject = await memories.subject(connection, conversation_id=talk)
        assert subject is not None
        assert subject.memory is None
        assert await memories.save(connection, replace(new_memory(talk, first.id, None), edits=subject.edits))


def new_memory(conversation_id: int, up_to: int, replaces: Memory | None) -> NewMemory:
    memory = Memory(up_to_message_id=up_to, text=f"Summary {up_to}")
    return NewMemory(conversation_id=conversation_id, memory=memory, replaces=replaces, model="m", usage=Usage())


@pytest.mark.parametrize("trouble", [Fails(503), Fails(400), Says(" ")])
async def test_a_summary_that_fails_leaves_everything_as_it_was_and_is_made_another_time(
    database: Database,
    conversations: ConversationActions,
    forgetful: People,
    registry: Registry,
    model: ScriptedModel,
    trouble: Reply,
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    remember = RememberConversation(database, registry)
    model.will(trouble)
    await remember(talk)
    assert await memory_of(database, talk) is None
    await remember(talk)
    assert await memory_of(database, talk) is not None


async def test_a_summary_that_is_cut_short_is_made_again(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    model.will(Stalls("Known: not"))
    cut = asyncio.create_task(RememberConversation(database, registry)(talk))
    await asyncio.wait_for(model.stalled.wait(), PATIENCE)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    assert await memory_of(database, talk) is None
    await RememberConversation(database, registry)(talk)
    memory = await memory_of(database, talk)
    assert memory is not None
    assert memory.text.startswith("Known: fact-1 fact-2 ")


async def test_what_summaries_cost_is_counted_with_the_conversation_and_the_day(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    await RememberConversation(database, registry, PRICES)(talk)
    (summary,) = model.requests
    asked = sum(len((message.content or "").split()) for message in summary.messages)
    memory = await memory_of(database, talk)
    assert memory is not None
    written = len(memory.text.split())
    cost = Decimal(3 * asked + 7 * written) / 1_000_000
    spent = Usage(input_tokens=asked, output_tokens=written, cost_usd=cost)
    usage = UsageActions(database)
    assert await usage.of_conversation(forgetful.admin, conversation=talk) == spent
    report = await usage.report(forgetful.admin, days=1, by="model")
    assert [(each.of.model, each.turns, each.usage) for each in report.sums] == [(MODEL, 0, spent)]


async def test_a_summary_that_fails_is_counted_too(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry, model: ScriptedModel
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    model.will(BreaksOff("Known: noth"))
    await RememberConversation(database, registry)(talk)
    assert await UsageActions(database).of_conversation(forgetful.admin, conversation=talk) == Usage(unpriced_calls=1)


@pytest.mark.parametrize("whose", ["agents", "organizations"])
async def test_no_summary_is_made_that_would_pass_the_limit_of_a_day(
    database: Database,
    conversations: ConversationActions,
    forgetful: People,
    registry: Registry,
    model: ScriptedModel,
    whose: str,
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    await rows_of(database, f"UPDATE {whose} SET limits = limits || '{{\"tokens_a_day\": 300}}' RETURNING id")
    await RememberConversation(database, registry)(talk)
    assert model.requests == []
    assert await memory_of(database, talk) is None


async def test_at_most_one_summary_is_asked_for_at_a_time(
    database: Database, conversations: ConversationActions, forgetful: People
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 1))
    async with database.connection() as connection:
        assert await memories.ask_for_summary(connection, conversation_id=talk)
        assert not await memories.ask_for_summary(connection, conversation_id=talk)
        assert await memories.ask_for_summary(connection, conversation_id=talk + 1)


async def test_a_summary_goes_with_its_conversation(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry
) -> None:
    talk = await written_turns(database, conversations, forgetful, facts(1, 12))
    await RememberConversation(database, registry)(talk)
    assert await rows_of(database, "SELECT count(*) FROM memories") == [(1,)]
    await rows_of(database, f"DELETE FROM conversations WHERE id = {talk} RETURNING id")
    assert await rows_of(database, "SELECT count(*) FROM memories") == [(0,)]
    await RememberConversation(database, registry)(talk)


async def test_an_unanswered_message_is_never_in_the_summary(
    database: Database, conversations: ConversationActions, forgetful: People, registry: Registry
) -> None:
    talk = await written_turns(database, conversations, forgetful, [*facts(1, 12), "y" * 5_000])
    waiting = await conversations.send(forgetful.admin, conversation=talk, text="Still waiting")
    await RememberConversation(database, registry)(talk)
    memory = await memory_of(database, talk)
    assert memory is not None
    assert memory.up_to_message_id < waiting.value.message_id
