"""What happened to a message, in order: the only thing that is ever streamed.

Events are numbered 1, 2, 3 … within their conversation, without gaps, and written before they are shown.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from turnkeeper.core.approvals import ApprovalQuestion, ApprovalState
from turnkeeper.core.conversations import Citation
from turnkeeper.core.overlap import Overlap
from turnkeeper.core.usage import Usage

HowCancelled = Literal["cancelled", "interrupted", "rolled_back"]
"""Who ended a message: a person who cancelled it, or a newer message that interrupted it or rolled it back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Timing:
    """When a part of a turn ran, in milliseconds after its attempt began, by the clock of the worker.

    Events are written some together, so that the moments at which they were written say too little.
    """

    began_ms: int
    ended_ms: int
    first_ms: int | None = None
    """When a model said the first thing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelAsked:
    """What a model was asked with, and why it ended; what it was told stands in the talk itself."""

    messages: int
    tools: int
    max_output_tokens: int
    finish_reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundPassage:
    """A passage that a tool found, without its text, which stands in the tool's output."""

    mark: int
    """The number by which the model cites it."""
    title: str
    address: str
    start: int
    end: int
    score: float
    document_id: int = 0
    """0 where the conversation came from another server."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageQueued:
    """A message was accepted; its text stands in the message's row."""

    overlap: Overlap = "enqueue"
    """What was done with it, as others were unfinished: not what was asked for, where that could not be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnStarted:
    """A worker began to answer. A crash or a retry makes it begin again; finished calls are not made twice."""

    attempt: int
    """1, 2, 3 …"""
    resumes_at: int
    """The number of the first model call that this attempt makes; text of that call from earlier attempts is void."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TextAdded:
    """The model wrote a piece of text; pieces are deltas, to be joined as they are."""

    text: str
    model_call: int
    """Which model call of the turn wrote it: 1, 2, 3 …"""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThinkingAdded:
    """The model thought aloud, as far as its provider shows it; deltas, like those of text, and not part of the answer."""

    text: str
    model_call: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolCalled:
    """The model asked for a tool; `input` is the JSON text of its arguments."""

    call_id: str
    tool: str
    input: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolReturned:
    """A tool answered the model; `output` is the text that the model reads."""

    call_id: str
    tool: str
    outcome: Literal["completed", "error"]
    output: str
    # How it came about makes it no other event: logs of two runs of the same turn are compared.
    timing: Timing | None = field(default=None, compare=False)
    passages: tuple[FoundPassage, ...] = field(default=(), compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelReturned:
    """A call of the model ended and took so much; a model that takes no tokens is not reported."""

    model_call: int
    model: str
    usage: Usage
    timing: Timing | None = field(default=None, compare=False)
    asked: ModelAsked | None = field(default=None, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalAsked:
    """A call waits for a person's yes. The turn goes on when it is decided; no worker is held meanwhile."""

    approval_id: UUID
    call_id: str
    tool: str
    question: ApprovalQuestion
    reason: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalDecided:
    """What became of a question."""

    approval_id: UUID
    call_id: str
    tool: str
    state: ApprovalState
    note: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageCancelled:
    """The message was ended before its answer was; the reply with this id keeps what was said, unless it was rolled back.

    Nothing about this turn follows.
    """

    reply_id: int
    how: HowCancelled = "cancelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageAbsorbed:
    """The turn of an earlier message took this one in: it has the same reply, and ends when the turn does."""

    into: UUID
    """The message that the turn answers."""
    model_call: int
    """Before which call of the model of that turn."""
    how: Literal["steer", "merge"]


@dataclass(frozen=True, kw_only=True, slots=True)
class MessagesSuperseded:
    """The talk from this message on was left behind: another message stands in its place."""

    by: UUID
    count: int
    """How many messages and replies were left behind."""


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageCompleted:
    """The reply stands as the message with this id. Nothing about this turn follows."""

    reply_id: int
    model: str
    usage: Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageFailed:
    """The turn ended without an answer; the system message with this id says why. Nothing about this turn follows."""

    reply_id: int
    code: str
    reason: str


TurnEvent = TextAdded | ThinkingAdded | ToolCalled | ToolReturned | ModelReturned
"""What a turn yields while it runs."""

EventBody = (
    MessageQueued
    | TurnStarted
    | TextAdded
    | ThinkingAdded
    | ToolCalled
    | ToolReturned
    | ModelReturned
    | ApprovalAsked
    | ApprovalDecided
    | MessageCancelled
    | MessageAbsorbed
    | MessagesSuperseded
    | MessageCompleted
    | MessageFailed
)

ENDS_A_MESSAGE = (MessageCancelled, MessageCompleted, MessageFailed)
"""After one of these nothing about the message follows: a stream of one turn is over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One numbered fact of a conversation."""

    number: int
    message_id: int
    body: EventBody
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LogEntry:
    """An event as readers are told of it: what it is about goes by public ids."""

    number: int
    message_id: UUID | None
    """None when the message is gone."""
    reply_id: UUID | None
    """Of an event that ends its message: the reply."""
    body: EventBody
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LogPage:
    """A part of a conversation's log, in order."""

    entries: tuple[LogEntry, ...]
    has_more: bool
    last_event: int
    """The number of the conversation's newest event, at the moment of the read."""

    def reached(self, after: int) -> int:
        """The number up to which somebody who stood at `after` has now read."""
        if self.has_more:
            return self.entries[-1].number if self.entries else after
        return max(after, self.last_event)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What a finished turn leaves behind: the reply's text and what it cost."""

    text: str
    model: str
    usage: Usage
    citations: tuple[Citation, ...] = ()
