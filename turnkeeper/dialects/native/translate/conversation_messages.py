"""The messages of a conversation in the dialect's words."""

from turnkeeper.core.conversations import Entry
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.conversation_messages import AttachedShape, EntryShape
from turnkeeper.dialects.native.translate.messages import citation_shape, feedback_shape, usage_shape


def entry_shape(entry: Entry) -> EntryShape:
    """A message or a reply in the dialect's words."""
    message = entry.message
    return EntryShape(
        id=prefixed("msg", message.public_id),
        conversation_id=prefixed("conv", message.conversation_public_id),
        role=message.role,
        status=message.status,
        text=message.text,
        answers=None if entry.answers is None else prefixed("msg", entry.answers),
        answered_with=None if entry.answered_with is None else prefixed("msg", entry.answered_with),
        left_out=message.left_out,
        feedback=[feedback_shape(opinion) for opinion in message.feedback],
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
