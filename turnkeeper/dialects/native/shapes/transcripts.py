"""A conversation written down whole, on the wire. `docs/conversations.md` explains the format."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.conversations import ConversationStatus, LeftOut, MessageRole, MessageStatus, Mode, Origin
from turnkeeper.core.feedback import LONGEST_COMMENT, Rating
from turnkeeper.core.overlap import Overlap

VERSION = 1
"""Of the format: raised when older servers could not read it any more."""

At = Annotated[datetime, Meta(tz=True, description="RFC 3339, to the microsecond.")]
Count = Annotated[int, Meta(ge=0, le=2**53)]
CallNumber = Annotated[int, Meta(ge=1, le=1_000_000)]
Anything = Annotated[object, Meta(extra_json_schema={"description": "As the kind of event has it."})]
Place = Annotated[int, Meta(ge=1, le=2**31, description="A message or reply by where it stands, counted from 1.")]


class SpentShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What was spent."""

    input_tokens: Count
    output_tokens: Count
    cache_read_tokens: Count
    cache_write_tokens: Count
    cost_usd: Annotated[Decimal | None, Meta(description="US dollars, as text, exact.")]
    unpriced_calls: Count


class MemoryShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The running summary of what is long ago."""

    up_to: Place
    text: str
    model: str


class HeadShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The conversation itself."""

    agent: Annotated[str, Meta(description="Its slug.")]
    data_set: Annotated[str | None, Meta(description="Its name.")]
    mode: Mode
    origin: Origin
    status: ConversationStatus
    title: str | None
    tags: list[str]
    metadata: dict[str, str]
    usage: SpentShape | None
    memory: MemoryShape | None
    created_at: At
    updated_at: At
    archived_at: At | None


class QuoteShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A place in the data set that a reply leans on."""

    address: Annotated[str, Meta(description="The document, by its address in the data set.")]
    title: str
    document_version: Count
    start: Count
    end: Count
    quote: str
    verified: bool
    marks: Annotated[
        list[Annotated[int, Meta(ge=0, le=9999)]],
        Meta(max_length=50, description="The numbers in brackets by which the reply's text points here."),
    ] = []


class CallShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A call of a tool, and what it answered."""

    call_id: str
    tool: str
    arguments: Annotated[str, Meta(description="JSON, as the model wrote it.")]
    output: Annotated[str | None, Meta(description="null when no answer was recorded.")]
    failed: bool


class RoundShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A reply of the model that called tools."""

    model_call: Annotated[int, Meta(ge=1, le=1_000_000)]
    text: str
    calls: Annotated[list[CallShape], Meta(min_length=1)]


class OpinionShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody thinks of a reply."""

    rating: Rating
    comment: Annotated[str, Meta(max_length=LONGEST_COMMENT)] | None
    updated_at: At


class KeptFileShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file."""

    name: str
    media_type: Annotated[str, Meta(pattern=r"^[\w.+-]+/[\w.+-]+$", max_length=255)]
    size: Count
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    created_at: At
    content: Annotated[bytes | UnsetType, Meta(description="The bytes in base 64, with `files=inline`.")] = UNSET


class KeptMessageShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A message or a reply."""

    role: MessageRole
    status: MessageStatus
    text: str
    answers: Annotated[Place | None, Meta(description="Of a reply: the message that it answers.")]
    model: str | None
    usage: SpentShape | None
    citations: list[QuoteShape]
    rounds: Annotated[list[RoundShape], Meta(description="Of a message: what was done to answer it.")]
    overlap: Annotated[Overlap | None, Meta(description="By which policy it was accepted; null for the usual one.")]
    answered_with: Annotated[
        Place | None, Meta(description="The earlier message whose turn took this one in: its reply answers both.")
    ]
    joined_call: Annotated[CallNumber | None, Meta(description="Before which call of the model of that turn.")]
    left_out: Annotated[LeftOut | None, Meta(description="Why the agent does not remember it.")]
    feedback: Annotated[
        list[OpinionShape], Meta(max_length=10_000, description="Of a reply: what people think of it; not who.")
    ]
    created_at: At
    updated_at: At
    files: Annotated[list[KeptFileShape], Meta(description="The last member, so that bytes can follow piece by piece.")]


class KeptEventShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """An event; its number is where it stands, counted from 1."""

    message: Place
    at: At
    kind: str
    body: Annotated[
        dict[str, Anything],
        Meta(description="As in the event log; `approval_id`, `into` and `by` are places, and `reply_id` is left out."),
    ]


class TranscriptShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A conversation, whole."""

    format: Literal["turnkeeper.conversation"]
    version: Literal[1]
    conversation: HeadShape
    messages: Annotated[list[KeptMessageShape], Meta(max_length=1_000_000)]
    events: Annotated[list[KeptEventShape], Meta(max_length=5_000_000)]
