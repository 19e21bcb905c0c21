"""Writing a transcript down as a conversation of the caller's, in one transaction: all of it or nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import LiteralString
from uuid import UUID

import msgspec

from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.conversations import Citation, summary_of
from turnkeeper.core.events import (
    ApprovalAsked,
    ApprovalDecided,
    EventBody,
    MessageAbsorbed,
    MessageCancelled,
    MessageCompleted,
    MessageFailed,
    MessageQueued,
    MessagesSuperseded,
)
from turnkeeper.core.ids import new_id
from turnkeeper.core.transcripts import Transcript, TranscriptMessage
from turnkeeper.store import message_words
from turnkeeper.store.conversations import label_values
from turnkeeper.store.database import Connection
from turnkeeper.store.events import encoded


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where a transcript is to be written down: under whose name, with which agent, data set, bytes of files."""

    public_id: UUID
    agent: Agent
    data_set_id: int | None
    blobs: Mapping[bytes, int]
    """The rows of the files' bytes by their hashes."""


_TALK: LiteralString = """
    INSERT INTO conversations
        (public_id, organization_id, account_id, agent_id, data_set_id, origin, mode, status, summary, last_event, answered,
         has_files, title, tags, metadata, archived_at, input_tokens, output_tokens, cache_read_tokens, cache_write_tokens,
         cost_usd, unpriced_calls, created_at, updated_at)
    VALUES (%(public_id)s, %(organization)s, %(account)s, %(agent)s, %(data_set)s, %(origin)s, %(mode)s, %(status)s,
            %(summary)s, %(last_event)s, %(answered)s, %(has_files)s, %(title)s, %(tags)s::text[], %(metadata)s::jsonb,
            %(archived_at)s, %(input)s, %(output)s, %(cache_read)s, %(cache_write)s, %(cost)s, %(unpriced)s,
            %(created_at)s, %(updated_at)s)
    RETURNING id
"""
_FILES: LiteralString = """
    WITH used AS (
        UPDATE blobs SET unused_since = NULL WHERE id = ANY(%(blobs)s::bigint[])
    ), file AS (
        INSERT INTO files (id, public_id, organization_id, account_id, blob_id, name, media_type, unused_since, created_at)
        SELECT f.id, make_public_id(), %(organization)s, %(account)s, f.blob, f.name, f.media_type, NULL, f.created_at
        FROM unnest(%(ids)s::bigint[], %(blobs)s::bigint[], %(names)s::text[], %(media_types)s::text[],
                    %(created)s::timestamptz[]) AS f(id, blob, name, media_type, created_at)
    )
    INSERT INTO message_files (message_id, file_id, conversation_id, place, is_written)
    SELECT f.message, f.id, %(conversation)s, f.place, f.is_written
    FROM unnest(%(messages)s::bigint[], %(ids)s::bigint[], %(places)s::integer[], %(written)s::boolean[])
         AS f(message, id, place, is_written)
"""


async def document_ids(connection: Connection, *, data_set_id: int | None, addresses: Sequence[str]) -> dict[str, int]:
    """The documents of a data set by their addresses, of those that there are."""
    cursor = await connection.execute(
        "SELECT address, id FROM documents WHERE data_set_id = %s AND address = ANY(%s)", (data_set_id, list(addresses))
    )
    return {row[0]: row[1] for row in await cursor.fetchall()}


