"""Messages and replies in the dialect's words."""

from turnkeeper.core.conversations import Citation, Message, QueuePlace, Standing
from turnkeeper.core.feedback import Feedback
from turnkeeper.core.ids import prefixed
from turnkeeper.core.usage import Usage
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.files import FileShape
from turnkeeper.dialects.native.shapes.messages import (
    CitationShape,
    FeedbackShape,
    MessageShape,
    QueueShape,
    ReplyShape,
    UsageShape,
)
from turnkeeper.dialects.native.translate.files import file_shape


def message_shape(standing: Standing) -> MessageShape:
    """A message and what came of it, in the dialect's words."""
    message = standing.message
    return MessageShape(
        id=prefixed("msg", message.public_id),
        conversation_id=prefixed("conv", message.conversation_public_id),
        role=message.role,
        status=message.status,
        text=message.text,
        is_parked=standing.is_parked,
        waits_for=[prefixed("apr", approval) for approval in standing.waits_for],
        error=standing.error,
        reply=None if standing.reply is None else _reply(standing.reply),
        answers=None if standing.answers is None else prefixed("msg", standing.answers),
        answered_with=None if standing.answered_with is None else prefixed("msg", standing.answered_with),
        overlap=message.overlap,
        left_out=message.left_out,
        queue=None if standing.queue is None else _queue(standing.queue),
        feedback=[feedback_shape(opinion) for opinion in message.feedback],
        model=message.model,
        usage=None if message.usage is None else usage_shape(message.usage),
        citations=[citation_shape(citation) for citation in message.citations],
        files=_files(message),
        agent_revision=message.agent_revision,
        created_at=moment(message.created_at),
        updated_at=moment(message.updated_at),
    )


def _reply(message: Message) -> ReplyShape:
    return ReplyShape(
        id=prefixed("msg", message.public_id),
        role=message.role,
        text=message.text,
        model=message.model,
        usage=None if message.usage is None else usage_shape(message.usage),
        citations=[citation_shape(citation) for citation in message.citations],
        feedback=[feedback_shape(opinion) for opinion in message.feedback],
        files=_files(message),
        agent_revision=message.agent_revision,
        created_at=moment(message.created_at),
    )


def _queue(place: QueuePlace) -> QueueShape:
    return QueueShape(ahead_in_conversation=place.ahead_in_conversation, ahead_in_queue=place.ahead_in_queue)


def feedback_shape(opinion: Feedback) -> FeedbackShape:
    """An opinion in the dialect's words."""
    return FeedbackShape(
        account_id=None if opinion.account_id is None else prefixed("acc", opinion.account_id),
        rating=opinion.rating,
        comment=opinion.comment,
        updated_at=moment(opinion.updated_at),
    )


def _files(message: Message) -> list[FileShape]:
    return [file_shape(file, is_written=message.role != "user") for file in message.files]


def usage_shape(usage: Usage) -> UsageShape:
    """What was taken, in the dialect's words."""
    return UsageShape(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cost_usd=None if usage.cost_usd is None else round(float(usage.cost_usd), 10),
        unpriced_calls=usage.unpriced_calls,
    )


def citation_shape(citation: Citation) -> CitationShape:
    """A citation in the dialect's words."""
    return CitationShape(
        document_id=citation.document_id,
        title=citation.title,
        address=citation.address,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        document_version=citation.document_version,
        verified=citation.verified,
        marks=list(citation.marks),
    )
