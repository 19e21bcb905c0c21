"""Who reads along in the worker's process is told what was written, and need not read it back."""

from collections.abc import Sequence

import pytest

from tests.fakes.people import People
from tests.turns.asking import begun_turn
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.events import Answer, LogEntry, TextAdded
from turnkeeper.core.usage import Spent, Usage
from turnkeeper.dialects.native.translate.events import event_frame
from turnkeeper.store import events
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.events import Wanted
from turnkeeper.store.turns import Begun
from turnkeeper.tasks.turn_log import TurnLog

SPENT = Spent(model="m", usage=Usage(input_tokens=3, output_tokens=2))


class Follower:
    """One who notes what it is told."""

    def __init__(self, database: Database, changes: Changes, begun: Begun) -> None:
        self.database = database
        self.begun = begun
        self.log = TurnLog(database, begun.claim, changes, message=begun.message_public_id)
        self.told: list[Sequence[LogEntry]] = []
        changes.follow(begun.claim.conversation_id, self.told.append)

    async def kept(self) -> list[bytes]:
        """All that the log has of the turn since it began, as a stream spells it."""
        async with self.database.connection() as connection:
            talk = self.begun.claim.conversation_id
            found = await events.pages(connection, [Wanted(conversation_id=talk, after=2)], limit=100)
        return [event_frame(entry) for entry in found[talk].entries]


@pytest.fixture
async def follower(database: Database, conversations: ConversationActions, changes: Changes, staff: People) -> Follower:
    return Follower(database, changes, await begun_turn(conversations, database, staff))


@pytest.mark.parametrize("spent", [SPENT, Spent(model="m", usage=Usage())])
async def test_the_end_of_a_turn_is_told_as_it_is_kept_with_the_text_that_came_last(
    follower: Follower, spent: Spent
) -> None:
    follower.log.emit(TextAdded(text="Yes", model_call=1))
    await follower.log.flush()
    follower.log.emit(TextAdded(text=", it does.", model_call=1))

    await follower.log.complete(Answer(text="Yes, it does.", model="m", usage=spent.usage, citations=()), spent)

    assert [len(entries) for entries in follower.told] == [1, 2]
    assert [event_frame(entry) for entries in follower.told for entry in entries] == await follower.kept()


async def test_a_failure_is_told_as_it_is_kept(follower: Follower) -> None:
    await follower.log.fail(code="internal", reason="It broke.", spent=SPENT)

    assert [event_frame(entry) for entries in follower.told for entry in entries] == await follower.kept()


async def test_a_turn_that_took_others_in_has_its_end_read_back(
    follower: Follower, database: Database, changes: Changes
) -> None:
    # Their ends follow its own in the log, and nobody here knows of them.
    claim, message = follower.begun.claim, follower.begun.message_public_id
    log = TurnLog(database, claim, changes, message=message, has_joined=True)

    await log.complete(Answer(text="Yes.", model="m", usage=SPENT.usage), SPENT)

    assert follower.told == [()]
