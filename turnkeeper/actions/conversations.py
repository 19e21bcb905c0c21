"""Starting a conversation, sending messages, reading what became of them."""

import asyncio
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NoReturn
from uuid import UUID

from turnkeeper.actions.accepting import (
    CANCELLED,
    CUTS_OFF,
    Attachable,
    accept,
    check_may_try,
    check_text,
    checked_files,
    try_revision,
    with_files,
)
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.conversations import FINISHED, AgentFilter, Conversation, Message, Mode, Origin, Talk, summary_of
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.events import Event
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.labels import NO_LABELS, Labels
from turnkeeper.core.overlap import Overlap
from turnkeeper.store import agents, cancelling, conversations, data_sets, events, messages, talks
from turnkeeper.store.changes import LOOK_AGAIN_SECONDS, Changes
from turnkeeper.store.conversations import NewConversation
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.messages import Accepted, MessageState, NewMessage
from turnkeeper.store.together import Together

MOST_MESSAGES = 2_000
"""Messages of one conversation that are shown at once: the newest."""
MOST_EVENTS = 20_000
"""Events of one conversation that are shown at once: the oldest of the newest messages."""
_LONGEST_REMEMBERED = 2_000
"""Characters of an unfinished message that is remembered whole for those who poll it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """Only the caller's own conversations count, also for an admin; with a data set, only those about it."""

    data_set_id: int | None = None


