"""What a message costs that overlaps with nothing: as many statements as before there were policies."""

from collections.abc import AsyncGenerator

import pytest
from psycopg.abc import Params, QueryNoTemplate
from typing_extensions import override

from tests.fakes.people import People
from turnkeeper.actions.accepting import accept
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.events import Answer, MessageCompleted, TextAdded
from turnkeeper.core.ids import new_id
from turnkeeper.core.overlap import Overlap
from turnkeeper.core.usage import Usage
from turnkeeper.store import turns
from turnkeeper.store.changes import Changes
from turnkeeper.store.connection import Connection, Rows
from turnkeeper.store.database import Database
from turnkeeper.store.messages import Accepted, NewMessage
from turnkeeper.store.notices import Notices
from turnkeeper.store.turns import Begun, Ending, Notes
from turnkeeper.tasks.joining import TurnJoining
from turnkeeper.tasks.turn_log import TurnLog


class Counting(Connection):
    """A connection that counts its statements."""

    statements = 0

    @override
    async def execute(
        self, query: QueryNoTemplate, params: Params | None = None, *, prepare: bool | None = None, binary: bool = False
    ) -> Rows:
        self.statements += 1
        return await super().execute(query, params, prepare=prepare, binary=binary)


@pytest.fixture
async def connection(database: Database) -> AsyncGenerator[Counting]:
    async with await Counting.connect(database.url, autocommit=True) as connection:
        yield connection


def message(conversation: int, overlap: Overlap | None = None) -> NewMessage:
    return NewMessage(
        public_id=new_id(),
        conversation=conversation,
        text="Hello?",
        summary="Hello?",
        only_own=False,
        origin=None,
        data_set_id=None,
        request_id=None,
        overlap=overlap,
    )


async def start(conversations: ConversationActions, staff: People) -> Accepted:
    started = await conversations.start(staff.admin, agent=staff.agent, text="Hello", mode="execute", origin="api")
    return started.value


async def test_accepting_beginning_going_on_and_ending_are_one_statement_each(
    connection: Counting, conversations: ConversationActions, staff: People
) -> None:
    first = await start(conversations, staff)
    for overlap in (None, "enqueue"):
        await accept(connection, staff.admin, message(first.conversation_id, overlap), default_model="extractive")
    turn = await turns.begin(connection, message_id=first.message_id)
    assert isinstance(turn, Begun)
    await turns.append(connection, turn.claim, Notes(events=[TextAdded(text="Hi", model_call=1)]))
    closing = MessageCompleted(reply_id=0, model="extractive", usage=Usage())
    answer = Answer(text="Hi", model="extractive", usage=Usage())
    await turns.complete(connection, turn.claim, Ending(events=[closing]), answer=answer)
    assert connection.statements == 5


async def test_a_turn_looks_for_nobody_when_nobody_came(
    connection: Counting, staff: People, database: Database
) -> None:
    changes = Changes(Notices(database))  # sends nothing: only the turn uses the pool
    first = await start(ConversationActions(database, changes), staff)
    turn = await turns.begin(connection, message_id=first.message_id)
    assert isinstance(turn, Begun)
    await accept(connection, staff.admin, message(first.conversation_id), default_model="extractive")
    log = TurnLog(database, turn.claim, changes)
    joining = TurnJoining(turn, log, None, {})
    before = database.pool.get_stats()["requests_num"]
    assert await joining.before(1, is_recorded=False) == ()
    assert database.pool.get_stats()["requests_num"] == before
    log.note("model:1", b"{}")
    assert await joining.before(2, is_recorded=False) == ()
    assert database.pool.get_stats()["requests_num"] == before + 1  # the step, which is written anyway

    await accept(connection, staff.admin, message(first.conversation_id, "steer"), default_model="extractive")
    log.note("tool:1:x", b"{}")
    (heard,) = await joining.before(3, is_recorded=False)
    assert (heard.text, database.pool.get_stats()["requests_num"]) == ("Hello?", before + 3)
