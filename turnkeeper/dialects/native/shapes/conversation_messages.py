"""The messages of a conversation on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.conversations import MessageRole, MessageStatus, Overlap
from turnkeeper.dialects.native.shapes.common import ConversationId, MessageId, Moment
from turnkeeper.dialects.native.shapes.conversations import FileId, FileIds
from turnkeeper.dialects.native.shapes.messages import CitationShape, FeedbackShape, UsageShape


class AttachedShape(msgspec.Struct, kw_only=True):
    """A file of a message."""

    id: FileId
    name: str
    media_type: str
    size: Annotated[int, Meta(description="In bytes.")]


class EntryShape(msgspec.Struct, kw_only=True):
    """One entry of the talk: a message, or a reply."""

    id: MessageId
    conversation_id: ConversationId
    role: Annotated[
        MessageRole, Meta(description="`user`: a message. `assistant`: its answer. `system`: why there is none.")
    ]
    status: Annotated[MessageStatus, Meta(description="Of a message; a reply is always `completed`.")]
    text: str
    answers: Annotated[MessageId | None, Meta(description="Of a reply: the message that it is the reply to.")]
    answered_with: Annotated[
        MessageId | None, Meta(description="The earlier message whose turn took this one in: its reply answers both.")
    ]
    left_out: Annotated[
        Literal["rolled_back", "superseded"] | None, Meta(description="Why the agent does not remember it.")
    ]
    feedback: Annotated[list[FeedbackShape], Meta(description="Of a reply: what people think of it.")]
    model: Annotated[str | None, Meta(description="Of a reply.")]
    usage: Annotated[UsageShape | None, Meta(description="Of a reply.")]
    citations: Annotated[list[CitationShape], Meta(description="Of a reply.")]
    files: Annotated[list[AttachedShape], Meta(description="What was attached; of a reply, what the agent wrote.")]
    created_at: Moment
    updated_at: Moment


class EntriesShape(msgspec.Struct, kw_only=True):
    """A page of a talk: each message is followed by its reply."""

    items: list[EntryShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="For the next page: `?cursor=…`")]


class SendBody(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A message."""

    text: Annotated[str, Meta(min_length=1, max_length=1_000_000)]
    files: Annotated[FileIds | UnsetType | None, Meta(description="Uploaded before.")] = UNSET
    overlap: Annotated[
        Overlap | UnsetType | None,
        Meta(description="What becomes of it while another one is being answered; the agent's default if left out."),
    ] = UNSET
    agent_revision: Annotated[
        Annotated[int, Meta(ge=1)] | UnsetType | None,
        Meta(
            description="To try a revision of the agent, a draft too: it answers this message, and what is deployed stays. "
            "For those who may change the agent. The `overlap` then is `enqueue` if left out."
        ),
    ] = UNSET
