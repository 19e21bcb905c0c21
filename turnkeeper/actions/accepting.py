"""Accepting one message into a conversation that there is, whatever is under way there."""

from collections.abc import Mapping, Sequence
from typing import NoReturn
from uuid import UUID

from turnkeeper.core.accounts import Caller
from turnkeeper.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from turnkeeper.core.files import MOST_FILES_A_MESSAGE, UnknownFilesError
from turnkeeper.core.overlap import Overlap, ruling_on
from turnkeeper.store import cancelling, conversations, files, messages
from turnkeeper.store.cancelling import Ending
from turnkeeper.store.database import Connection
from turnkeeper.store.messages import Accepted, NewMessage

LONGEST_TEXT = 1_000_000
"""Characters of one message."""

Attachable = Sequence[int | UUID]
"""Files by their integer or by their public ids, not both in one request."""

CANCELLED = Ending(how="cancelled", instead="The message was cancelled before anything was answered.")
CUTS_OFF: Mapping[Overlap, Ending] = {
    "interrupt": Ending(
        how="interrupted", instead="The message was interrupted by a newer one before anything was answered."
    ),
    "rollback": Ending(how="rolled_back", instead="The message was rolled back in favour of a newer one."),
}
"""How the policies end the messages that are unfinished."""


async def accept(connection: Connection, caller: Caller, new: NewMessage, *, default_model: str) -> Accepted:
    """Write the message and the task that answers it; what is unfinished is dealt with as its policy says.

    A message that waits in its line is one statement. Every other policy looks first, while it holds the conversation's row,
    so that nothing begins, ends or comes meanwhile. `default_model` is that of agents which name none.

    Raises:
        NotFoundError, ConflictError, NotAllowedError, InvalidError: see `ConversationActions.send`.
    """
    accepted = await messages.send(connection, caller, new) if new.overlap in {None, "enqueue"} else None
    if accepted is not None:
        return accepted
    async with connection.transaction():
        return await _accept_overlapping(connection, caller, new, default_model=default_model)


async def _accept_overlapping(
    connection: Connection, caller: Caller, new: NewMessage, *, default_model: str
) -> Accepted:
    locked = await messages.lock_to_send(connection, caller, new)
    if locked is None:
        await refuse_message(connection, caller, new)
    conversation_id, wanted = locked
    ruling = ruling_on(wanted, await messages.unfinished(connection, conversation_id=conversation_id))
    for message_id in ruling.ends:
        await cancelling.cancel(
            connection,
            CUTS_OFF[ruling.applied],
            conversation_id=conversation_id,
            message_id=message_id,
            default_model=default_model,
        )
    return await messages.send_overlapping(connection, new, conversation_id=conversation_id, ruling=ruling)


def check_text(text: str) -> None:
    """Refuse a text that is no message.

    Raises:
        InvalidError: it is blank, too long, or holds what cannot be stored.
    """
    if not text.strip():
        raise InvalidError("text", "The message is blank; say something.", code="blank")
    if len(text) > LONGEST_TEXT:
        raise InvalidError(
            "text", f"The message has {len(text):,} characters; the most is {LONGEST_TEXT:,}.", code="too_long"
        )
    if "\x00" in text:
        raise InvalidError("text", "The message contains a NUL character, which cannot be stored.", code="nul")


def checked_files(attached: Attachable) -> Attachable:
    """The files, each once.

    Raises:
        InvalidError: there are too many.
    """
    once_each = list(dict.fromkeys(attached))
    if len(once_each) > MOST_FILES_A_MESSAGE:
        raise InvalidError(
            "files",
            f"The message has {len(once_each)} files; the most is {MOST_FILES_A_MESSAGE}.",
            code="too_many_files",
        )
    return once_each


async def with_files(
    connection: Connection, caller: Caller, accepted: Accepted, wanted: Attachable, *, only_own: bool = False
) -> Accepted:
    """Attach the files in the transaction that wrote the message: with one that is unknown, nothing is written."""
    if wanted:
        unknown = await files.attach(
            connection,
            caller,
            wanted,
            message_id=accepted.message_id,
            conversation_id=accepted.conversation_id,
            only_own=only_own,
        )
        if unknown:
            raise UnknownFilesError(unknown)
    return accepted


def check_may_try(caller: Caller) -> None:
    """Refuse trying revisions to those who may not change agents.

    Raises:
        NotAllowedError: the caller is no admin, or lacks the scope.
    """
    if caller.role != "admin" or "manage_agents" not in caller.scopes:
        raise NotAllowedError(
            "Only admins with the scope `manage_agents` may try a revision of an agent; leave `agent_revision` out."
        )


async def try_revision(connection: Connection, accepted: Accepted, revision: int) -> None:
    """Have this revision answer, in the transaction that wrote the message: nobody has begun to answer it.

    Raises:
        InvalidError: the agent has no such revision.
    """
    if not await messages.answer_with(connection, message_id=accepted.message_id, revision=revision):
        raise InvalidError("agent_revision", f"The agent has no revision {revision:,}; see its revisions.")


async def refuse_message(connection: Connection, caller: Caller, new: NewMessage) -> NoReturn:
    """Say why the conversation does not take the message."""
    found = await conversations.find(connection, caller, conversation=new.conversation, only_own=new.only_own)
    if found is None:
        raise NotFoundError("conversation", str(new.conversation))
    if new.origin not in {None, found.origin}:
        raise ConflictError(f"This conversation was born at another door: {found.origin}.", code="wrong_origin")
    if found.status not in {"active", "error"}:
        raise ConflictError(f"This conversation is {found.status}; start a new one.", code="not_active")
    if new.data_set_id not in {None, found.data_set_id}:
        raise InvalidError("data_set_id", f"This conversation is about the data set {found.data_set_id}.")
    if found.agent.deleted_at is None:
        raise NotAllowedError(f"The data set of agent {found.agent.id} is not open to you; ask an admin to add you.")
    raise ConflictError("The agent of this conversation was deleted; start a new one.", code="locked")