class ConversationActions:
    """What callers may do with conversations."""

    def __init__(self, database: Database, changes: Changes, *, default_model: str = "extractive") -> None:
        """`default_model` is that of agents which name none."""
        self._default_model = default_model
        self._database = database
        self._changes = changes
        self._messages: Together[Message] = Together()
        self._states: Together[MessageState] = Together()

    async def create(
        self,
        caller: Caller,
        *,
        agent_id: int | None = None,
        data_set_id: int | None = None,
        origin: Origin,
        key: IdempotencyKey | None = None,
    ) -> Once[Conversation]:
        """Begin a conversation that has no message yet, with an agent, or else with the oldest agent of a data set.

        Raises:
            NotFoundError: the organization has no such live agent, or no such data set.
            NotAllowedError: the agent's data set is not open to the caller.
            InvalidError: the data set has no agent.
            ConflictError: code `idempotency_key_reused`, also when another account used the key.
        """

        async def work(connection: Connection) -> Conversation:
            new = NewConversation(
                public_id=new_id(), agent_id=agent_id, agents_data_set_id=data_set_id, origin=origin, mode="execute"
            )
            created = await conversations.create(connection, caller, new)
            if created is not None:
                return created
            chosen = await _agent_of(connection, caller, data_set_id or 0) if agent_id is None else agent_id
            return await _refuse_agent(connection, caller, chosen)

        made = await once(self._database, caller, key, Conversation, work)
        if made.value.account_id != caller.account_id:
            raise _used_by_another()
        return made

    async def start(  # noqa: PLR0913 - all by keyword; the last two are of the request
        self,
        caller: Caller,
        *,
        agent: Agent,
        text: str,
        mode: Mode,
        origin: Origin,
        attached: Attachable = (),
        data_set_id: int | None = None,
        labels: Labels = NO_LABELS,
        key: IdempotencyKey | None = None,
        request_id: str | None = None,
    ) -> Once[Accepted]:
        """Begin a conversation with its first message, which will be answered; `attached` are ids of files, in order.

        `data_set_id`, of one that the caller may see, takes the place of the agent's.

        Raises:
            NotFoundError: the agent is gone or not the caller's to see.
            InvalidError: the text is blank or too long, or there are too many files.
            UnknownFilesError: some files are not there, or not the caller's to attach.
        """
        check_text(text)
        wanted = checked_files(attached)
        new = NewConversation(
            public_id=new_id(),
            agent_id=agent.id,
            origin=origin,
            mode=mode,
            summary=summary_of(text),
            data_set_id=data_set_id,
            labels=labels,
        )
        message, mark = new_id(), self._changes.states.mark()

        async def work(connection: Connection) -> Accepted:
            accepted = await messages.start(connection, caller, new, message=message, text=text, request_id=request_id)
            if accepted is None:
                return await _refuse_agent(connection, caller, agent.id)
            return await with_files(connection, caller, accepted, wanted)

        started = await once(self._database, caller, key, Accepted, work, is_one_statement=not wanted)
        if started.replayed:
            await self._check_own_key(caller, started.value.conversation_id)
        self._note_accepted(caller, started, mark)
        return started

    async def send(  # noqa: PLR0913 - all by keyword; the last two are of the request
        self,
        caller: Caller,
        *,
        conversation: int | UUID,
        text: str,
        own: Own | None = None,
        origin: Origin | None = None,
        attached: Attachable = (),
        overlap: Overlap | None = None,
        agent_revision: int | None = None,
        key: IdempotencyKey | None = None,
        request_id: str | None = None,
    ) -> Once[Accepted]:
        """Add a message to a conversation; it will be answered after those before it. `attached` are ids of files, in order.

        `overlap` is what is to become of it while others are unfinished, None for what the agent's settings say; the result
        tells what was done. `agent_revision`, of those who may change the agent, answers it in place of what is deployed.

        Raises:
            NotFoundError: there is no such conversation for this caller.
            ConflictError: code `locked`, its agent was deleted; code `wrong_origin`, it was born at another door; code
                `not_active`, it is completed or abandoned; code `busy`, an earlier message is unfinished and the policy is
                `reject`.
            NotAllowedError: its agent's data set is no longer open to the caller, or trying revisions is not for the caller.
            InvalidError: the text is blank or too long, there are too many files, the agent has no such revision, or the
                conversation is about another data set than `own` says.
            UnknownFilesError: some files are not there, or not the caller's to attach here.
        """
        check_text(text)
        wanted = checked_files(attached)
        new = NewMessage(
            public_id=new_id(),
            conversation=conversation,
            text=text,
            summary=summary_of(text),
            only_own=own is not None,
            origin=origin,
            data_set_id=None if own is None else own.data_set_id,
            request_id=request_id,
            overlap=overlap if agent_revision is None else overlap or "enqueue",
        )
        if agent_revision is not None:
            check_may_try(caller)

        mark = self._changes.states.mark()

        async def work(connection: Connection) -> Accepted:
            accepted = await accept(connection, caller, new, default_model=self._default_model)
            if agent_revision is not None:
                await try_revision(connection, accepted, agent_revision)
            return await with_files(connection, caller, accepted, wanted, only_own=new.only_own)

        alone = not wanted and agent_revision is None
        sent = await once(self._database, caller, key, Accepted, work, is_one_statement=alone)
        if sent.replayed:
            # Another account of the organization may have used the key: its conversation is not the caller's to see.
            await self.get(caller, conversation=sent.value.conversation_id, only_own=own is not None)
        self._note_accepted(caller, sent, mark)
        if not sent.replayed and sent.value.overlap in CUTS_OFF:
            self._changes.ended(sent.value.conversation_id)
        return sent

    async def get(self, caller: Caller, *, conversation: int | UUID, only_own: bool = False) -> Conversation:
        """A conversation by its integer or its public id.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            return await _found(connection, caller, conversation, only_own=only_own)

    async def read(self, caller: Caller, *, conversation: int | UUID, only_own: bool = False) -> Talk:
        """A conversation with its newest messages.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            talk = await _talk(connection, caller, conversation, only_own=only_own)
        self._changes.seen(talk.conversation.id)
        return talk

    async def read_with_events(
        self, caller: Caller, *, conversation: int | UUID, kinds: Sequence[events.Kind]
    ) -> tuple[Talk, Sequence[Event]]:
        """A conversation with its newest messages and their events of these kinds.

        Messages are read before events: a reply that is shown as complete never lacks its events.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            talk = await _talk(connection, caller, conversation, only_own=False)
            conversation_id = talk.conversation.id
            after = talk.messages[0].first_event - 1 if talk.messages else 0
            log = await events.of_conversation(
                connection, conversation_id=conversation_id, after=after, limit=MOST_EVENTS, kinds=kinds
            )
        self._changes.seen(conversation_id)
        return talk, log

    async def event(self, caller: Caller, *, conversation_id: int, number: int) -> tuple[Message, Event]:
        """One event and the message that it is about.

        Raises:
            NotFoundError: there is no such event for this caller.
        """
        async with self._database.connection() as connection:
            log = await events.of_conversation(connection, conversation_id=conversation_id, after=number - 1, limit=1)
            if log and log[0].number == number:
                message = await messages.find(connection, caller, message=log[0].message_id, only_own=False)
                if message is not None:
                    self._changes.seen(conversation_id)
                    return message, log[0]
        raise NotFoundError("event", number)

    async def list_own(
        self, caller: Caller, *, agent_id: int | None, data_set_id: int | None, offset: int, limit: int
    ) -> tuple[int, Sequence[Conversation]]:
        """How many conversations of the caller's match, and some of them, newest first."""
        async with self._database.connection() as connection:
            return await conversations.page_of_own(
                connection, caller, agent_id=agent_id, data_set_id=data_set_id, offset=offset, limit=limit
            )

    async def list_of_agent(self, caller: Caller, wanted: AgentFilter) -> Sequence[Conversation]:
        """Conversations with one agent."""
        async with self._database.connection() as connection:
            return await conversations.of_agent(connection, caller, wanted)

    async def message(
        self, caller: Caller, *, message: UUID, only_own: bool = False, wait_seconds: float = 0.0
    ) -> Message:
        """A message. When it is not finished, wait for its end, for at most so many seconds.

        Raises:
            NotFoundError: there is no such message for this caller.
        """
        known, key = self._changes.messages, _asked(caller, message, only_own=only_own)
        wait_seconds = max(wait_seconds, known.pause(key))
        if wait_seconds > 0:
            await self.state(caller, message=message, only_own=only_own, wait_seconds=wait_seconds)
        mark, found = known.mark(), known.get(key)
        if found is not None:
            return found
        found = await self._messages.read(
            _line(caller, only_own=only_own), message, partial(self._read_messages, caller, only_own=only_own)
        )
        if found is None:
            raise NotFoundError("message", str(message))
        if found.status in FINISHED:
            self._changes.seen(found.conversation_id)
        elif len(found.text) <= _LONGEST_REMEMBERED:
            known.note(key, found, mark)
        return found

    async def state(
        self, caller: Caller, *, message: UUID, only_own: bool = False, wait_seconds: float = 0.0
    ) -> MessageState:
        """How far a message is. When it is not finished, wait for its end, for at most so many seconds.

        Who asks again at once, without a wait, waits a little too: until something changes, or a fifth of a second. When the
        process stops nobody waits: how far it is, is told at once.

        Raises:
            NotFoundError: there is no such message for this caller.
        """
        pause = self._changes.states.pause(_asked(caller, message, only_own=only_own))
        wait_seconds = max(wait_seconds, pause)
        state = await self._state(caller, message, only_own=only_own)
        if wait_seconds <= 0 or state.status in FINISHED:
            return state
        deadline = asyncio.get_running_loop().time() + wait_seconds
        with self._changes.listening(state.conversation_id, to_ends_only=True) as ended:
            while True:
                ended.clear()
                state = await self._state(caller, message, only_own=only_own)
                left = deadline - asyncio.get_running_loop().time()
                if left <= 0 or state.status in FINISHED or self._changes.is_closing:
                    return state
                await _set_within(ended, min(left, LOOK_AGAIN_SECONDS))

    async def cancel(
        self, caller: Caller, *, message: UUID, only_own: bool = False, key: IdempotencyKey | None = None
    ) -> Once[Message]:
        """End a message that is not finished, keeping what was said; the message as it stands then.

        The model's call is stopped, and no further tool is called. A message that is finished stays as it is.

        Raises:
            NotFoundError: there is no such message for this caller.
            InvalidError: the message is a reply.
        """
        cancelled: list[int] = []

        async def work(connection: Connection) -> Message:
            found = await _message(connection, caller, message, only_own=only_own)
            if found.role != "user":
                raise InvalidError("message", "Only a message of a user can be cancelled, and this is a reply.")
            if await cancelling.cancel(
                connection,
                CANCELLED,
                conversation_id=found.conversation_id,
                message_id=found.id,
                default_model=self._default_model,
            ):
                cancelled.append(found.conversation_id)
            return await _message(connection, caller, message, only_own=only_own)

        done = await once(self._database, caller, key, Message, work, is_one_statement=False)
        if done.replayed:
            await self.message(caller, message=message, only_own=only_own)  # another account may have used the key
        for conversation_id in cancelled:
            self._changes.accepted(conversation_id)
            self._changes.ended(conversation_id)
        return done

    async def _check_own_key(self, caller: Caller, conversation_id: int) -> None:
        """Refuse the replay of a request by another account, whose conversation the caller may not see."""
        async with self._database.connection() as connection:
            if await conversations.find(connection, caller, conversation=conversation_id, only_own=False) is None:
                raise _used_by_another()

    async def _state(self, caller: Caller, message: UUID, *, only_own: bool) -> MessageState:
        known, key = self._changes.states, _asked(caller, message, only_own=only_own)
        mark, found = known.mark(), known.get(key)
        if found is not None:
            return found
        found = await self._states.read(
            _line(caller, only_own=only_own), message, partial(self._read_states, caller, only_own=only_own)
        )
        if found is None:
            raise NotFoundError("message", str(message))
        if found.status in FINISHED:
            self._changes.seen(found.conversation_id)
        else:
            known.note(key, found, mark, about=message)
        return found

    async def _read_messages(self, caller: Caller, wanted: Sequence[UUID], *, only_own: bool) -> Mapping[UUID, Message]:
        async with self._database.connection() as connection:
            return await messages.find_each(connection, caller, wanted, only_own=only_own)

    async def _read_states(
        self, caller: Caller, wanted: Sequence[UUID], *, only_own: bool
    ) -> Mapping[UUID, MessageState]:
        async with self._database.connection() as connection:
            return await messages.states_of(connection, caller, wanted, only_own=only_own)

    def _note_accepted(self, caller: Caller, accepted: Once[Accepted], mark: int) -> None:
        """Wake who waits for it. Whoever asks for its state next, most likely the sender, is told from memory."""
        new = accepted.value
        if not accepted.replayed:
            queued = MessageState(conversation_id=new.conversation_id, role="user", status="queued")
            key = _asked(caller, new.message_public_id, only_own=True)
            self._changes.states.note(key, queued, mark, about=new.message_public_id)
        self._changes.accepted(new.conversation_id)