async def write(connection: Connection, caller: Caller, transcript: Transcript, place: Place) -> int:
    """Write it all; the number of the conversation. Takes a transaction. The transcript was checked before."""
    file_count = sum(len(message.files) for message in transcript.messages)
    numbers = await _numbers(connection, len(transcript.messages) + file_count)
    ids, file_ids = _dealt(transcript, numbers)
    conversation_id = await _write_talk(connection, caller, transcript, place, ids)
    cited = sorted({citation.address for message in transcript.messages for citation in message.citations})
    documents: Mapping[str, int] = {}
    if cited and place.data_set_id is not None:
        documents = await document_ids(connection, data_set_id=place.data_set_id, addresses=cited)
    public_ids = [new_id() for _ in ids]
    async with (
        connection.cursor() as cursor,
        cursor.copy(
            "COPY messages (id, public_id, conversation_id, role, status, text, reply_to, first_event, model, usage,"
            " citations, created_at, updated_at, overlap, answered_with, joined_call, left_out) FROM STDIN"
        ) as rows,
    ):
        for row in _message_rows(transcript, (ids, public_ids), conversation_id, documents):
            await rows.write_row(row)
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY events (conversation_id, number, message_id, kind, body, created_at) FROM STDIN") as rows,
    ):
        for row in _event_rows(transcript, ids, public_ids, conversation_id):
            await rows.write_row(row)
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY steps (message_id, name, value) FROM STDIN") as rows,
    ):
        for row in _step_rows(transcript, ids):
            await rows.write_row(row)
    if file_count:
        await _write_files(connection, caller, transcript, place, (conversation_id, ids, file_ids))
    await _write_feedback(connection, transcript, ids)
    memory = transcript.head.memory
    if memory is not None:
        await connection.execute(
            "INSERT INTO memories (conversation_id, up_to_message_id, text, model) VALUES (%s, %s, %s, %s)",
            (conversation_id, ids[memory.up_to - 1], memory.text, memory.model),
        )
    await message_words.have_read(connection, conversation_id=conversation_id)
    return conversation_id


async def _numbers(connection: Connection, count: int) -> list[int]:
    cursor = await connection.execute("SELECT nextval('messages_id_seq') FROM generate_series(1, %s)", (count,))
    return [row[0] for row in await cursor.fetchall()]


def _dealt(transcript: Transcript, numbers: Sequence[int]) -> tuple[list[int], list[int]]:
    """The ids of messages and of files: a file comes before the message that has it."""
    ids: list[int] = []
    file_ids: list[int] = []
    left = iter(numbers)
    for message in transcript.messages:
        file_ids.extend(next(left) for _ in message.files)
        ids.append(next(left))
    return ids, file_ids


