"""Keeping conversations: begun with labels, listed, found by their words, labelled, archived, forked, deleted."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from turnkeeper.actions.conversations import Attachable, ConversationActions
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversation_lists import ConversationFilter, ConversationPage, Overview, Removed
from turnkeeper.core.conversations import Mode
from turnkeeper.core.data_sets import DataSet
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.labels import NO_LABELS, LabelChange, Labels, changed
from turnkeeper.store import (
    agents,
    audit,
    cancelling,
    conversation_lists,
    conversations,
    data_sets,
    deleting,
    forking,
    labels,
    message_words,
)
from turnkeeper.store.cancelling import Ending
from turnkeeper.store.changes import Changes
from turnkeeper.store.conversations import NewConversation
from turnkeeper.store.database import Connection, Database

SEARCH_READS_SECONDS = 2.0
"""How long a search reads messages that were not searched before; what is left is read in the background."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beginning:
    """What a conversation begins with."""

    agent: UUID | str
    """By its id or its slug."""
    data_set: UUID | str | None = None
    """By its id or its name: takes the place of the agent's."""
    mode: Mode = "execute"
    labels: Labels = NO_LABELS


@dataclass(frozen=True, kw_only=True, slots=True)
class FirstMessage:
    """The message that a conversation begins with."""

    text: str
    attached: Attachable = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """The ids of a conversation that began, and of its first message if it came with one."""

    conversation: UUID
    message: UUID | None