def _asked(caller: Caller, message: UUID, *, only_own: bool) -> Hashable:
    """Who asked for which message, and what limits what they may see."""
    # As a number: it is looked up at once, while a UUID asks Python twice.
    return (*_line(caller, only_own=only_own), message.int)


def _line(caller: Caller, *, only_own: bool) -> tuple[Hashable, ...]:
    """What limits what is to be seen: readings that have it in common may share a statement."""
    return (*caller.sight, only_own)


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _found(connection: Connection, caller: Caller, conversation: int | UUID, *, only_own: bool) -> Conversation:
    found = await conversations.find(connection, caller, conversation=conversation, only_own=only_own)
    if found is None:
        raise NotFoundError("conversation", str(conversation))
    return found


async def _talk(connection: Connection, caller: Caller, conversation: int | UUID, *, only_own: bool) -> Talk:
    talk = await talks.find(connection, caller, conversation=conversation, only_own=only_own, limit=MOST_MESSAGES)
    if talk is None:
        raise NotFoundError("conversation", str(conversation))
    return talk


async def _message(connection: Connection, caller: Caller, message: UUID, *, only_own: bool) -> Message:
    found = await messages.find(connection, caller, message=message, only_own=only_own)
    if found is None:
        raise NotFoundError("message", str(message))
    return found


async def _agent_of(connection: Connection, caller: Caller, data_set_id: int) -> int:
    agent_id = await agents.first_of_data_set(connection, caller, data_set_id=data_set_id)
    if agent_id is not None:
        return agent_id
    if not await data_sets.is_known(connection, caller, data_set_id=data_set_id):
        raise NotFoundError("data set", data_set_id)
    if await data_sets.find(connection, caller, data_set_id=data_set_id) is None:
        raise NotAllowedError(f"The data set {data_set_id} is not open to you; ask an admin to add you.")
    raise InvalidError("data_set_id", f"The data set {data_set_id} has no agent yet; create one first.")


def _used_by_another() -> ConflictError:
    return ConflictError(
        "This Idempotency-Key was used by another account before; take a new key.", code="idempotency_key_reused"
    )


async def _refuse_agent(connection: Connection, caller: Caller, agent_id: int) -> NoReturn:
    if await agents.is_known(connection, caller, agent_id=agent_id):
        raise NotAllowedError(f"The data set of agent {agent_id} is not open to you; ask an admin to add you.")
    raise NotFoundError("agent", agent_id)
