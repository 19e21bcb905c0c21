"""A turn runs with one revision of its agent, at every attempt, and says with which."""

from dataclasses import replace

import pytest

from tests.fakes.people import People, change_agent
from tests.fakes.scripted_model import Says
from tests.turns.asking import begun
from tests.turns.floor import Floor, refund
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.usage import UsageActions
from turnkeeper.core.agents import Agent
from turnkeeper.core.events import Answer, MessageCompleted
from turnkeeper.core.revisions import content_of
from turnkeeper.core.usage import Usage
from turnkeeper.store import agents, revisions, turns
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.turns import Begun, Ending


async def deployed(database: Database, agent_id: int, *, instructions: str) -> Agent:
    """One more revision, with these instructions, which answers from now on."""
    async with database.transaction() as connection:
        agent = await revisions.lock(connection, agent_id=agent_id)
        assert agent is not None
        return await change_agent(connection, replace(agent, instructions=instructions))


async def completed(database: Database, turn: Begun) -> None:
    answer, closing = (
        Answer(text="Yes.", model="m", usage=Usage()),
        MessageCompleted(reply_id=0, model="m", usage=Usage()),
    )
    async with database.connection() as connection:
        await turns.complete(connection, turn.claim, Ending(events=[closing]), answer=answer)


async def accepted(conversations: ConversationActions, staff: People) -> Accepted:
    started = await conversations.start(staff.admin, agent=staff.agent, text="A", mode="execute", origin="api")
    return started.value


async def test_a_second_attempt_goes_on_with_the_revision_of_the_first(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    message = await accepted(conversations, staff)
    first = await begun(database, message.message_id)
    await deployed(database, staff.agent.id, instructions="New")

    second = await begun(database, message.message_id)
    await completed(database, second)
    later = (await conversations.send(staff.admin, conversation=message.conversation_id, text="B")).value
    third = await begun(database, later.message_id)
    await completed(database, third)

    assert [(turn.agent.revision, turn.agent.instructions) for turn in (first, second, third)] == [
        (1, None),
        (1, None),
        (2, "New"),
    ]
    assert content_of(second.agent) == content_of(first.agent)
    talk = await conversations.read(staff.admin, conversation=message.conversation_id)
    assert [(entry.role, entry.agent_revision) for entry in talk.messages] == [
        ("user", 1),
        ("assistant", 1),
        ("user", 2),
        ("assistant", 2),
    ]


async def test_what_is_deployed_while_a_message_waits_answers_it(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    message = await accepted(conversations, staff)
    await deployed(database, staff.agent.id, instructions="New")

    assert (await begun(database, message.message_id)).agent.instructions == "New"


async def test_a_parked_turn_goes_on_as_it_began(floor: Floor) -> None:
    floor.model.will(refund("1"), Says("Refunded."), Says("Hello."))
    message = await floor.start()
    async with floor.working():
        (approval,) = await floor.asked(message)
        async with floor.database.connection() as connection:
            agent = await agents.find(connection, floor.staff.admin, public_id=None, slug="refunder")
        assert agent is not None
        await deployed(floor.database, agent.id, instructions="Say hello.")
        await floor.approvals.decide(floor.staff.admin, approval=approval.id, verdict="approved", note=None)
        await floor.finished(message)
        later = await floor.conversations.send(floor.staff.admin, conversation=message.conversation_id, text="Hi")
        talk = await floor.finished(later.value)

    told = ["Say hello." in str(seen.messages[0]) for seen in floor.model.requests]
    assert told == [False, False, True]
    assert [entry.agent_revision for entry in talk] == [1, 1, 2, 2]


async def test_a_cancelled_message_says_which_revision_had_begun(floor: Floor) -> None:
    message = await floor.start()
    await begun(floor.database, message.message_id)

    await floor.conversations.cancel(floor.staff.admin, message=message.message_public_id)

    assert [entry.agent_revision for entry in await floor.talk(message)] == [1, 1]


async def test_a_changed_limit_is_a_revision(database: Database, staff: People) -> None:
    await UsageActions(database).change_limits_of_agent(staff.admin, slug="helper", changes={"model_calls": 3})

    async with database.connection() as connection:
        newest, first = await revisions.page(connection, agent_id=staff.agent.id, before=None, limit=10)
        agent = await agents.find(connection, staff.admin, public_id=None, slug="helper")
    assert agent is not None
    assert (newest.number, newest.content.limits.model_calls, newest.based_on) == (2, 3, 1)
    assert newest.content == content_of(agent)
    assert first.content.limits.model_calls == 12


async def test_a_revision_never_changes(database: Database, staff: People) -> None:
    async with database.connection() as connection:
        with pytest.raises(Exception, match="a revision of an agent never changes"):
            await connection.execute("UPDATE agent_revisions SET content = '{}' WHERE agent_id = %s", (staff.agent.id,))
