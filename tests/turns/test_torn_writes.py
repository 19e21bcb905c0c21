"""A write under way at its turn's end is finished, not torn; who stood still after one learns what it lost meanwhile."""

import asyncio
from itertools import count

import psycopg
import pytest

from tests.fakes.people import People
from tests.fakes.standing import until_somebody_waits_for_a_lock
from tests.fakes.still_clock import StillSeconds
from tests.turns.asking import begun, begun_turn
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.errors import ClaimLostError, TransientError
from turnkeeper.core.events import TextAdded
from turnkeeper.store import events, turns
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.tasks.turn_log import FRESH_SECONDS, TurnLog


async def test_a_write_that_is_cancelled_on_its_way_is_written_once(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People
) -> None:
    turn = await begun_turn(conversations, database, staff)
    log = TurnLog(database, turn.claim, changes)
    log.emit(TextAdded(text="Kept.", model_call=1))
    log.note("model:1", b"{}")

    async with await psycopg.AsyncConnection.connect(database.url) as other:
        await other.execute("SELECT 1 FROM conversations WHERE id = %s FOR UPDATE", (turn.claim.conversation_id,))
        writing = asyncio.create_task(log.flush())
        await until_somebody_waits_for_a_lock(database.url)
        writing.cancel()
        await asyncio.wait({writing}, timeout=0.3)  # torn, it would be over by now
    with pytest.raises(asyncio.CancelledError):
        await writing
    await log.flush()

    async with database.connection() as connection:
        written = await events.of_conversation(connection, conversation_id=turn.claim.conversation_id, limit=100)
        steps = await turns.steps_of(connection, turn.claim)
    assert [event.body for event in written if isinstance(event.body, TextAdded)] == [
        TextAdded(text="Kept.", model_call=1)
    ]
    assert list(steps) == ["model:1"]


async def test_who_stood_still_after_the_intent_was_written_learns_that_another_has_the_turn(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People
) -> None:
    turn, clock = await begun_turn(conversations, database, staff), StillSeconds()
    log = TurnLog(database, turn.claim, changes, clock=clock)
    log.note("model:1", b"{}")
    await log.flush()

    clock.seconds += FRESH_SECONDS + 1
    await log.confirm()  # it stood still, and nobody took the turn
    await begun(database, turn.claim.message_id)
    await log.confirm()  # it was seen a moment ago
    clock.seconds += FRESH_SECONDS + 1
    with pytest.raises(ClaimLostError):
        await log.confirm()


async def test_a_claim_that_was_seen_with_the_last_write_is_not_asked_for_again(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People
) -> None:
    turn, clock = await begun_turn(conversations, database, staff), StillSeconds()
    log = TurnLog(database, turn.claim, changes, clock=clock)
    clock.seconds += FRESH_SECONDS + 1
    log.note("model:1", b"{}")
    await log.flush()
    before = database.pool.get_stats()["requests_num"]

    await log.confirm()

    assert database.pool.get_stats()["requests_num"] == before


async def test_a_claim_that_cannot_be_seen_in_time_is_no_leave_to_act(
    database: Database, conversations: ConversationActions, changes: Changes, staff: People
) -> None:
    turn, hours = await begun_turn(conversations, database, staff), count(0, 3_600)
    log = TurnLog(database, turn.claim, changes, clock=lambda: next(hours))

    with pytest.raises(TransientError, match="too slow"):
        await log.confirm()
