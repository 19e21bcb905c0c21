"""What stands in a transcript for the body of an event: its members, with places where there are ids of this server."""

from collections.abc import Mapping
from dataclasses import fields
from typing import get_args
from uuid import UUID

import msgspec

from turnkeeper.core import events
from turnkeeper.core.events import EventBody
from turnkeeper.core.transcripts import void_id

_KINDS: Mapping[str, type[EventBody]] = {
    "message.queued": events.MessageQueued,
    "turn.started": events.TurnStarted,
    "text": events.TextAdded,
    "thinking": events.ThinkingAdded,
    "tool.called": events.ToolCalled,
    "tool.returned": events.ToolReturned,
    "model.returned": events.ModelReturned,
    "approval.asked": events.ApprovalAsked,
    "approval.decided": events.ApprovalDecided,
    "message.cancelled": events.MessageCancelled,
    "message.absorbed": events.MessageAbsorbed,
    "messages.superseded": events.MessagesSuperseded,
    "message.completed": events.MessageCompleted,
    "message.failed": events.MessageFailed,
}
_WORDS: Mapping[type[EventBody], str] = {kind: word for word, kind in _KINDS.items()}
assert set(_KINDS.values()) == set(get_args(EventBody))

KINDS = tuple(_KINDS)
_REPLY = "reply_id"
_PLACES = ("approval_id", "into", "by")
"""Members that are ids of approvals and messages in our log, and numbers in a transcript."""
_LATER = ("timing", "asked", "passages")


def words_of(body: EventBody) -> tuple[str, dict[str, object]]:
    """The kind of an event, and its members."""
    members = msgspec.convert(msgspec.to_builtins(body), dict[str, object])
    members.pop(_REPLY, None)
    for name in _LATER:
        if not members.get(name, True):
            del members[name]  # what was written before there was such a member is exported as it was
    if "passages" in members:
        found = msgspec.convert(members["passages"], list[dict[str, object]])
        members["passages"] = [{name: one[name] for name in one if name != "document_id"} for one in found]
    for name in _PLACES:
        if name in members:
            members[name] = UUID(str(members[name])).int
    return _WORDS[type(body)], members


def body_in(kind: str, members: Mapping[str, object]) -> EventBody:
    """The body of an event that a transcript has.

    Raises:
        ValueError: there is no such kind, or these are not its members; the message is a sentence.
    """
    wanted = _KINDS.get(kind)
    if wanted is None:
        raise ValueError(f"There is no event {kind!r}; there are {', '.join(KINDS)}.")
    given = dict(members)
    names = {field.name for field in fields(wanted)}
    if _REPLY in names:
        if _REPLY in given:
            raise ValueError("The member 'reply_id' is left out here.")
        given[_REPLY] = 0
    for name in names.intersection(_PLACES):
        place = given.get(name)
        if isinstance(place, bool) or not isinstance(place, int) or not 1 <= place < 2**31:
            raise ValueError(f"The member {name!r} is a number here, counted from 1.")
        given[name] = str(void_id(place))
    unknown = sorted(given.keys() - names)
    if unknown:
        raise ValueError(f"The event {kind!r} has no member {unknown[0]!r}.")
    try:
        return msgspec.convert(given, wanted, strict=True)
    except msgspec.ValidationError as error:
        raise ValueError(f"The event {kind!r} is not written so: {error}.") from error