async def _write_talk(
    connection: Connection, caller: Caller, transcript: Transcript, place: Place, ids: Sequence[int]
) -> int:
    head, usage = transcript.head, transcript.head.usage
    asked = [number for number, message in enumerate(transcript.messages) if message.role == "user"]
    cursor = await connection.execute(
        _TALK,
        {
            **label_values(head.labels),
            "public_id": place.public_id,
            "organization": caller.organization_id,
            "account": caller.account_id,
            "agent": place.agent.id,
            "data_set": place.data_set_id,
            "origin": head.origin,
            "mode": head.mode,
            "status": head.status,
            "summary": summary_of(transcript.messages[asked[0]].text) if asked else None,
            "last_event": len(transcript.events),
            "answered": ids[asked[-1]] if asked else 0,
            "has_files": any(message.files for message in transcript.messages),
            "archived_at": head.archived_at,
            "input": None if usage is None else usage.input_tokens,
            "output": None if usage is None else usage.output_tokens,
            "cache_read": None if usage is None else usage.cache_read_tokens,
            "cache_write": None if usage is None else usage.cache_write_tokens,
            "cost": None if usage is None else usage.cost_usd,
            "unpriced": None if usage is None else usage.unpriced_calls,
            "created_at": head.created_at,
            "updated_at": head.updated_at,
        },
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


def _message_rows(
    transcript: Transcript,
    named: tuple[Sequence[int], Sequence[UUID]],
    conversation_id: int,
    documents: Mapping[str, int],
) -> Iterator[tuple[object, ...]]:
    ids, public_ids = named
    first_events = _first_events(transcript)
    for number, message in enumerate(transcript.messages):
        reply_to = None if message.answers is None else ids[message.answers - 1]
        yield (
            *(ids[number], public_ids[number], conversation_id, message.role, message.status, message.text, reply_to),
            *(first_events[number + 1], message.model, _json(message.usage) if message.usage is not None else None),
            *(_citations(message, documents), message.created_at, message.updated_at, message.overlap),
            None if message.answered_with is None else ids[message.answered_with - 1],
            *(message.joined_call, message.left_out),
        )


def _citations(message: TranscriptMessage, documents: Mapping[str, int]) -> str | None:
    found: list[Citation] = [
        replace(citation, document_id=documents.get(citation.address, 0)) for citation in message.citations
    ]
    return _json(found) if found else None


def _first_events(transcript: Transcript) -> dict[int, int]:
    """The number of the event that made each message and reply, by its place."""
    replies = {message.answers: number for number, message in enumerate(transcript.messages, 1) if message.answers}
    found: dict[int, int] = {}
    for number, event in enumerate(transcript.events, 1):
        if isinstance(event.body, MessageQueued):
            found[event.message] = number
        elif isinstance(event.body, MessageCancelled | MessageCompleted | MessageFailed):
            reply = replies.get(event.message)
            if reply is not None:
                found[reply] = number
    return found


def _event_rows(
    transcript: Transcript, ids: Sequence[int], public_ids: Sequence[UUID], conversation_id: int
) -> Iterator[tuple[object, ...]]:
    replies = {
        message.answers: ids[number]
        for number, message in enumerate(transcript.messages)
        if message.answers is not None
    }
    approvals: dict[UUID, UUID] = {}
    for number, event in enumerate(transcript.events, 1):
        body = _with_ids(event.body, replies.get(event.message, 0), approvals, public_ids)
        (kind,), (text,) = encoded([body])
        yield conversation_id, number, ids[event.message - 1], kind, text, event.created_at


def _with_ids(body: EventBody, reply_id: int, approvals: dict[UUID, UUID], public_ids: Sequence[UUID]) -> EventBody:
    match body:
        case ApprovalAsked() | ApprovalDecided():
            return replace(body, approval_id=approvals.setdefault(body.approval_id, new_id()))
        case MessageAbsorbed():
            return replace(body, into=public_ids[body.into.int - 1])
        case MessagesSuperseded():
            return replace(body, by=public_ids[body.by.int - 1])
        case MessageCancelled() | MessageCompleted() | MessageFailed():
            return replace(body, reply_id=reply_id)
        case _:
            return body


def _step_rows(transcript: Transcript, ids: Sequence[int]) -> Iterator[tuple[object, ...]]:
    """What history reads of a turn: the model's replies that called tools, and what the tools answered."""
    for number, message in enumerate(transcript.messages):
        for one in message.rounds:
            calls = [
                {"call_id": call.call_id, "tool": call.call.tool, "arguments": call.call.arguments}
                for call in one.calls
            ]
            yield ids[number], f"model:{one.model_call}", _json({"text": one.text, "tool_calls": calls})
            for call in one.calls:
                if call.call.output is not None:
                    outcome = "error" if call.call.failed else "completed"
                    value = {"outcome": outcome, "output": call.call.output}
                    yield ids[number], f"tool:{one.model_call}:{call.call_id}", _json(value)


async def _write_feedback(connection: Connection, transcript: Transcript, ids: Sequence[int]) -> None:
    found = [(ids[number], opinion) for number, one in enumerate(transcript.messages) for opinion in one.feedback]
    if not found:
        return
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY feedback (message_id, rating, comment, created_at, updated_at) FROM STDIN") as rows,
    ):
        for message_id, opinion in found:
            at = opinion.updated_at
            await rows.write_row((message_id, opinion.rating, opinion.comment, at, at))


async def _write_files(
    connection: Connection,
    caller: Caller,
    transcript: Transcript,
    place: Place,
    dealt: tuple[int, Sequence[int], Sequence[int]],
) -> None:
    conversation_id, ids, file_ids = dealt
    found = [
        (ids[number] if message.answers is None else ids[message.answers - 1], nth, message.role != "user", file)
        for number, message in enumerate(transcript.messages)
        for nth, file in enumerate(message.files, 1)
    ]
    await connection.execute(
        _FILES,
        {
            "organization": caller.organization_id,
            "account": caller.account_id,
            "conversation": conversation_id,
            "ids": list(file_ids),
            "messages": [message for message, _, _, _ in found],
            "places": [nth for _, nth, _, _ in found],
            "written": [is_written for _, _, is_written, _ in found],
            "blobs": [place.blobs[file.digest] for _, _, _, file in found],
            "names": [file.name for _, _, _, file in found],
            "media_types": [file.media_type for _, _, _, file in found],
            "created": [file.created_at for _, _, _, file in found],
        },
    )


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
