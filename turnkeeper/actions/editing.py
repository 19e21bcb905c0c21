"""Saying something else in the place of a message, or having it answered once more."""

from dataclasses import dataclass
from uuid import UUID

from turnkeeper.actions.accepting import check_text, refuse_message
from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import Message, summary_of
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError
from turnkeeper.core.ids import new_id
from turnkeeper.core.overlap import Ruling
from turnkeeper.store import editing, memories, messages
from turnkeeper.store.database import Connection
from turnkeeper.store.editing import Original
from turnkeeper.store.messages import Accepted, NewMessage


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """What is wanted: other words in the place of a message, or, without a text, the same ones once more."""

    message: UUID
    text: str | None
    request_id: str | None


async def edit(connection: Connection, caller: Caller, wanted: Edit) -> Accepted:
    """Leave the talk from a message on behind, and accept another message in its place. To be called in a transaction.

    The new message has the files of the old one. What was answered together with a message that is answered once more is
    asked again, too.

    Raises:
        NotFoundError: there is no such message for this caller.
        InvalidError: the text is blank or too long, or other words are wanted for a reply.
        ConflictError: code `busy`, the message or one after it is unfinished; `superseded`, another one stands in its place
            already; `answered_together`, it is a part of another message's turn. And those of `ConversationActions.send`.
        NotAllowedError: the agent's data set is no longer open to the caller.
    """
    found = await messages.find(connection, caller, message=wanted.message, only_own=False)
    if found is None:
        raise NotFoundError("message", str(wanted.message))
    if wanted.text is not None:
        check_text(wanted.text)
        _check_is_editable(found)
    first = found.reply_to or found.answered_with or found.id
    new = _message(found.conversation_id, wanted.text or "", wanted)
    if await messages.lock_to_send(connection, caller, new) is None:
        await refuse_message(connection, caller, new)
    return await _accept_instead(connection, wanted, found.conversation_id, first)


async def _accept_instead(connection: Connection, wanted: Edit, conversation_id: int, first: int) -> Accepted:
    """Do it, under the conversation's lock."""
    original = await editing.original(connection, message_id=first)
    if original is None:
        raise NotFoundError("message", str(wanted.message))
    _check_is_current(original)
    new = _message(conversation_id, original.text if wanted.text is None else wanted.text, wanted)
    await editing.supersede(
        connection, conversation_id=conversation_id, from_message=first, by=new.public_id, summary=new.summary
    )
    await memories.forget(connection, conversation_id=conversation_id, from_message=first)
    alone = Ruling(applied="enqueue")
    accepted = await messages.send_overlapping(connection, new, conversation_id=conversation_id, ruling=alone)
    await editing.attach_the_same(connection, from_message=first, to_message=accepted.message_id)
    for old, text in original.joined if wanted.text is None else ():
        again = await messages.send_overlapping(
            connection,
            _message(conversation_id, text, wanted),
            conversation_id=conversation_id,
            ruling=Ruling(applied="merge"),
        )
        await editing.attach_the_same(connection, from_message=old, to_message=again.message_id)
    return accepted


def _message(conversation_id: int, text: str, wanted: Edit) -> NewMessage:
    return NewMessage(
        public_id=new_id(),
        conversation=conversation_id,
        text=text,
        summary=summary_of(text),
        only_own=False,
        origin=None,
        data_set_id=None,
        request_id=wanted.request_id,
    )


def _check_is_editable(message: Message) -> None:
    if message.role != "user":
        raise InvalidError("message", "Only a message of a person can be edited, and this is a reply.")
    if message.answered_with is not None:
        raise ConflictError(
            "This message was answered together with an earlier one; edit that one.", code="answered_together"
        )


def _check_is_current(original: Original) -> None:
    if original.is_superseded:
        raise ConflictError("Another message stands in the place of this one already.", code="superseded")
    if original.is_busy:
        raise ConflictError("This message, or one after it, is unfinished; wait for its end or cancel it.", code="busy")
