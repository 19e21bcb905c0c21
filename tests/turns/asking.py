"""A talk with an agent as most tests of turns have it: a text, and its end."""

from tests.fakes.people import People
from tests.patience import PATIENCE
from turnkeeper.actions.conversations import ConversationActions


async def ask(conversations: ConversationActions, staff: People, text: str, conversation: int | None = None) -> int:
    """Send a text and wait for its end; the conversation."""
    if conversation is None:
        sent = await conversations.start(staff.admin, agent=staff.agent, text=text, mode="execute", origin="api")
    else:
        sent = await conversations.send(staff.admin, conversation=conversation, text=text)
    await conversations.message(staff.admin, message=sent.value.message_public_id, wait_seconds=PATIENCE)
    return sent.value.conversation_id
