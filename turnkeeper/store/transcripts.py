"""Reading a conversation to write it down whole: in pages, up to where it was when the reading began."""

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import TupleRow

from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import Citation
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.events import (
    ApprovalAsked,
    ApprovalDecided,
    Event,
    EventBody,
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    MessagesSuperseded,
)
from turnkeeper.core.feedback import Rating
from turnkeeper.core.history import PastCall
from turnkeeper.core.labels import Labels
from turnkeeper.core.transcripts import (
    TranscriptCall,
    TranscriptEvent,
    TranscriptFile,
    TranscriptHead,
    TranscriptMemory,
    TranscriptMessage,
    TranscriptOpinion,
    TranscriptRound,
    void_id,
)
from turnkeeper.core.usage import Usage
from turnkeeper.store import events
from turnkeeper.store.conversations import THIS_IS_VISIBLE
from turnkeeper.store.database import Connection
from turnkeeper.store.files import key_of
from turnkeeper.store.scope import scope

MESSAGES_A_PAGE = 100
EVENTS_A_PAGE = 1_000


class _Call(msgspec.Struct):
    call_id: str
    tool: str
    arguments: str


class _Step(msgspec.Struct):
    name: str
    text: str | None = None
    calls: list[_Call] | None = None
    outcome: str | None = None
    output: str | None = None


_STRINGS = msgspec.json.Decoder(dict[str, str])
_CITATIONS = msgspec.json.Decoder(tuple[Citation, ...])
_USAGE = msgspec.json.Decoder(Usage)
_STEPS = msgspec.json.Decoder(list[_Step])


class _FileRow(msgspec.Struct):
    name: str
    media_type: str
    size: int
    hash: str
    created_at: datetime


class _Opinion(msgspec.Struct):
    rating: Rating
    comment: str | None
    updated_at: datetime


_OPINIONS = msgspec.json.Decoder(list[_Opinion])
_FILES = msgspec.json.Decoder(list[_FileRow])

_HEAD: LiteralString = f"""
    SELECT c.id, c.organization_id, c.last_event, a.slug, d.name, c.mode, c.origin, c.status, c.title, c.tags,
           c.metadata::text, c.input_tokens, c.output_tokens, c.cache_read_tokens, c.cache_write_tokens, c.cost_usd,
           c.unpriced_calls, c.created_at, c.updated_at, c.archived_at, y.up_to_message_id, y.text, y.model,
           ARRAY(SELECT m.id FROM messages m WHERE m.conversation_id = c.id AND m.status NOT IN ('queued', 'pending')
                 ORDER BY m.id)
    FROM conversations c JOIN agents a ON a.id = c.agent_id LEFT JOIN data_sets d ON d.id = c.data_set_id
    LEFT JOIN memories y ON y.conversation_id = c.id
    WHERE {THIS_IS_VISIBLE} AND c.public_id = %(conversation)s
"""
_MESSAGES: LiteralString = """
    SELECT m.role, m.status, m.text, m.reply_to, m.model, m.usage::text, m.citations::text, (
        SELECT json_agg(json_build_object('name', s.name, 'text', s.value ->> 'text', 'calls', s.value -> 'tool_calls',
                                          'outcome', s.value ->> 'outcome', 'output', s.value ->> 'output'))::text
        FROM steps s WHERE s.message_id = m.id AND (s.name LIKE 'model:%%' OR s.name LIKE 'tool:%%')
    ), (
        SELECT json_agg(json_build_object('name', f.name, 'media_type', f.media_type, 'size', b.size,
                                          'hash', encode(b.hash, 'hex'), 'created_at', f.created_at) ORDER BY s.place)::text
        FROM message_files s JOIN files f ON f.id = s.file_id JOIN blobs b ON b.id = f.blob_id
        WHERE s.message_id = coalesce(m.reply_to, m.id) AND s.is_written = (m.role <> 'user')
    ), m.created_at, m.updated_at, m.overlap, m.answered_with, m.joined_call, m.left_out, (
        SELECT json_agg(json_build_object('rating', k.rating, 'comment', k.comment, 'updated_at', k.updated_at)
                        ORDER BY k.id)::text
        FROM feedback k WHERE k.message_id = m.id
    )
    FROM messages m WHERE m.id = ANY(%(ids)s::bigint[]) ORDER BY m.id
"""


