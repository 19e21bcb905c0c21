"""The talk: conversations, messages, and the lawful moves of a message."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from turnkeeper.core.agents import Agent
from turnkeeper.core.feedback import Feedback
from turnkeeper.core.files import File
from turnkeeper.core.overlap import Overlap
from turnkeeper.core.usage import Usage

Origin = Literal["api", "slack", "discord", "web"]
"""The kind of door a conversation was born at; some doors carry on only their own."""

Mode = Literal["execute", "ask"]
"""`ask` answers without changing anything outside."""

LeftOut = Literal["rolled_back", "superseded"]
"""Why the agent does not remember a message: a newer one rolled it back, or took its place."""

ConversationStatus = Literal["active", "completed", "error", "abandoned"]
Sort = Literal["created_at_asc", "created_at_desc", "updated_at_asc", "updated_at_desc"]
MessageRole = Literal["user", "assistant", "system"]
MessageStatus = Literal["queued", "pending", "completed", "failed", "cancelled"]

MOST_COUNTED = 1_000
"""Of what stands before a queued message."""

FINISHED: frozenset[MessageStatus] = frozenset({"completed", "failed", "cancelled"})

_MOVES: frozenset[tuple[MessageStatus, MessageStatus]] = frozenset(
    {
        ("queued", "pending"),
        ("queued", "failed"),
        ("queued", "cancelled"),
        ("pending", "cancelled"),
        ("pending", "pending"),  # another attempt, after a crash or a retry
        ("pending", "completed"),
        ("pending", "failed"),
    }
)


def statuses_before(wanted: MessageStatus) -> tuple[MessageStatus, ...]:
    """The statuses from which a message may lawfully become `wanted`, sorted."""
    return tuple(sorted(now for now, then in _MOVES if then == wanted))


@dataclass(frozen=True, kw_only=True, slots=True)
class Citation:
    """A place in the data set that a reply leans on. Offsets count characters of the document's stored text.

    `verified` says that the quote stands exactly there in the stored text of that version, as the server saw it when the
    reply was made. Otherwise `quote` is what the model claims to quote, and the offsets are those of the passage that it
    names.
    """

    document_id: int
    title: str
    address: str
    start: int
    end: int
    quote: str
    document_version: int = 0
    """Which text of the document, counted from 1; 0 in replies from before versions were kept."""
    verified: bool = False
    marks: tuple[int, ...] = field(default=(), compare=False)
    """The numbers in brackets by which the reply's text points here; none where the model made its citations itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Conversation:
    """One talk between an account and an agent."""

    id: int
    public_id: UUID
    organization_id: int
    account_id: int
    agent: Agent
    data_set_id: int | None
    origin: Origin
    mode: Mode
    status: ConversationStatus
    summary: str | None
    """The first message's text, cut to 1,000 characters; None while there is none."""
    last_event: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """One entry of the talk. A reply is the assistant's (or, when the turn failed, the system's) entry."""

    id: int
    public_id: UUID
    conversation_id: int
    conversation_public_id: UUID
    role: MessageRole
    status: MessageStatus
    text: str
    reply_to: int | None
    """The message that this one answers."""
    first_event: int
    """The number of the event that made it: its place in the conversation."""
    usage: Usage | None
    model: str | None
    citations: tuple[Citation, ...]
    created_at: datetime
    updated_at: datetime
    files: tuple[File, ...] = ()
    """What was attached; of a reply, what the agent wrote."""
    overlap: Overlap = "enqueue"
    """What was done with it when it came, as others were unfinished."""
    answered_with: int | None = None
    """The earlier message whose turn took this one in: its reply is the reply to both."""
    left_out: LeftOut | None = None
    """Why the agent does not remember it; None when it does."""
    feedback: tuple[Feedback, ...] = ()
    """What people think of it, oldest first; of a reply only."""
    agent_revision: int | None = None
    """Which revision of the agent answers it, since the first attempt began; of a reply, which one did."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A conversation with its messages, oldest first; each message is followed by its reply."""

    conversation: Conversation
    messages: Sequence[Message]


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuePlace:
    """Where a queued message stands, counted up to `MOST_COUNTED`."""

    ahead_in_conversation: int
    """Unfinished messages of its conversation that come before it."""
    ahead_in_queue: int | None
    """Tasks of its organization that stand before its own; None while it has none, as an earlier one waits for people."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A message or a reply in its conversation."""

    message: Message
    answers: UUID | None
    """The message that this one is the reply to."""
    answered_with: UUID | None
    """The message whose turn took this one in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a message stands, with what came of it."""

    message: Message
    answers: UUID | None
    """The message that this one is the reply to."""
    reply: Message | None
    error: str | None
    """Why it failed: a stable code; the reply has the sentence."""
    is_parked: bool
    """Whether it waits for people: no worker has it until one of the questions is decided."""
    waits_for: tuple[UUID, ...]
    """The approvals that nobody decided yet, in the order in which they were asked."""
    answered_with: UUID | None = None
    """The message whose turn took this one in; `reply` is that turn's."""
    queue: QueuePlace | None = None
    """Of a queued message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentFilter:
    """Which conversations of one agent, in which order, which part of them."""

    agent_id: int
    statuses: tuple[ConversationStatus, ...] | None
    updated_after: datetime | None
    sort: Sort
    after: tuple[datetime, int] | None
    """The sort key of the last one seen: what follows it is wanted."""
    offset: int
    limit: int


def summary_of(text: str) -> str:
    """What stands for a conversation in lists: its first message on one line, at most 1,000 characters."""
    line = " ".join(text.split())
    return line if len(line) <= 1_000 else f"{line[:999]}…"
