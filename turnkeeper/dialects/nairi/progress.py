"""Progress rows: what an agent did on its way to a reply, one row an event.

A row's id holds the event's place: 48 bits of its milliseconds, as in every ULID, then 44 bits of the conversation and 36
of the event's number. Ids of messages are UUIDs of version 7: where those have a 7, these have a 0 as long as there are
less than 2^40 conversations. So one look tells which of the two an id is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec

from turnkeeper.core.conversations import Message
from turnkeeper.core.events import Event, TextAdded, ThinkingAdded, ToolCalled, ToolReturned, TurnStarted
from turnkeeper.dialects.nairi.shapes import EnvelopeShape, MessageShape, TimelineShape, moment
from turnkeeper.dialects.nairi.translate import job_id, message_id, message_shape

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_NUMBER_BITS = 36
_CONVERSATION_BITS = 44
_RANDOM_BITS = _NUMBER_BITS + _CONVERSATION_BITS
_VERSION_7 = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class EventPlace:
    """Which event the id of a progress row means."""

    conversation_id: int
    number: int
    milliseconds: int


def event_place(public_id: UUID) -> EventPlace | None:
    """The place of the event that this id means, or None when it is a message's."""
    if public_id.int >> 76 & 15 == _VERSION_7:
        return None
    return EventPlace(
        conversation_id=public_id.int >> _NUMBER_BITS & (1 << _CONVERSATION_BITS) - 1,
        number=public_id.int & (1 << _NUMBER_BITS) - 1,
        milliseconds=public_id.int >> _RANDOM_BITS,
    )


def is_at(event: Event, place: EventPlace) -> bool:
    """Whether the event really has the moment that the id says: ids cannot be made up."""
    return (event.created_at - _EPOCH) // _MILLISECOND == place.milliseconds


def timeline(messages: Sequence[Message], log: Sequence[Event]) -> TimelineShape:
    """All rows in order: each message, what was done for it, its reply."""
    by_message: dict[int, list[Event]] = {}
    for event in log:
        by_message.setdefault(event.message_id, []).append(event)
    rows: list[MessageShape] = []
    for message in messages:
        rows.append(message_shape(message))
        events = _without_voided(by_message.get(message.id, ()))
        rows.extend(row for event in events if (row := progress_row(message, event)) is not None)
    return TimelineShape(messages=rows)


def progress_row(message: Message, event: Event) -> MessageShape | None:
    """The row for an event about this message; None for events that are no progress."""
    match event.body:
        case TextAdded() | ThinkingAdded() | ToolCalled() | ToolReturned():
            envelope = _envelope(message, event.body)
        case _:
            return None
    at = moment(event.created_at)
    return MessageShape(
        id=message_id(_public_id(message.conversation_id, event)),
        job_id=envelope.job_id,
        role="progress",
        content=msgspec.json.encode(envelope).decode(),
        status="completed",
        created_at=at,
        updated_at=at,
        progress_type=envelope.progress_type,
        tool_name=envelope.tool_name,
        tool_status=envelope.tool_status,
        tool_use_id=envelope.tool_use_id,
    )


def _envelope(message: Message, body: TextAdded | ThinkingAdded | ToolCalled | ToolReturned) -> EnvelopeShape:
    about = EnvelopeShape(
        job_id=job_id(message.conversation_public_id),
        processed_message_id=message_id(message.public_id),
        progress_type="text",
    )
    if isinstance(body, TextAdded | ThinkingAdded):
        about.progress_type = "text" if isinstance(body, TextAdded) else "thinking"
        about.text_delta = body.text
        return about
    about.progress_type = "tool_use"
    about.tool_name = body.tool
    about.tool_use_id = body.call_id
    if isinstance(body, ToolCalled):
        about.tool_status = "running"
        about.tool_input = body.input
    else:
        about.tool_status = body.outcome
        about.tool_output = body.output
    return about


def _without_voided(events: Sequence[Event]) -> Iterable[Event]:
    """The events without text of model calls that a crash cut off and a later attempt made again."""
    first_made_again = 1 << 62
    kept: list[Event] = []
    for event in reversed(events):
        match event.body:
            case TurnStarted(resumes_at=resumes_at):
                first_made_again = min(first_made_again, resumes_at)
            case TextAdded(model_call=model_call) | ThinkingAdded(model_call=model_call) if (
                model_call >= first_made_again
            ):
                continue
            case _:
                pass
        kept.append(event)
    return reversed(kept)


def _public_id(conversation_id: int, event: Event) -> UUID:
    milliseconds = (event.created_at - _EPOCH) // _MILLISECOND
    return UUID(int=milliseconds << _RANDOM_BITS | conversation_id << _NUMBER_BITS | event.number)
