"""What goes over the wire: the bodies of requests and answers, in the dialect's own words."""

from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.approvals import ApprovalQuestion, ApprovalState
from turnkeeper.core.conversations import ConversationStatus, MessageRole, MessageStatus, Mode, Origin

ApprovalId = Annotated[str, Meta(examples=["apr_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"])]
MessageId = Annotated[str, Meta(examples=["msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B"])]
ConversationId = Annotated[str, Meta(examples=["conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A"])]
AccountId = Annotated[str, Meta(examples=["acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D"])]
Moment = Annotated[
    str,
    Meta(
        description="RFC 3339, UTC.", examples=["2026-04-12T18:45:12.000Z"], extra_json_schema={"format": "date-time"}
    ),
]


class ApprovalShape(msgspec.Struct, kw_only=True):
    """What a turn asks a person about one call of a tool. It stays when it is decided."""

    id: ApprovalId
    state: Annotated[
        ApprovalState,
        Meta(description="`expired`: nobody decided in time; `cancelled`: its message was cancelled or failed."),
    ]
    question: Annotated[
        ApprovalQuestion,
        Meta(
            description="`call`: may this call be made? `outcome`: it was begun and nobody knows whether it happened; may "
            "it be made again?"
        ),
    ]
    agent: Annotated[str, Meta(description="The slug of the agent that wants to make the call.", examples=["refunds"])]
    tool: Annotated[str, Meta(examples=["refund"])]
    arguments: Annotated[
        msgspec.Raw,
        Meta(
            description="As the model wrote them and the tool will get them.",
            extra_json_schema={"type": "object", "additionalProperties": True},
        ),
    ]
    reason: Annotated[str, Meta(description="A sentence for the person: why this is asked.")]
    conversation_id: ConversationId
    message_id: MessageId
    call_id: Annotated[str, Meta(description="The model's name for the call.")]
    note: Annotated[str | None, Meta(description="What the person wrote; the model reads it when the call was denied.")]
    decided_by: Annotated[AccountId | None, Meta(description="null while it waits, and when no person decided.")]
    created_at: Moment
    expires_at: Annotated[Moment | None, Meta(description="null: it waits until somebody decides.")]
    decided_at: Moment | None


class ApprovalsShape(msgspec.Struct, kw_only=True):
    """A part of the approvals, newest first."""

    items: list[ApprovalShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class DecideBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A decision."""

    decision: Literal["approve", "deny"]
    note: Annotated[
        Annotated[str, Meta(max_length=2000)] | None,
        Meta(description="Why; the model reads it when the call is denied. At most 2,000 characters."),
    ] = None


class UsageShape(msgspec.Struct, kw_only=True):
    """What an answer took, over all its model calls."""

    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    cost_usd: Annotated[
        float | None, Meta(description="US dollars, over the calls whose price is known; null when none is.")
    ]
    unpriced_calls: Annotated[int, Meta(description="Calls that `cost_usd` lacks: the real cost is higher.")]


class CitationShape(msgspec.Struct, kw_only=True):
    """A place in the data set that an answer leans on."""

    document_id: int
    title: str
    address: str
    start: Annotated[int, Meta(description="Offset into the document's text, in characters.")]
    end: int
    quote: str
    document_version: Annotated[int, Meta(description="Which text of the document, from 1; 0 when it is not known.")]
    verified: Annotated[bool, Meta(description="Whether the server found the quote there, word for word.")]


class ReplyShape(msgspec.Struct, kw_only=True):
    """What came of a message."""

    id: MessageId
    role: Annotated[
        MessageRole, Meta(description="`assistant`: the answer. `system`: there is none, and the text says why.")
    ]
    text: str
    model: str | None
    usage: UsageShape | None
    citations: list[CitationShape]
    created_at: Moment


class MessageShape(msgspec.Struct, kw_only=True):
    """A message and what came of it."""

    id: MessageId
    conversation_id: ConversationId
    role: MessageRole
    status: Annotated[MessageStatus, Meta(description="`queued` → `pending` → `completed`, `failed` or `cancelled`.")]
    text: str
    is_parked: Annotated[
        bool, Meta(description="Whether it waits for people: it goes on when one of `waits_for` is decided.")
    ]
    waits_for: Annotated[list[ApprovalId], Meta(description="The approvals that nobody decided yet, oldest first.")]
    error: Annotated[str | None, Meta(description="Why it failed: a stable code; the reply has the sentence.")]
    reply: Annotated[
        ReplyShape | None, Meta(description="null until the message is finished; of a cancelled one, what was said.")
    ]
    answers: Annotated[MessageId | None, Meta(description="Of a reply: the message that it is the reply to.")]
    model: Annotated[str | None, Meta(description="Of a reply.")]
    usage: Annotated[UsageShape | None, Meta(description="Of a reply.")]
    citations: Annotated[list[CitationShape], Meta(description="Of a reply.")]
    created_at: Moment
    updated_at: Moment


class AgentShape(msgspec.Struct, kw_only=True):
    """The agent of a conversation."""

    id: Annotated[str, Meta(examples=["agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E"])]
    slug: str
    name: str


class ConversationShape(msgspec.Struct, kw_only=True):
    """A conversation."""

    id: ConversationId
    agent: AgentShape
    status: ConversationStatus
    mode: Annotated[Mode, Meta(description="`ask`: nothing outside is changed.")]
    origin: Annotated[Origin, Meta(description="The kind of door at which it was born.")]
    title: Annotated[str, Meta(description="The first message, on one line; empty while there is none.")]
    last_event: Annotated[int, Meta(description="The number of its newest event; 0 while there is none.")]
    created_at: Moment
    updated_at: Moment


class FaultShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One thing to mend, and where it is."""

    detail: str
    code: str
    pointer: Annotated[str | UnsetType, Meta(description="JSON Pointer into the body.", examples=["/note"])] = UNSET
    parameter: Annotated[str | UnsetType, Meta(description="The query parameter.", examples=["limit"])] = UNSET
    header: Annotated[str | UnsetType, Meta(description="The header.", examples=["Idempotency-Key"])] = UNSET


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). Programs go by `code`, people read `detail`."""

    type: Annotated[str, Meta(description="`urn:turnkeeper:problem:` and the code.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Meta(description="The path of the request.")]
    code: str
    request_id: Annotated[str | UnsetType, Meta(description="The request in the server's log.")] = UNSET
    errors: Annotated[list[FaultShape] | UnsetType, Meta(description="Every fault of the request.")] = UNSET
    retry_after: Annotated[int | UnsetType, Meta(description="Seconds after which to try again.")] = UNSET


def moment(at: datetime) -> str:
    """A moment as this dialect writes it, whatever zone the database speaks in."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
