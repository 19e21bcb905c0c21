"""Transcripts in the dialect's words, and back."""

from base64 import b64encode
from collections.abc import AsyncGenerator

import msgspec
from msgspec import UNSET

from turnkeeper.actions.transcripts import Export
from turnkeeper.core.conversations import Citation
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
)
from turnkeeper.core.usage import Usage
from turnkeeper.dialects.native.shapes.transcripts import (
    VERSION,
    CallShape,
    HeadShape,
    KeptEventShape,
    KeptFileShape,
    KeptMessageShape,
    MemoryShape,
    OpinionShape,
    QuoteShape,
    RoundShape,
    SpentShape,
)
from turnkeeper.dialects.native.translate.event_bodies import words_of

_ENCODER = msgspec.json.Encoder()
_PIECE_BYTES = 64_000


async def json_of(export: Export, *, with_bytes: bool) -> AsyncGenerator[bytes, None]:
    """The JSON text, one message and one event a line; the same conversation always gives the same bytes."""
    head = _ENCODER.encode(_head(export.head))
    gathered = bytearray(b'{"format":"turnkeeper.conversation","version":%d,\n"conversation":%b' % (VERSION, head))
    gathered += b',\n"messages":['
    separator = b"\n"
    async for message in export.messages():
        # Files are the last member: what stands before them, then one after the other, then the two brackets.
        gathered += separator + _ENCODER.encode(_message(message))[:-2]
        for nth, file in enumerate(message.files):
            gathered += (b"," if nth else b"") + _ENCODER.encode(_file(file))[:-1]
            if with_bytes:
                yield bytes(gathered) + b',"content":"'
                async for piece in _base64(export.content(file)):
                    yield piece
                gathered = bytearray(b'"')
            gathered += b"}"
        gathered += b"]}"
        separator = b",\n"
        if len(gathered) > _PIECE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    gathered += b'],\n"events":['
    separator = b"\n"
    async for event in export.events():
        gathered += separator + _ENCODER.encode(_event(event))
        separator = b",\n"
        if len(gathered) > _PIECE_BYTES:
            yield bytes(gathered)
            gathered.clear()
    yield bytes(gathered) + b"]}\n"


