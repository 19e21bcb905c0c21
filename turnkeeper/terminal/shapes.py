"""What is read of the native dialect's JSON, as far as a terminal shows it; what is unknown is passed over."""

from typing import Literal

import msgspec
from msgspec import Struct


class Usage(Struct, kw_only=True):
    """What an answer took."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    unpriced_calls: int = 0


class Citation(Struct, kw_only=True):
    """A place that an answer leans on."""

    title: str
    address: str
    quote: str = ""
    verified: bool = True


class File(Struct, kw_only=True):
    """A file of a message."""

    id: str
    name: str
    size: int


class Reply(Struct, kw_only=True):
    """What came of a message; `role` is `system` when there is no answer, and the text says why."""

    id: str
    role: str
    text: str
    model: str | None = None
    usage: Usage | None = None
    citations: list[Citation] = []
    files: list[File] = []


class Message(Struct, kw_only=True):
    """A message and what came of it."""

    id: str
    conversation_id: str
    role: str
    status: str
    text: str
    overlap: str = "enqueue"
    answered_with: str | None = None
    waits_for: list[str] = []
    error: str | None = None
    reply: Reply | None = None
    files: list[File] = []

    @property
    def is_finished(self) -> bool:
        """Nothing of it is under way any more."""
        return self.status not in {"queued", "pending"}


class Agent(Struct, kw_only=True):
    """Who answers."""

    id: str
    slug: str
    name: str


class AgentSettings(Struct, kw_only=True):
    """What of an agent's settings matters to who talks with it."""

    overlap: str = "enqueue"


class AgentDetails(Struct, kw_only=True):
    """An agent with its settings."""

    settings: AgentSettings


class Conversation(Struct, kw_only=True):
    """A conversation."""

    id: str
    agent: Agent
    mode: str = "execute"
    title: str = ""
    last_event: int = 0


class Approval(Struct, kw_only=True):
    """What a turn asks a person."""

    id: str
    state: str
    question: str
    tool: str
    arguments: msgspec.Raw
    reason: str
    message_id: str
    note: str | None = None


class Begun(Struct, kw_only=True):
    """A conversation and the message that it began with."""

    conversation: Conversation
    message: Message


class Said(Struct, kw_only=True):
    """What one call of the model has said so far."""

    model_call: int
    text: str


class OpenCall(Struct, kw_only=True):
    """A call of a tool that has not returned."""

    call_id: str
    tool: str
    arguments: msgspec.Raw


class LiveTurn(Struct, kw_only=True):
    """The turn that is under way."""

    message_id: str
    said: list[Said] = []
    open_calls: list[OpenCall] = []


class Snapshot(Struct, kw_only=True):
    """A conversation at one moment; the events after `last_event` go on from it."""

    last_event: int
    conversation: Conversation
    messages: list[Message]
    turn: LiveTurn | None = None
    approvals: list[Approval] = []


class Fault(Struct, kw_only=True):
    """One thing that is wrong with a request."""

    detail: str


class Problem(Struct, kw_only=True):
    """An error."""

    detail: str
    code: str = ""
    errors: list[Fault] = []
    retry_after: float | None = None


class Event(Struct, kw_only=True, tag_field="event", tag="other"):
    """What every event has. One of a kind that is not known here is this and nothing more."""

    number: int = 0
    message_id: str | None = None
    created_at: str = ""


class TurnStarted(Event, tag="turn.started"):
    """A worker began to answer: what later calls of the model said before is void."""

    attempt: int
    resumes_at: int


class TextAdded(Event, tag="text"):
    """A piece of text."""

    text: str
    model_call: int


class ThinkingAdded(Event, tag="thinking"):
    """A piece of a thought."""

    text: str


class ToolCalled(Event, tag="tool.called"):
    """The model called a tool."""

    call_id: str
    tool: str
    arguments: msgspec.Raw


class ToolReturned(Event, tag="tool.returned"):
    """A tool answered."""

    call_id: str
    tool: str
    outcome: str
    output: str


class ApprovalAsked(Event, tag="approval.asked"):
    """A call waits for a person."""

    approval_id: str
    tool: str


class ApprovalDecided(Event, tag="approval.decided"):
    """What became of it."""

    approval_id: str
    tool: str
    state: str
    note: str | None = None


class MessageAbsorbed(Event, tag="message.absorbed"):
    """The turn of another message answers this one too."""

    into: str


class MessageCompleted(Event, tag="message.completed"):
    """The end: the reply stands."""


class MessageFailed(Event, tag="message.failed"):
    """The end: there is no answer."""

    reason: str


class MessageCancelled(Event, tag="message.cancelled"):
    """The end: somebody ended it."""

    how: str = "cancelled"


class End(Event, tag="end"):
    """The last frame of a stream; no event of the log."""

    reason: Literal["turn_ended", "log_end", "idle", "closing", "deleted", "access_ended"] | str = ""
    last_event: int = 0


Known = (
    TurnStarted
    | TextAdded
    | ThinkingAdded
    | ToolCalled
    | ToolReturned
    | ApprovalAsked
    | ApprovalDecided
    | MessageAbsorbed
    | MessageCompleted
    | MessageFailed
    | MessageCancelled
    | End
)
TERMINAL = (MessageCompleted, MessageFailed, MessageCancelled)


class Bare(Struct, kw_only=True):
    """An event of which only the frame is known."""

    event: str
    number: int = 0
    message_id: str | None = None
    created_at: str = ""


_KINDS = frozenset(
    {
        *("turn.started", "text", "thinking", "tool.called", "tool.returned", "approval.asked", "approval.decided"),
        *("message.absorbed", "message.completed", "message.failed", "message.cancelled", "end"),
    }
)
_known = msgspec.json.Decoder(Known)
_bare = msgspec.json.Decoder(Bare)


def event_in(data: bytes) -> Event:
    """The event on the wire. Raises: msgspec.DecodeError."""
    bare = _bare.decode(data)
    if bare.event not in _KINDS:
        return Event(number=bare.number, message_id=bare.message_id, created_at=bare.created_at)
    return _known.decode(data)
