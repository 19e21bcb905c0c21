"""The event log at rest: how events are spelled in a row, and reading them in order."""

from collections.abc import Mapping, Sequence
from typing import Literal

import msgspec

from turnkeeper.core.events import (
    ApprovalAsked,
    ApprovalDecided,
    Event,
    EventBody,
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    MessageQueued,
    MessagesSuperseded,
    ModelReturned,
    TextAdded,
    ThinkingAdded,
    ToolCalled,
    ToolReturned,
    TurnStarted,
)
from turnkeeper.store.database import Connection

Kind = Literal[
    "message.queued",
    "turn.started",
    "text",
    "thinking",
    "tool.called",
    "tool.returned",
    "model.returned",
    "approval.asked",
    "approval.decided",
    "message.cancelled",
    "message.absorbed",
    "messages.superseded",
    "message.completed",
    "message.failed",
]

_CLASSES: Mapping[str, type[EventBody]] = {
    "message.queued": MessageQueued,
    "turn.started": TurnStarted,
    "text": TextAdded,
    "thinking": ThinkingAdded,
    "tool.called": ToolCalled,
    "tool.returned": ToolReturned,
    "model.returned": ModelReturned,
    "approval.asked": ApprovalAsked,
    "approval.decided": ApprovalDecided,
    "message.cancelled": MessageCancelled,
    "message.absorbed": MessageAbsorbed,
    "messages.superseded": MessagesSuperseded,
    "message.completed": MessageCompleted,
    "message.failed": MessageFailed,
}
_KINDS: Mapping[type[EventBody], str] = {body: kind for kind, body in _CLASSES.items()}
_DECODERS = {kind: msgspec.json.Decoder(body) for kind, body in _CLASSES.items()}


def encoded(bodies: Sequence[EventBody]) -> tuple[list[str], list[str]]:
    """The kinds and the JSON texts of these events, as two arrays for SQL's `unnest`."""
    return [_KINDS[type(body)] for body in bodies], [msgspec.json.encode(body).decode() for body in bodies]


async def of_conversation(
    connection: Connection, *, conversation_id: int, after: int = 0, limit: int, kinds: Sequence[Kind] | None = None
) -> list[Event]:
    """Up to `limit` events with a number above `after`, in order. The caller was allowed to see the conversation."""
    cursor = await connection.execute(
        "SELECT number, message_id, kind, body::text, created_at FROM events"
        " WHERE conversation_id = %s AND number > %s AND (%s::text[] IS NULL OR kind = ANY(%s::text[]))"
        " ORDER BY number LIMIT %s",
        (conversation_id, after, None if kinds is None else list(kinds), None if kinds is None else list(kinds), limit),
    )
    return [
        Event(number=number, message_id=message_id, body=_DECODERS[kind].decode(body), created_at=created_at)
        for number, message_id, kind, body, created_at in await cursor.fetchall()
    ]
