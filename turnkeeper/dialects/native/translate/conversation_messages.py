"""The messages of a conversation in the dialect's words."""

from uuid import UUID

from turnkeeper.core.conversations import Message
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.conversation_messages import AttachedShape, EntryShape
from turnkeeper.dialects.native.translate.messages import citation_shape, usage_shape


def entry_shape(message: Message, answers: UUID | None) -> EntryShape:
    """A message or a reply in the dialect's words; `answers` is what a reply is the reply to."""
    return EntryShape(
        id=prefixed("msg", message.public_id),
        conversation_id=prefixed("conv", message.conversation_public_id),
        role=message.role,
        status=message.status,
        text=message.text,
        answers=None if answers is None else prefixed("msg", answers),
        model=message.model,
        usage=None if message.usage is None else usage_shape(message.usage),
        citations=[citation_shape(citation) for citation in message.citations],
        files=[
            AttachedShape(
                id=prefixed("file", file.public_id), name=file.name, media_type=file.media_type, size=file.size
            )
            for file in message.files
        ],
        created_at=moment(message.created_at),
        updated_at=moment(message.updated_at),
    )
