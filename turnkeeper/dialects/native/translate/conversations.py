"""Conversations in the dialect's words."""

from turnkeeper.core.conversation_lists import Overview, Removed
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.conversations import (
    AgentShape,
    ConversationShape,
    DataSetNameShape,
    MatchShape,
    RemovedShape,
)
from turnkeeper.dialects.native.translate.messages import usage_shape


def conversation_shape(overview: Overview) -> ConversationShape:
    """A conversation in the dialect's words."""
    conversation, labels = overview.conversation, overview.labels
    return ConversationShape(
        id=prefixed("conv", conversation.public_id),
        agent=AgentShape(
            id=prefixed("agt", conversation.agent.public_id),
            slug=conversation.agent.slug,
            name=conversation.agent.name,
        ),
        data_set=None
        if overview.data_set is None
        else DataSetNameShape(id=prefixed("ds", overview.data_set.public_id), name=overview.data_set.name),
        account_id=prefixed("acc", overview.account),
        status=conversation.status,
        mode=conversation.mode,
        origin=conversation.origin,
        title=labels.title or conversation.summary or "",
        tags=list(labels.tags),
        metadata=dict(labels.metadata),
        archived_at=None if overview.archived_at is None else moment(overview.archived_at),
        message_count=overview.message_count,
        usage=usage_shape(overview.usage),
        last_event=conversation.last_event,
        created_at=moment(conversation.created_at),
        updated_at=moment(conversation.updated_at),
        match=None
        if overview.match is None
        else MatchShape(message_id=prefixed("msg", overview.match.message_id), snippet=overview.match.snippet),
    )


def removed_shape(removed: Removed) -> RemovedShape:
    """What a deletion removed, in the dialect's words."""
    return RemovedShape(
        id=prefixed("conv", removed.conversation),
        messages=removed.messages,
        events=removed.events,
        effects=removed.effects,
        approvals=removed.approvals,
        files=removed.files,
    )
