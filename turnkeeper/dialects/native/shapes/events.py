"""Events on the wire: the same JSON in a page, in `data:` of a stream, and in a WebSocket's message."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from turnkeeper.core.approvals import ApprovalQuestion, ApprovalState
from turnkeeper.core.conversations import Overlap
from turnkeeper.core.events import HowCancelled
from turnkeeper.dialects.native.shapes.approvals import ApprovalShape
from turnkeeper.dialects.native.shapes.common import ApprovalId, MessageId, Moment
from turnkeeper.dialects.native.shapes.conversations import ConversationShape
from turnkeeper.dialects.native.shapes.messages import MessageShape, UsageShape

ModelCall = Annotated[int, Meta(description="Which model call of the turn: 1, 2, 3 …")]
CallId = Annotated[str, Meta(description="The model's name for the call.")]
Arguments = Annotated[
    msgspec.Raw,
    Meta(description="As the model wrote them.", extra_json_schema={"type": "object", "additionalProperties": True}),
]
ReplyId = Annotated[MessageId | None, Meta(description="The reply; null when it is gone by now.")]


class TimingShape(msgspec.Struct, kw_only=True):
    """When it ran, in milliseconds after the `turn.started` before it, by the clock of the worker.

    Events are written some together: `created_at` is when, and says less.
    """

    began_ms: int
    first_ms: Annotated[int | None, Meta(description="When a model said the first thing; null for tools.")]
    ended_ms: int


class ModelAskedShape(msgspec.Struct, kw_only=True):
    """What a model was asked with, and why it ended."""

    messages: Annotated[int, Meta(description="How many it was given: the talk as the agent remembers it.")]
    tools: Annotated[int, Meta(description="How many it was offered.")]
    max_output_tokens: int
    finish_reason: Annotated[str, Meta(examples=["stop", "tool_calls", "length"])]


class FoundPassageShape(msgspec.Struct, kw_only=True):
    """A passage that a search found; its text stands in the output."""

    mark: Annotated[int, Meta(description="The number by which the model cites it.")]
    document_id: Annotated[int, Meta(description="0 in an imported conversation.")]
    title: str
    address: str
    start: Annotated[int, Meta(description="Offset into the document's text, in characters.")]
    end: int
    score: Annotated[float, Meta(description="Comparable within one search only; higher is better.")]


class EventBase(msgspec.Struct, kw_only=True, tag_field="event"):
    """What every event has."""

    number: Annotated[int, Meta(description="1, 2, 3 … in its conversation, without gaps.")]
    message_id: Annotated[
        MessageId | None, Meta(description="The message that it is about; null when it is gone by now.")
    ]
    created_at: Moment


class MessageQueuedEvent(EventBase, tag="message.queued"):
    """A message was accepted."""

    overlap: Annotated[Overlap, Meta(description="What was done with it, as others were unfinished.")]


class TurnStartedEvent(EventBase, tag="turn.started"):
    """A worker began to answer. It begins again after a crash, a retry or a decision of people."""

    attempt: Annotated[int, Meta(description="1, 2, 3 …")]
    resumes_at: Annotated[
        int,
        Meta(
            description="The first model call that this attempt makes. Drop the text and the thoughts of this call and of "
            "later ones, as far as they came before this event: they are void."
        ),
    ]


class TextEvent(EventBase, tag="text"):
    """The model wrote a piece of text: join the pieces of one model call as they are."""

    text: str
    model_call: ModelCall


class ThinkingEvent(EventBase, tag="thinking"):
    """The model thought aloud; pieces, like those of text, and no part of the answer."""

    text: str
    model_call: ModelCall


class ToolCalledEvent(EventBase, tag="tool.called"):
    """The model called a tool. The same `call_id` again means that the call is made again after a crash."""

    call_id: CallId
    tool: str
    arguments: Arguments


class ToolReturnedEvent(EventBase, tag="tool.returned"):
    """A tool answered."""

    call_id: CallId
    tool: str
    outcome: Literal["completed", "error"]
    output: Annotated[str, Meta(description="What the model reads.")]
    timing: Annotated[TimingShape | None, Meta(description="null in logs of before there were times.")]
    passages: Annotated[list[FoundPassageShape], Meta(description="Of a search: what it found, best first.")]


class ModelReturnedEvent(EventBase, tag="model.returned"):
    """A call of the model ended and took so much."""

    model_call: ModelCall
    model: str
    usage: UsageShape
    timing: Annotated[TimingShape | None, Meta(description="null in logs of before there were times.")]
    asked: Annotated[ModelAskedShape | None, Meta(description="null in logs of before it was noted.")]


class ApprovalAskedEvent(EventBase, tag="approval.asked"):
    """A call waits for a person."""

    approval_id: ApprovalId
    call_id: CallId
    tool: str
    question: ApprovalQuestion
    reason: str


class ApprovalDecidedEvent(EventBase, tag="approval.decided"):
    """What became of a question."""

    approval_id: ApprovalId
    call_id: CallId
    tool: str
    state: ApprovalState
    note: str | None


class MessageCancelledEvent(EventBase, tag="message.cancelled"):
    """The message ended before its answer did; the reply keeps what was said. Nothing about this message follows."""

    reply_id: ReplyId
    how: Annotated[
        HowCancelled,
        Meta(
            description="`cancelled` by somebody; `interrupted` by the message that follows; `rolled_back` by it: the agent "
            "does not remember this one."
        ),
    ]


class MessageAbsorbedEvent(EventBase, tag="message.absorbed"):
    """The turn of an earlier message took this one in: it has the same reply, and ends when the turn does."""

    into: Annotated[MessageId, Meta(description="The message that the turn answers.")]
    model_call: Annotated[int, Meta(description="Before which model call of that turn.")]
    how: Literal["steer", "merge"]


class MessagesSupersededEvent(EventBase, tag="messages.superseded"):
    """The talk from this message on was left behind: another message stands in its place."""

    by: MessageId
    count: Annotated[int, Meta(description="How many messages and replies were left behind.")]


class MessageCompletedEvent(EventBase, tag="message.completed"):
    """The reply stands. Nothing about this message follows."""

    reply_id: ReplyId
    model: str
    usage: UsageShape


class MessageFailedEvent(EventBase, tag="message.failed"):
    """There is no answer; the reply says why. Nothing about this message follows."""

    reply_id: ReplyId
    code: str
    reason: str


EventShape = (
    MessageQueuedEvent
    | TurnStartedEvent
    | TextEvent
    | ThinkingEvent
    | ToolCalledEvent
    | ToolReturnedEvent
    | ModelReturnedEvent
    | ApprovalAskedEvent
    | ApprovalDecidedEvent
    | MessageCancelledEvent
    | MessageAbsorbedEvent
    | MessagesSupersededEvent
    | MessageCompletedEvent
    | MessageFailedEvent
)


class EndShape(msgspec.Struct, kw_only=True, tag_field="event", tag="end"):
    """The last frame of a stream; it is no event of the log."""

    reason: Literal["turn_ended", "log_end", "idle", "closing", "deleted", "access_ended"]
    last_event: Annotated[int, Meta(description="Go on after this number.")]


class EventsShape(msgspec.Struct, kw_only=True):
    """A part of a log, in order."""

    items: list[EventShape]
    has_more: bool
    next_after: Annotated[int, Meta(description="Hand it back as `after`, also when there is no more yet.")]


class SaidShape(msgspec.Struct, kw_only=True):
    """What one model call has said so far, without what is void."""

    model_call: ModelCall
    text: str
    thinking: str


class OpenCallShape(msgspec.Struct, kw_only=True):
    """A call of a tool that has not returned."""

    call_id: CallId
    tool: str
    arguments: Arguments


class LiveTurnShape(msgspec.Struct, kw_only=True):
    """The turn of a message that is being answered, or that waits for people."""

    message_id: MessageId
    attempt: int
    said: list[SaidShape]
    open_calls: list[OpenCallShape]


class SnapshotShape(msgspec.Struct, kw_only=True):
    """A conversation at one moment."""

    last_event: Annotated[int, Meta(description="Follow the events after this number: nothing is missing or repeated.")]
    conversation: ConversationShape
    messages: Annotated[list[MessageShape], Meta(description="The newest, oldest first, each with its reply.")]
    turn: LiveTurnShape | None
    approvals: Annotated[list[ApprovalShape], Meta(description="Those that wait, newest first.")]
