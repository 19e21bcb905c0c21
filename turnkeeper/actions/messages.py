"""One message and what became of it: its reply, why it failed, what it waits for, what people think of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from uuid import UUID

from turnkeeper.actions.conversations import ConversationActions
from turnkeeper.actions.editing import Edit, edit
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import Entry, Message, Standing
from turnkeeper.core.errors import ConflictError, NotFoundError
from turnkeeper.core.feedback import Rating
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import conversations, feedback, messages, queue_place
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.messages import Accepted
from turnkeeper.store.together import Together


class MessageActions:
    """What callers may do with a message by its own id, wherever it was sent."""

    def __init__(self, database: Database, changes: Changes, conversations: ConversationActions) -> None:
        self._database = database
        self._changes = changes
        self._conversations = conversations
        self._standings: Together[Standing] = Together()

    async def standing(self, caller: Caller, *, message: UUID, wait_seconds: float = 0.0) -> Standing:
        """How a message stands. When it is not finished, wait for its end, for at most so many seconds.

        Raises:
            NotFoundError: there is no such message for this caller.
        """
        if wait_seconds > 0:
            await self._conversations.state(caller, message=message, wait_seconds=wait_seconds)
        found = await self._standings.read(caller.sight, message, partial(self._read, caller))
        if found is None:
            raise NotFoundError("message", str(message))
        if found.message.status == "queued":
            async with self._database.connection() as connection:
                place = await queue_place.of_message(connection, message_id=found.message.id)
            return replace(found, queue=place)
        return found

    async def list(
        self, caller: Caller, *, conversation: UUID, behind: int | None, newest_first: bool, limit: int
    ) -> Sequence[Entry]:
        """Up to `limit` entries of a conversation, behind the one with the id `behind`; each message before its reply.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            found = await conversations.find(connection, caller, conversation=conversation, only_own=False)
            if found is None:
                raise NotFoundError("conversation", str(conversation))
            entries = await messages.page(
                connection, conversation_id=found.id, behind=behind, newest_first=newest_first, limit=limit
            )
        self._changes.seen(found.id)
        return entries

    async def cancel(self, caller: Caller, *, message: UUID, key: IdempotencyKey | None = None) -> Once[Standing]:
        """End a message that is not finished, keeping what was said: see `ConversationActions.cancel`.

        Raises:
            NotFoundError: there is no such message for this caller.
            InvalidError: the message is a reply.
        """
        done: Once[Message] = await self._conversations.cancel(caller, message=message, key=key)
        return Once(value=await self.standing(caller, message=message), replayed=done.replayed)

    async def edit(
        self,
        caller: Caller,
        *,
        message: UUID,
        text: str | None,
        key: IdempotencyKey | None = None,
        request_id: str | None = None,
    ) -> Once[Accepted]:
        """Leave the talk from a message on behind and accept another in its place; without a text, the same once more.

        Raises:
            NotFoundError: there is no such message for this caller.
            InvalidError, ConflictError, NotAllowedError: see `actions.editing.edit`.
        """
        wanted = Edit(message=message, text=text, request_id=request_id)

        async def work(connection: Connection) -> Accepted:
            return await edit(connection, caller, wanted)

        done = await once(self._database, caller, key, Accepted, work, is_one_statement=False)
        if done.replayed:
            await self.standing(caller, message=message)  # another account may have used the key
        else:
            self._changes.accepted(done.value.conversation_id)
        return done

    async def rate(
        self,
        caller: Caller,
        *,
        message: UUID,
        rating: Rating | None,
        comment: str | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[Standing]:
        """Keep what the caller thinks of a reply, in place of what they thought before; None forgets it.

        A message stands for its reply.

        Raises:
            NotFoundError: there is no such message for this caller.
            ConflictError: code `no_answer`: there is no answer of the agent's to be rated.
        """

        async def work(connection: Connection) -> Message:
            found = await messages.standing(connection, caller, message=message)
            if found is None:
                raise NotFoundError("message", str(message))
            reply = found.reply if found.message.role == "user" else found.message
            if reply is None or reply.role != "assistant":
                if rating is not None:
                    raise ConflictError("There is no answer of the agent yet that could be rated.", code="no_answer")
                return found.message
            if rating is None:
                await feedback.remove(connection, caller, message_id=reply.id)
            else:
                await feedback.put(connection, caller, message_id=reply.id, rating=rating, comment=comment)
            return reply

        done = await once(self._database, caller, key, Message, work, is_one_statement=False)
        return Once(value=await self.standing(caller, message=done.value.public_id), replayed=done.replayed)

    async def _read(self, caller: Caller, wanted: Sequence[UUID]) -> Mapping[UUID, Standing]:
        async with self._database.connection() as connection:
            return await messages.standings(connection, caller, wanted)
