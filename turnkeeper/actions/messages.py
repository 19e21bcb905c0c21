"""One message and what became of it: its reply, why it failed, what it waits for."""

from uuid import UUID

from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import Message, Standing
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import messages
from turnkeeper.store.database import Database


class MessageActions:
    """What callers may do with a message by its own id, wherever it was sent."""

    def __init__(self, database: Database, conversations: ConversationActions) -> None:
        self._database = database
        self._conversations = conversations

    async def standing(self, caller: Caller, *, message: UUID, wait_seconds: float = 0.0) -> Standing:
        """How a message stands. When it is not finished, wait for its end, for at most so many seconds.

        Raises:
            NotFoundError: there is no such message for this caller.
        """
        if wait_seconds > 0:
            await self._conversations.state(caller, message=message, wait_seconds=wait_seconds)
        async with self._database.connection() as connection:
            found = await messages.standing(connection, caller, message=message)
        if found is None:
            raise NotFoundError("message", str(message))
        return found

    async def cancel(self, caller: Caller, *, message: UUID, key: IdempotencyKey | None = None) -> Once[Standing]:
        """End a message that is not finished, keeping what was said: see `ConversationActions.cancel`.

        Raises:
            NotFoundError: there is no such message for this caller.
            InvalidError: the message is a reply.
        """
        done: Once[Message] = await self._conversations.cancel(caller, message=message, key=key)
        return Once(value=await self.standing(caller, message=message), replayed=done.replayed)