@dataclass(kw_only=True, slots=True)
class Reading:
    """A conversation that is being read: what there was when the reading began, and how far it is."""

    conversation_id: int
    organization_id: int
    last_event: int
    head: TranscriptHead
    message_ids: "array[int]"
    """Of its finished messages and their replies, in order: eight bytes each, however long the texts are."""
    approvals: dict[UUID, int]
    """The places of approvals that were met."""

    def place_of(self, message_id: int) -> int | None:
        """The place of a message, from 1; None when it is not part of the transcript."""
        index = bisect_left(self.message_ids, message_id)
        is_there = index < len(self.message_ids) and self.message_ids[index] == message_id
        return index + 1 if is_there else None

    def key_of(self, file: TranscriptFile) -> str:
        """Under which key the storage has a file's bytes."""
        return key_of(self.organization_id, file.digest)


async def begin(connection: Connection, caller: Caller, *, conversation: UUID) -> Reading | None:
    """Begin to read a conversation that the caller may see."""
    cursor = await connection.execute(_HEAD, {**scope(caller), "only_own": False, "conversation": conversation})
    row = await cursor.fetchone()
    if row is None:
        return None
    reading = Reading(
        conversation_id=row[0],
        organization_id=row[1],
        last_event=row[2],
        head=_head(row),
        message_ids=array("q", row[23]),
        approvals={},
    )
    up_to = None if row[20] is None else reading.place_of(row[20])
    if up_to is not None:
        memory = TranscriptMemory(up_to=up_to, text=row[21], model=row[22])
        reading.head = replace(reading.head, memory=memory)
    return reading


async def messages_page(connection: Connection, reading: Reading, *, behind: int) -> list[TranscriptMessage]:
    """The messages behind the first `behind`.

    Raises:
        NotFoundError: the conversation was deleted meanwhile.
    """
    ids = reading.message_ids[behind : behind + MESSAGES_A_PAGE].tolist()
    cursor = await connection.execute(_MESSAGES, {"ids": ids})
    rows = await cursor.fetchall()
    if len(rows) < len(ids):
        raise NotFoundError("conversation", reading.conversation_id)
    return [_message(row, reading) for row in rows]


async def events_page(
    connection: Connection, reading: Reading, *, after: int
) -> tuple[list[TranscriptEvent], int | None]:
    """Some of the events with numbers above `after`, and the number to go on behind; None at the end.

    Raises:
        NotFoundError: the conversation was deleted meanwhile.
    """
    log = await events.of_conversation(
        connection, conversation_id=reading.conversation_id, after=after, limit=EVENTS_A_PAGE
    )
    if not log and after < reading.last_event:
        raise NotFoundError("conversation", reading.conversation_id)
    named = await _named(connection, reading, log)
    found: list[TranscriptEvent] = []
    for event in log:
        place = reading.place_of(event.message_id)
        if event.number <= reading.last_event and place is not None:
            body = _voided(event.body, reading, named)
            if body is not None:
                found.append(TranscriptEvent(message=place, body=body, created_at=event.created_at.astimezone(UTC)))
    is_end = not log or log[-1].number >= reading.last_event
    return found, None if is_end else log[-1].number


async def _named(connection: Connection, reading: Reading, log: Sequence[Event]) -> dict[UUID, int]:
    """The places of the messages that these events name by their public ids; most name none, and then nothing is asked."""
    ids = [
        event.body.into if isinstance(event.body, MessageAbsorbed) else event.body.by
        for event in log
        if isinstance(event.body, MessageAbsorbed | MessagesSuperseded)
    ]
    if not ids:
        return {}
    cursor = await connection.execute("SELECT public_id, id FROM messages WHERE public_id = ANY(%s)", (ids,))
    places = {row[0]: reading.place_of(row[1]) for row in await cursor.fetchall()}
    return {public_id: place for public_id, place in places.items() if place is not None}


