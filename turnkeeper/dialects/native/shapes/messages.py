"""Messages, replies, and what they took, on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.conversations import MessageRole, MessageStatus
from turnkeeper.dialects.native.shapes.common import ApprovalId, ConversationId, MessageId, Moment


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