async def _base64(content: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The bytes in base 64, encoded three by three, so that only the end is padded."""
    rest = b""
    try:
        async for piece in content:
            data = rest + piece
            end = len(data) - len(data) % 3
            rest = data[end:]
            if end:
                yield b64encode(data[:end])
    finally:
        await content.aclose()
    yield b64encode(rest)


def _head(head: TranscriptHead) -> HeadShape:
    memory = head.memory
    return HeadShape(
        agent=head.agent,
        data_set=head.data_set,
        mode=head.mode,
        origin=head.origin,
        status=head.status,
        title=head.labels.title,
        tags=list(head.labels.tags),
        metadata={key: head.labels.metadata[key] for key in sorted(head.labels.metadata)},
        usage=None if head.usage is None else _spent(head.usage),
        memory=None if memory is None else MemoryShape(up_to=memory.up_to, text=memory.text, model=memory.model),
        created_at=head.created_at,
        updated_at=head.updated_at,
        archived_at=head.archived_at,
    )


def _message(message: TranscriptMessage) -> KeptMessageShape:
    """The message, without its files."""
    return KeptMessageShape(
        role=message.role,
        status=message.status,
        text=message.text,
        answers=message.answers,
        model=message.model,
        usage=None if message.usage is None else _spent(message.usage),
        citations=[
            QuoteShape(
                address=citation.address,
                title=citation.title,
                document_version=citation.document_version,
                start=citation.start,
                end=citation.end,
                quote=citation.quote,
                verified=citation.verified,
                marks=list(citation.marks),
            )
            for citation in message.citations
        ],
        rounds=[_round(one) for one in message.rounds],
        overlap=message.overlap,
        answered_with=message.answered_with,
        joined_call=message.joined_call,
        left_out=message.left_out,
        feedback=[
            OpinionShape(rating=opinion.rating, comment=opinion.comment, updated_at=opinion.updated_at)
            for opinion in message.feedback
        ],
        created_at=message.created_at,
        updated_at=message.updated_at,
        files=[],
    )


def _round(one: TranscriptRound) -> RoundShape:
    calls = [
        CallShape(
            call_id=each.call_id,
            tool=each.call.tool,
            arguments=each.call.arguments,
            output=each.call.output,
            failed=each.call.failed,
        )
        for each in one.calls
    ]
    return RoundShape(model_call=one.model_call, text=one.text, calls=calls)


def _file(file: TranscriptFile) -> KeptFileShape:
    return KeptFileShape(
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        sha256=file.digest.hex(),
        created_at=file.created_at,
    )


def _event(event: TranscriptEvent) -> KeptEventShape:
    kind, body = words_of(event.body)
    return KeptEventShape(message=event.message, at=event.created_at, kind=kind, body=body)


def _spent(usage: Usage) -> SpentShape:
    return SpentShape(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cost_usd=usage.cost_usd,
        unpriced_calls=usage.unpriced_calls,
    )


def usage_in(spent: SpentShape) -> Usage:
    """What was spent, as we know it."""
    return Usage(
        input_tokens=spent.input_tokens,
        output_tokens=spent.output_tokens,
        cache_read_tokens=spent.cache_read_tokens,
        cache_write_tokens=spent.cache_write_tokens,
        cost_usd=spent.cost_usd,
        unpriced_calls=spent.unpriced_calls,
    )


def head_in(shape: HeadShape) -> TranscriptHead:
    """What is told of the conversation, as we know it."""
    memory = shape.memory
    return TranscriptHead(
        agent=shape.agent,
        data_set=shape.data_set,
        mode=shape.mode,
        origin=shape.origin,
        status=shape.status,
        labels=Labels(title=shape.title, tags=tuple(shape.tags), metadata=shape.metadata),
        usage=None if shape.usage is None else usage_in(shape.usage),
        memory=None if memory is None else TranscriptMemory(up_to=memory.up_to, text=memory.text, model=memory.model),
        created_at=shape.created_at,
        updated_at=shape.updated_at,
        archived_at=shape.archived_at,
    )


def message_in(shape: KeptMessageShape) -> TranscriptMessage:
    """A message or a reply, as we know it."""
    return TranscriptMessage(
        role=shape.role,
        status=shape.status,
        text=shape.text,
        answers=shape.answers,
        model=shape.model,
        usage=None if shape.usage is None else usage_in(shape.usage),
        citations=tuple(
            Citation(
                document_id=0,
                title=quote.title,
                address=quote.address,
                start=quote.start,
                end=quote.end,
                quote=quote.quote,
                document_version=quote.document_version,
                verified=quote.verified,
                marks=tuple(quote.marks),
            )
            for quote in shape.citations
        ),
        rounds=tuple(_round_in(one) for one in shape.rounds),
        overlap=shape.overlap,
        answered_with=shape.answered_with,
        joined_call=shape.joined_call,
        left_out=shape.left_out,
        feedback=tuple(
            TranscriptOpinion(rating=opinion.rating, comment=opinion.comment, updated_at=opinion.updated_at)
            for opinion in shape.feedback
        ),
        files=tuple(_file_in(file) for file in shape.files),
        created_at=shape.created_at,
        updated_at=shape.updated_at,
    )


def _round_in(shape: RoundShape) -> TranscriptRound:
    return TranscriptRound(
        model_call=shape.model_call,
        text=shape.text,
        calls=tuple(
            TranscriptCall(
                call_id=call.call_id,
                call=PastCall(tool=call.tool, arguments=call.arguments, output=call.output, failed=call.failed),
            )
            for call in shape.calls
        ),
    )


def _file_in(shape: KeptFileShape) -> TranscriptFile:
    return TranscriptFile(
        name=shape.name,
        media_type=shape.media_type,
        size=shape.size,
        digest=bytes.fromhex(shape.sha256),
        created_at=shape.created_at,
        content=None if shape.content is UNSET else shape.content,
    )
