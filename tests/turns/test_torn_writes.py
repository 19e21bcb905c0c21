"""A write that is under way when its turn ends is finished, not torn: what it took with it is neither lost nor doubled."""

import asyncio

import psycopg
import pytest

from tests.fakes.people import People
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.events import TextAdded
from turnkeeper.store import events, turns
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.turns import Begun
from turnkeeper.tasks.turn_log import TurnLog

_WAITS_FOR_A_LOCK = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"


async def test_a_write_that_is_cancelled_on_its_way_is_written_once(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People
) -> None:
    started = await conversations.start(staff.admin, agent=staff.agent, text="Hello", mode="execute", origin="api")
    async with database.connection() as connection:
        begun = await turns.begin(connection, message_id=started.value.message_id)
    assert isinstance(begun, Begun)
    log = TurnLog(database, begun.claim, changes)
    log.emit(TextAdded(text="Kept.", model_call=1))
    log.note("model:1", b"{}")

    async with await psycopg.AsyncConnection.connect(database.url) as other:
        await other.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (begun.claim.conversation_id,))
        writing = asyncio.create_task(log.flush())
        async with asyncio.timeout(5), await psycopg.AsyncConnection.connect(database.url, autocommit=True) as looking:
            while await (await looking.execute(_WAITS_FOR_A_LOCK)).fetchone() is None:
                await looking.execute("SELECT pg_sleep(0.01)")
        writing.cancel()
        await asyncio.wait({writing}, timeout=0.3)  # torn, it would be over by now
    with pytest.raises(asyncio.CancelledError):
        await writing
    await log.flush()

    async with database.connection() as connection:
        written = await events.of_conversation(connection, conversation_id=begun.claim.conversation_id, limit=100)
        steps = await turns.steps_of(connection, begun.claim)
    assert [event.body for event in written if isinstance(event.body, TextAdded)] == [
        TextAdded(text="Kept.", model_call=1)
    ]
    assert list(steps) == ["model:1"]
