"""Polls of an unfinished message: told from memory, never of a state that this process has shown to be over."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from tests.fakes.people import People
from tests.fakes.rooms import running
from tests.fakes.scripted_model import ScriptedModel
from tests.fakes.still_clock import StillSeconds
from tests.fakes.worker import working
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.errors import NotFoundError
from turnkeeper.store.changes import CHANNEL, Changes
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.notices import Notices
from turnkeeper.store.unfinished import PACE_SECONDS


@pytest.fixture
def clock() -> StillSeconds:
    return StillSeconds()


@pytest.fixture
async def changes(database: Database, clock: StillSeconds) -> AsyncGenerator[Changes]:
    """Listening: nothing is remembered before."""
    notices = Notices(database)
    changes, listening = Changes(notices, clock=clock), asyncio.Event()
    notices.subscribe("test", lambda _: None, lambda is_connected: listening.set() if is_connected else None)
    async with running(notices.run()):
        await asyncio.wait_for(listening.wait(), PATIENCE)
        yield changes


async def begin(conversations: ConversationActions, staff: People) -> Accepted:
    return (
        await conversations.start(staff.member, agent=staff.agent, text="say Yes", mode="execute", origin="api")
    ).value


async def fail_silently(database: Database, message: Accepted) -> None:
    """The message ends in a process that dies before it gives a hint."""
    async with database.connection() as connection:
        await connection.execute("UPDATE messages SET status = 'failed' WHERE id = %s", (message.message_id,))


async def test_polls_of_an_unfinished_message_need_no_statement(
    database: Database, conversations: ConversationActions, staff: People, clock: StillSeconds
) -> None:
    message = await begin(conversations, staff)
    before = database.pool.get_stats()["requests_num"]
    for _ in range(3):  # all within the second for which it is believed
        clock.seconds += PACE_SECONDS
        state = await conversations.state(staff.member, message=message.message_public_id, only_own=True)
        assert state.status == "queued"
    assert database.pool.get_stats()["requests_num"] == before

    for _ in range(3):  # all within the second for which it is believed
        clock.seconds += PACE_SECONDS
        assert (await conversations.message(staff.member, message=message.message_public_id)).status == "queued"
    # One, or two when the hint of the acceptance itself came as late as that.
    assert database.pool.get_stats()["requests_num"] <= before + 2


async def test_who_asks_again_at_once_waits_for_the_end_a_little(
    database: Database, changes: Changes, conversations: ConversationActions, staff: People
) -> None:
    message = await begin(conversations, staff)
    asked = asyncio.create_task(conversations.state(staff.member, message=message.message_public_id, only_own=True))
    await fail_silently(database, message)
    changes.ended(message.conversation_id)
    assert (await asyncio.wait_for(asked, PATIENCE)).status == "failed"


async def test_a_lost_hint_is_made_good_after_a_second(
    database: Database, conversations: ConversationActions, staff: People, clock: StillSeconds
) -> None:
    message = await begin(conversations, staff)
    await fail_silently(database, message)
    clock.seconds += 1.0
    state = await conversations.state(staff.member, message=message.message_public_id, only_own=True)
    assert state.status == "failed"


async def test_after_a_reply_was_read_no_poll_is_told_of_before(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    message = await begin(conversations, staff)
    await conversations.message(staff.member, message=message.message_public_id)
    await fail_silently(database, message)
    await conversations.read(staff.admin, conversation=message.conversation_id)
    state = await conversations.state(staff.member, message=message.message_public_id, only_own=True)
    assert state.status == "failed"
    assert (await conversations.message(staff.member, message=message.message_public_id)).status == "failed"


async def test_a_hint_of_another_process_ends_what_is_remembered(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    message = await begin(conversations, staff)
    await fail_silently(database, message)
    async with database.connection() as connection:
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, f"another:{message.conversation_id}."))
    async with asyncio.timeout(PATIENCE):
        while (await conversations.state(staff.member, message=message.message_public_id)).status not in FINISHED:
            await conversations.list_own(staff.member, agent_id=None, data_set_id=None, offset=0, limit=1)


async def test_what_one_caller_was_told_is_no_answer_to_another(
    conversations: ConversationActions, staff: People
) -> None:
    message = await begin(conversations, staff)

    async def ask(caller: Caller, *, only_own: bool) -> None:
        await conversations.state(caller, message=message.message_public_id, only_own=only_own)
        await conversations.message(caller, message=message.message_public_id, only_own=only_own)

    await ask(staff.member, only_own=True)
    await ask(staff.admin, only_own=False)
    for caller, only_own in ((staff.admin, True), (staff.outsider, False)):
        with pytest.raises(NotFoundError):
            await ask(caller, only_own=only_own)


async def test_while_a_worker_answers_no_poll_goes_back_behind_what_was_shown(
    database: Database, conversations: ConversationActions, staff: People
) -> None:
    other = Notices(database)
    worker_changes = Changes(other)

    async def watch() -> None:
        message = await begin(conversations, staff)
        shown = False
        async with asyncio.timeout(PATIENCE):
            while not shown:
                talk = await conversations.read(staff.member, conversation=message.conversation_id)
                shown = len(talk.messages) > 1
                state, whole = await asyncio.gather(
                    conversations.state(staff.member, message=message.message_public_id, only_own=True),
                    conversations.message(staff.member, message=message.message_public_id),
                )
                assert not shown or (state.status, whole.status) == ("completed", "completed")
                # Now and then it is remembered for a while.
                await conversations.state(staff.member, message=message.message_public_id, wait_seconds=0.01)

    async with running(other.run()), ScriptedModel() as model, working(database, other, worker_changes, model):
        await asyncio.gather(*(watch() for _ in range(12)))
