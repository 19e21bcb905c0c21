"""A talk with an agent as most tests of turns have it: a text, and its end; or a turn of it, begun by the test itself."""

from tests.fakes.people import People
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.store import turns
from turnkeeper.store.database import Database
from turnkeeper.store.turns import Begun


async def ask(conversations: ConversationActions, staff: People, text: str, conversation: int | None = None) -> int:
    """Send a text and wait for its end; the conversation."""
    if conversation is None:
        sent = await conversations.start(staff.admin, agent=staff.agent, text=text, mode="execute", origin="api")
    else:
        sent = await conversations.send(staff.admin, conversation=conversation, text=text)
    await conversations.message(staff.admin, message=sent.value.message_public_id, wait_seconds=PATIENCE)
    return sent.value.conversation_id


async def begun_turn(conversations: ConversationActions, database: Database, staff: People) -> Begun:
    """The turn of a new conversation's message."""
    started = await conversations.start(staff.admin, agent=staff.agent, text="Hello", mode="execute", origin="api")
    return await begun(database, started.value.message_id)


async def begun(database: Database, message_id: int) -> Begun:
    """An attempt at this message, which may run now."""
    async with database.connection() as connection:
        turn = await turns.begin(connection, message_id=message_id)
    assert isinstance(turn, Begun)
    return turn
