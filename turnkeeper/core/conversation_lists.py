"""Conversations as lists show them: which ones, in which order, and what is told of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from turnkeeper.core.conversations import Conversation, ConversationStatus, Origin, Sort
from turnkeeper.core.labels import Labels
from turnkeeper.core.usage import Usage

Archived = Literal["no", "yes", "any"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedDataSet:
    """The data set that a conversation is about."""

    public_id: UUID
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Where a search found its words: the newest message that has them."""

    message_id: UUID
    snippet: str
    """The words with what stands around them; each word that was found between two stars on either side."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """A conversation with all that is told of it, but its messages."""

    conversation: Conversation
    account: UUID
    labels: Labels
    archived_at: datetime | None
    revision: int
    """Counts the changes of the labels."""
    data_set: NamedDataSet | None
    usage: Usage
    """What all of its turns spent that ended."""
    message_count: int
    """Messages and replies."""
    match: Match | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of time: from `start` on, and before `end`; None is without an end there."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationFilter:
    """Which conversations, in which order, which part of them. What is None does not matter."""

    agent: UUID | str | None = None
    """By its id or its slug."""
    status: ConversationStatus | None = None
    origin: Origin | None = None
    account: UUID | None = None
    created: Span = field(default_factory=Span)
    updated: Span = field(default_factory=Span)
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    """Keys with the values that they must have."""
    tags: tuple[str, ...] = ()
    """Which must all be there."""
    archived: Archived = "no"
    search: str | None = None
    """Words that one of the messages must have: `refund -cancelled "two weeks" or month`."""
    sort: Sort = "updated_at_desc"
    after: tuple[datetime, int] | None = None
    """The sort key of the last one seen: what follows it is wanted."""
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationPage:
    """A part of a list. `has_all_words` is False while a search does not know all messages yet."""

    items: tuple[Overview, ...]
    has_more: bool
    has_all_words: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Removed:
    """What went with a conversation that was deleted."""

    conversation: UUID
    messages: int
    events: int
    effects: int
    approvals: int
    files: int
