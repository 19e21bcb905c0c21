"""The event log at rest: how events are spelled in a row, and reading them in order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

import msgspec

from turnkeeper.core.events import (
    ApprovalAsked,
    ApprovalDecided,
    Event,
    EventBody,
    LogEntry,
    LogPage,
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
from turnkeeper.store.connection import Connection, Texts

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


def encoded(bodies: Sequence[EventBody]) -> tuple[Texts, Texts]:
    """The kinds and the JSON texts of these events, as two arrays for SQL's `unnest`."""
    return (
        Texts([_KINDS[type(body)] for body in bodies]),
        Texts([msgspec.json.encode(body).decode() for body in bodies]),
    )


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


MOST_BYTES_A_PAGE = 1_000_000
"""A page ends with the event that makes its bodies longer than this: outputs of tools can be long."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A part of one log: what has a number above `after`, of all messages or of one."""

    conversation_id: int
    after: int
    message_id: int | None = None


# One more than is wanted tells whether there is more. A conversation without news comes as one row of nulls.
_PAGES: LiteralString = """
    SELECT c.id, c.last_event, p.total, p.number, m.public_id, p.kind, p.body::text, p.created_at, r.public_id
    FROM unnest(%(ids)s::bigint[], %(afters)s::bigint[], %(messages)s::bigint[]) AS w(id, after, message)
    JOIN conversations c ON c.id = w.id
    LEFT JOIN LATERAL (
        SELECT e.*, count(*) OVER () AS total, row_number() OVER (ORDER BY e.number) AS place,
               sum(octet_length(e.body::text)) OVER (ORDER BY e.number) - octet_length(e.body::text) AS bytes_before
        FROM (
            SELECT * FROM events o
            WHERE o.conversation_id = w.id AND o.number > w.after AND (w.message IS NULL OR o.message_id = w.message)
            ORDER BY o.number LIMIT %(limit)s + 1
        ) e
    ) p ON p.place <= %(limit)s AND p.bytes_before <= %(most_bytes)s
    LEFT JOIN messages m ON m.id = p.message_id
    LEFT JOIN messages r ON r.id = (p.body ->> 'reply_id')::bigint
    ORDER BY c.id, p.number
"""


async def pages(
    connection: Connection, wanted: Sequence[Wanted], *, limit: int, most_bytes: int = MOST_BYTES_A_PAGE
) -> dict[int, LogPage]:
    """Up to `limit` events of each of these logs, by the conversation's integer; who is not there was deleted.

    At most one part of each conversation can be asked for. The caller was allowed to see them.
    """
    cursor = await connection.execute(
        _PAGES,
        {
            "ids": [one.conversation_id for one in wanted],
            "afters": [one.after for one in wanted],
            "messages": [one.message_id for one in wanted],
            "limit": limit,
            "most_bytes": most_bytes,
        },
    )
    found: dict[int, tuple[int, int, list[LogEntry]]] = {}
    for talk, last_event, total, number, message, kind, body, created_at, reply in await cursor.fetchall():
        _, _, entries = found.setdefault(talk, (last_event, total or 0, []))
        if number is not None:
            told = _DECODERS[kind].decode(body)
            entry = LogEntry(number=number, message_id=message, reply_id=reply, body=told, created_at=created_at)
            entries.append(entry)
    return {
        talk: LogPage(entries=tuple(entries), has_more=total > len(entries), last_event=last_event)
        for talk, (last_event, total, entries) in found.items()
    }


async def last_events(connection: Connection, conversation_ids: Sequence[int]) -> dict[int, int]:
    """The numbers of the newest events of these conversations; who is not there was deleted."""
    cursor = await connection.execute(
        "SELECT id, last_event FROM conversations WHERE id = ANY(%s)", (list(conversation_ids),)
    )
    return dict(await cursor.fetchall())


async def idle_since(connection: Connection, *, conversation_id: int) -> int | None:
    """The number of the newest event, if every message is finished; a message that waits for people is not."""
    cursor = await connection.execute(
        """
        SELECT last_event FROM conversations c WHERE id = %s AND NOT EXISTS (
            SELECT 1 FROM messages m WHERE m.conversation_id = c.id AND coalesce(m.reply_to, m.id) > c.answered
              AND m.status IN ('queued', 'pending'))
        """,
        (conversation_id,),
    )
    row = await cursor.fetchone()
    return None if row is None else int(row[0])
