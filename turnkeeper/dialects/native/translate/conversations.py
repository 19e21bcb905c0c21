"""Conversations in the dialect's words."""

from turnkeeper.core.conversations import Conversation
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.conversations import AgentShape, ConversationShape


def conversation_shape(conversation: Conversation) -> ConversationShape:
    """A conversation in the dialect's words."""
    return ConversationShape(
        id=prefixed("conv", conversation.public_id),
        agent=AgentShape(
            id=prefixed("agt", conversation.agent.public_id),
            slug=conversation.agent.slug,
            name=conversation.agent.name,
        ),
        status=conversation.status,
        mode=conversation.mode,
        origin=conversation.origin,
        title=conversation.summary or "",
        last_event=conversation.last_event,
        created_at=moment(conversation.created_at),
        updated_at=moment(conversation.updated_at),
    )
