"""Approvals and decisions on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from turnkeeper.core.approvals import ApprovalQuestion, ApprovalState
from turnkeeper.dialects.native.shapes.common import AccountId, ApprovalId, ConversationId, MessageId, Moment


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