class KeepingActions:
    """What callers may do with conversations as wholes."""

    def __init__(
        self,
        database: Database,
        changes: Changes,
        conversations: ConversationActions,
        *,
        default_model: str = "extractive",
    ) -> None:
        """`default_model` is that of agents which name none."""
        self._database = database
        self._changes = changes
        self._conversations = conversations
        self._default_model = default_model

    async def begin(
        self,
        caller: Caller,
        beginning: Beginning,
        message: FirstMessage | None = None,
        *,
        key: IdempotencyKey | None = None,
        request_id: str | None = None,
    ) -> Once[Begun]:
        """Begin a conversation, with or without a first message.

        Raises:
            InvalidError: field `agent` or `data_set`: there is none that the caller may see; or the message cannot be one.
            UnknownFilesError: some files are not there, or not the caller's to attach.
            ConflictError: code `idempotency_key_reused`, also when another account used the key.
        """
        async with self._database.connection() as connection:
            agent = await _agent(connection, caller, beginning.agent)
            data_set = None
            if beginning.data_set is not None:
                data_set = (await _data_set(connection, caller, beginning.data_set)).id
        if message is not None:
            started = await self._conversations.start(
                caller,
                agent=agent,
                text=message.text,
                mode=beginning.mode,
                origin=caller.born_at,
                attached=message.attached,
                data_set_id=data_set,
                labels=beginning.labels,
                key=key,
                request_id=request_id,
            )
            ids = Begun(conversation=started.value.conversation_public_id, message=started.value.message_public_id)
            return Once(value=ids, replayed=started.replayed)
        new = NewConversation(
            public_id=new_id(),
            agent_id=agent.id,
            origin=caller.born_at,
            mode=beginning.mode,
            data_set_id=data_set,
            labels=beginning.labels,
        )

        async def work(connection: Connection) -> Begun:
            if await conversations.create(connection, caller, new) is None:
                raise _no_agent(beginning.agent)
            return Begun(conversation=new.public_id, message=None)

        return await self._checked_replay(caller, await once(self._database, caller, key, Begun, work))

    async def get(self, caller: Caller, *, conversation: UUID) -> Overview:
        """All that is told of a conversation.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            return await _overview(connection, caller, conversation)

    async def list(self, caller: Caller, wanted: ConversationFilter) -> ConversationPage:
        """A part of the conversations that the caller may see and that match.

        A search first reads what nobody has searched yet; when that is too much, the page says so, and the task
        `read_messages` reads the rest.
        """
        is_whole = wanted.search is None or await self._read_on()
        async with self._database.connection() as connection:
            found = await conversation_lists.listed(connection, caller, wanted, most=wanted.limit + 1)
        return ConversationPage(
            items=tuple(found[: wanted.limit]), has_more=len(found) > wanted.limit, has_all_words=is_whole
        )

    async def change(
        self,
        caller: Caller,
        *,
        conversation: UUID,
        change: LabelChange,
        revision: int | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[Overview]:
        """Change what is said about a conversation; with `revision`, only if its labels are still those of that number.

        Raises:
            NotFoundError: there is no such conversation for this caller.
            InvalidError: the metadata would be too many.
            ConflictError: code `precondition_failed`: the labels were changed meanwhile.
        """

        async def work(connection: Connection) -> Begun:
            held = await labels.hold(connection, caller, conversation=conversation)
            if held is None:
                raise NotFoundError("conversation", str(conversation))
            if revision not in {None, held.revision}:
                raise ConflictError(
                    "The conversation was changed meanwhile; read it again, then change it.", code="precondition_failed"
                )
            wanted = changed(held.labels, change)
            archived = change.archived if isinstance(change.archived, bool) else held.is_archived
            if (wanted, archived) != (held.labels, held.is_archived):
                await labels.write(connection, conversation_id=held.conversation_id, labels=wanted, archived=archived)
            return Begun(conversation=conversation, message=None)

        done = await once(self._database, caller, key, Begun, work, is_one_statement=False)
        return Once(value=await self.get(caller, conversation=done.value.conversation), replayed=done.replayed)

    async def fork(
        self,
        caller: Caller,
        *,
        conversation: UUID,
        message: UUID,
        title: str | None = None,
        key: IdempotencyKey | None = None,
    ) -> Once[Begun]:
        """A new conversation of the caller's, with everything up to a message and its reply; nothing is done again.

        `message` may be a reply too. Tags, metadata and, unless another is given, the title come along.

        Raises:
            NotFoundError: there is no such conversation, or it has no such message, for this caller.
            ConflictError: code `not_finished`: a message up to there is still to be answered; code `locked`: the agent was
                deleted, or is not open to the caller.
        """

        async def work(connection: Connection) -> Begun:
            source = await _overview(connection, caller, conversation)
            point = await forking.point(connection, caller, conversation=conversation, message=message)
            if point is None:
                raise NotFoundError("message", str(message))
            if point.has_open:
                raise ConflictError(
                    "A message up to there is not finished; wait for its end, or cancel it.", code="not_finished"
                )
            old = source.conversation
            new = NewConversation(
                public_id=new_id(),
                agent_id=old.agent.id,
                origin=caller.born_at,
                mode=old.mode,
                data_set_id=old.data_set_id,
                labels=source.labels if title is None else _titled(source.labels, title),
            )
            made = await conversations.create(connection, caller, new)
            if made is None:
                raise ConflictError("The agent of this conversation was deleted, or is not open to you.", code="locked")
            await forking.copy(connection, caller, source=point, target_id=made.id)
            await message_words.have_read(connection, conversation_id=made.id)
            return Begun(conversation=new.public_id, message=None)

        made = await once(self._database, caller, key, Begun, work, is_one_statement=False)
        return await self._checked_replay(caller, made)

    async def delete(self, caller: Caller, *, conversation: UUID, key: IdempotencyKey | None = None) -> Once[Removed]:
        """Delete a conversation with all that belongs to it. Whoever answers in it finds the claim gone and writes nothing.

        What its turns spent stays in the sums of the days; that of a turn which is cut here is counted first.

        Raises:
            NotFoundError: there is no such conversation for this caller, any more or at all.
        """
        removed: list[int] = []

        async def work(connection: Connection) -> Removed:
            number = await deleting.hold(connection, caller, conversation=conversation)
            if number is None:
                raise NotFoundError("conversation", str(conversation))
            counted = await deleting.counted(connection, conversation_id=number)
            for message_id in await deleting.begun_messages(connection, conversation_id=number):
                await cancelling.cancel(
                    connection,
                    Ending(how="cancelled", instead=""),
                    conversation_id=number,
                    message_id=message_id,
                    default_model=self._default_model,
                )
            await deleting.remove(connection, conversation_id=number)
            details = {"messages": counted.messages, "files": counted.files}
            await audit.append(connection, caller.actor, "conversation.deleted", target=conversation, details=details)
            removed.append(number)
            return counted

        done = await once(self._database, caller, key, Removed, work, is_one_statement=False)
        for number in removed:
            self._changes.seen(number)
            self._changes.ended(number)
        return done

    async def _read_on(self) -> bool:
        """Read what was not searched yet, for a while; whether everything is read."""
        deadline = asyncio.get_running_loop().time() + SEARCH_READS_SECONDS
        after: int | None = None
        has_more = True
        while has_more and asyncio.get_running_loop().time() < deadline:
            async with self._database.transaction() as connection:
                after = await message_words.read_on(connection, after=after)
                has_more = after is not None or await message_words.read_whole(connection)
        async with self._database.connection() as connection:
            await message_words.note_wanted(connection)
            if has_more:
                await message_words.ask_to_read(connection)
        return not has_more

    async def _checked_replay(self, caller: Caller, made: Once[Begun]) -> Once[Begun]:
        """Refuse the replay of a request of another account, whose conversation the caller may not see."""
        if made.replayed:
            try:
                await self.get(caller, conversation=made.value.conversation)
            except NotFoundError as error:
                raise ConflictError(
                    "This Idempotency-Key was used by another account, or for a conversation that is gone; take a new key.",
                    code="idempotency_key_reused",
                ) from error
        return made


def _titled(found: Labels, title: str) -> Labels:
    return Labels(title=title, tags=found.tags, metadata=found.metadata)


async def _overview(connection: Connection, caller: Caller, conversation: UUID) -> Overview:
    found = await conversation_lists.find(connection, caller, conversation=conversation)
    if found is None:
        raise NotFoundError("conversation", str(conversation))
    return found


async def _agent(connection: Connection, caller: Caller, wanted: UUID | str) -> agents.Agent:
    public_id, slug = (wanted, None) if isinstance(wanted, UUID) else (None, wanted)
    found = await agents.find(connection, caller, public_id=public_id, slug=slug)
    if found is None:
        raise _no_agent(wanted)
    return found


async def _data_set(connection: Connection, caller: Caller, wanted: UUID | str) -> DataSet:
    found = await data_sets.find_any(connection, caller, wanted)
    if found is None:
        raise InvalidError("data_set", "You have no such data set; check its id or name.", code="unknown")
    return found


def _no_agent(wanted: Sequence[str] | UUID) -> InvalidError:
    return InvalidError("agent", f"You have no agent {str(wanted)!r}; check its id or slug.", code="unknown")
