"""A conversation written down whole, to be carried elsewhere: it names its parts by their places, never by a server's ids.

Messages and replies are numbered 1, 2, 3 … in the order in which they were written, approvals by when they were asked.
Events stand in their order. Only finished messages are part of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from turnkeeper.core.conversations import (
    Citation,
    ConversationStatus,
    LeftOut,
    MessageRole,
    MessageStatus,
    Mode,
    Origin,
)
from turnkeeper.core.events import EventBody
from turnkeeper.core.feedback import Rating
from turnkeeper.core.history import PastCall
from turnkeeper.core.labels import Labels
from turnkeeper.core.overlap import Overlap
from turnkeeper.core.usage import Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptMemory:
    """The running summary, of everything up to and with the message at this place and its answer."""

    up_to: int
    text: str
    model: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptHead:
    """What is told of the conversation itself."""

    agent: str
    """Its slug."""
    data_set: str | None
    """Its name."""
    mode: Mode
    origin: Origin
    status: ConversationStatus
    labels: Labels
    usage: Usage | None
    """None when nothing was ever spent."""
    memory: TranscriptMemory | None
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptCall:
    """A call of a tool, and what it answered; the arguments are JSON text as the model wrote it."""

    call_id: str
    call: PastCall


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptRound:
    """A reply of the model that called tools, as the agent remembers it."""

    model_call: int
    """Which call of the model of the turn: 1, 2, 3 …"""
    text: str
    calls: tuple[TranscriptCall, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptFile:
    """A file, by what is in it."""

    name: str
    media_type: str
    size: int
    """In bytes."""
    digest: bytes
    """SHA-256 of the bytes."""
    created_at: datetime
    content: bytes | None = None
    """The bytes themselves, where they came along."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptOpinion:
    """What somebody thinks of a reply; who it is does not travel."""

    rating: Rating
    comment: str | None
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptMessage:
    """A message or a reply; its place is where it stands in the list, counted from 1."""

    role: MessageRole
    status: MessageStatus
    text: str
    answers: int | None
    """Of a reply: the place of the message that it answers."""
    model: str | None
    usage: Usage | None
    citations: tuple[Citation, ...]
    """Without the ids of documents: those of the data set with the same addresses are meant."""
    rounds: tuple[TranscriptRound, ...]
    """Of a message: what was done to answer it."""
    files: tuple[TranscriptFile, ...]
    created_at: datetime
    updated_at: datetime
    overlap: Overlap | None = None
    """By which policy it was accepted; None for the usual one."""
    answered_with: int | None = None
    """The place of the earlier message whose turn took this one in."""
    joined_call: int | None = None
    """Before which call of the model of that turn."""
    left_out: LeftOut | None = None
    """Why the agent does not remember it."""
    feedback: tuple[TranscriptOpinion, ...] = ()
    """Of a reply, in the order in which it was said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TranscriptEvent:
    """An event of a message. Ids in the body are void: of a reply 0; of approvals and messages their places as numbers."""

    message: int
    """The place of the message that it is about."""
    body: EventBody
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcript:
    """A conversation, whole."""

    head: TranscriptHead
    messages: Sequence[TranscriptMessage]
    events: Sequence[TranscriptEvent]


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """The conversation that was made of a transcript."""

    conversation: UUID


def void_id(place: int) -> UUID:
    """What stands in a transcript's event for the id of the approval, or message, at this place."""
    return UUID(int=place)
