"""Messages, replies, and what they took, on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.core.conversations import LeftOut, MessageRole, MessageStatus
from turnkeeper.core.feedback import LONGEST_COMMENT, Rating
from turnkeeper.core.overlap import Overlap
from turnkeeper.dialects.native.shapes.common import AccountId, ApprovalId, ConversationId, MessageId, Moment
from turnkeeper.dialects.native.shapes.files import FileShape


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
    marks: Annotated[
        list[int],
        Meta(
            description="The marks of the reply's text that stand for it: 33 for `[33]`. Empty where the text has none, "
            "and in replies from before they were kept."
        ),
    ]


class FeedbackShape(msgspec.Struct, kw_only=True):
    """What somebody thinks of a reply."""

    account_id: Annotated[AccountId | None, Meta(description="null when it came with an imported conversation.")]
    rating: Rating
    comment: str | None
    updated_at: Moment


class FeedbackBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Your opinion of a reply."""

    rating: Rating
    comment: Annotated[
        Annotated[str, Meta(max_length=LONGEST_COMMENT)] | None, Meta(description="At most 2,000 characters.")
    ] = None


class EditBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Other words."""

    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_TEXT)]


class QueueShape(msgspec.Struct, kw_only=True):
    """Where a queued message stands."""

    ahead_in_conversation: Annotated[
        int, Meta(description="Unfinished messages of its conversation before it; counted up to 1,000.")
    ]
    ahead_in_queue: Annotated[
        int | None,
        Meta(
            description="Tasks of its organization before its own, counted up to 1,000; null while it has none, "
            "because an earlier message waits for people."
        ),
    ]


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
    feedback: Annotated[list[FeedbackShape], Meta(description="What people think of it, oldest first.")]
    files: Annotated[list[FileShape], Meta(description="What the agent wrote while it answered.")]
    agent_revision: Annotated[int | None, Meta(description="The revision of the agent that answered.")]
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
    answered_with: Annotated[
        MessageId | None,
        Meta(description="The earlier message whose turn took this one in: they end together and have the same reply."),
    ]
    overlap: Annotated[
        Overlap,
        Meta(
            description="What was done with it when it came, as others were unfinished: `enqueue` also where another "
            "policy was wanted and could not be applied."
        ),
    ]
    left_out: Annotated[
        LeftOut | None,
        Meta(
            description="Why the agent does not remember it: a newer message rolled it back, or stands in its place. null: "
            "it does."
        ),
    ]
    queue: Annotated[QueueShape | None, Meta(description="Of a queued message: what is before it.")]
    feedback: Annotated[list[FeedbackShape], Meta(description="Of a reply: what people think of it, oldest first.")]
    model: Annotated[str | None, Meta(description="Of a reply.")]
    usage: Annotated[UsageShape | None, Meta(description="Of a reply.")]
    citations: Annotated[list[CitationShape], Meta(description="Of a reply.")]
    files: Annotated[list[FileShape], Meta(description="What was attached; of a reply, what the agent wrote.")]
    agent_revision: Annotated[
        int | None, Meta(description="The revision of the agent that answers; null until it begins to.")
    ]
    created_at: Moment
    updated_at: Moment