def _voided(body: EventBody, reading: Reading, named: Mapping[UUID, int]) -> EventBody | None:
    """The body with places where there were ids; None when it is about a message that is not finished yet."""
    approvals = reading.approvals
    match body:
        case ApprovalAsked() | ApprovalDecided():
            return replace(body, approval_id=void_id(approvals.setdefault(body.approval_id, len(approvals) + 1)))
        case MessageAbsorbed():
            return replace(body, into=void_id(named[body.into])) if body.into in named else None
        case MessagesSuperseded():
            return replace(body, by=void_id(named[body.by])) if body.by in named else None
        case MessageCancelled() | MessageCompleted() | MessageFailed():
            return replace(body, reply_id=0)
        case _:
            return body


def _head(row: TupleRow) -> TranscriptHead:
    spent = None
    if row[11] is not None:
        spent = Usage(
            input_tokens=row[11],
            output_tokens=row[12],
            cache_read_tokens=row[13],
            cache_write_tokens=row[14],
            cost_usd=row[15],
            unpriced_calls=row[16],
        )
    return TranscriptHead(
        agent=row[3],
        data_set=row[4],
        mode=row[5],
        origin=row[6],
        status=row[7],
        labels=Labels(title=row[8], tags=tuple(row[9] or ()), metadata=_STRINGS.decode(row[10] or "{}")),
        usage=spent,
        memory=None,
        created_at=row[17].astimezone(UTC),
        updated_at=row[18].astimezone(UTC),
        archived_at=None if row[19] is None else row[19].astimezone(UTC),
    )


def _message(row: TupleRow, reading: Reading) -> TranscriptMessage:
    citations = () if row[6] is None else _CITATIONS.decode(row[6])
    return TranscriptMessage(
        role=row[0],
        status=row[1],
        text=row[2],
        answers=None if row[3] is None else reading.place_of(row[3]),
        model=row[4],
        usage=None if row[5] is None else _USAGE.decode(row[5]),
        citations=tuple(replace(citation, document_id=0) for citation in citations),
        rounds=() if row[7] is None else _rounds(_STEPS.decode(row[7])),
        files=() if row[8] is None else tuple(_file(file) for file in _FILES.decode(row[8])),
        created_at=row[9].astimezone(UTC),
        updated_at=row[10].astimezone(UTC),
        overlap=row[11],
        answered_with=None if row[12] is None else reading.place_of(row[12]),
        joined_call=row[13],
        left_out=row[14],
        feedback=() if row[15] is None else tuple(_opinion(each) for each in _OPINIONS.decode(row[15])),
    )


def _opinion(row: _Opinion) -> TranscriptOpinion:
    return TranscriptOpinion(rating=row.rating, comment=row.comment, updated_at=row.updated_at.astimezone(UTC))


def _file(row: _FileRow) -> TranscriptFile:
    return TranscriptFile(
        name=row.name,
        media_type=row.media_type,
        size=row.size,
        digest=bytes.fromhex(row.hash),
        created_at=row.created_at.astimezone(UTC),
    )


def _rounds(steps: Sequence[_Step]) -> tuple[TranscriptRound, ...]:
    """The calls of tools in their order, each with what came of it: `tool:2:c1` is of the call `c1` in `model:2`."""
    by_name = {step.name: step for step in steps}
    numbers = sorted(
        int(step.name.removeprefix("model:"))
        for step in steps
        if step.calls and step.name.removeprefix("model:").isdecimal()
    )
    return tuple(
        TranscriptRound(
            model_call=number,
            text=by_name[f"model:{number}"].text or "",
            calls=tuple(
                _call(call, by_name.get(f"tool:{number}:{call.call_id}"))
                for call in by_name[f"model:{number}"].calls or ()
            ),
        )
        for number in numbers
    )


def _call(call: _Call, result: _Step | None) -> TranscriptCall:
    output = None if result is None else result.output
    past = PastCall(
        tool=call.tool,
        arguments=call.arguments,
        output=output,
        output_length=len(output or ""),
        failed=result is not None and result.outcome == "error",
    )
    return TranscriptCall(call_id=call.call_id, call=past)
