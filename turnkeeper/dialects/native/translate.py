"""Between our nouns and the dialect's words: ids, approvals, messages, conversations."""

from uuid import UUID

import msgspec

from turnkeeper.core.approvals import Approval
from turnkeeper.core.conversations import Citation, Conversation, Message, Standing
from turnkeeper.core.ids import from_prefixed, from_uuid, prefixed
from turnkeeper.dialects.native.shapes import (
    AgentShape,
    ApprovalShape,
    CitationShape,
    ConversationShape,
    MessageShape,
    ReplyShape,
    UsageShape,
    moment,
)

_OBJECT = msgspec.json.Decoder(dict[str, object])


def approval_in(text: str) -> UUID | None:
    """The approval that a text names, if it can name one."""
    return from_prefixed(("apr",), text) or from_uuid(text)


def message_in(text: str) -> UUID | None:
    """The message that a text names, also by the ids that other dialects give: `cmsg_…`, and a `task_id`."""
    return from_prefixed(("msg", "cmsg"), text) or from_uuid(text)


def conversation_in(text: str) -> UUID | None:
    """The conversation that a text names, also by the ids that other dialects give: `job_…`."""
    return from_prefixed(("conv", "job", "j"), text) or from_uuid(text)


def approval_shape(approval: Approval) -> ApprovalShape:
    """An approval in the dialect's words."""
    return ApprovalShape(
        id=prefixed("apr", approval.id),
        state=approval.state,
        question=approval.question,
        agent=approval.agent,
        tool=approval.tool,
        arguments=_arguments(approval.arguments),
        reason=approval.reason,
        conversation_id=prefixed("conv", approval.conversation_id),
        message_id=prefixed("msg", approval.message_id),
        call_id=approval.call_id,
        note=approval.note,
        decided_by=None if approval.decided_by is None else prefixed("acc", approval.decided_by),
        created_at=moment(approval.created_at),
        expires_at=None if approval.expires_at is None else moment(approval.expires_at),
        decided_at=None if approval.decided_at is None else moment(approval.decided_at),
    )


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
        model=message.model,
        usage=_usage(message),
        citations=[_citation(citation) for citation in message.citations],
        created_at=moment(message.created_at),
        updated_at=moment(message.updated_at),
    )


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


def _reply(message: Message) -> ReplyShape:
    return ReplyShape(
        id=prefixed("msg", message.public_id),
        role=message.role,
        text=message.text,
        model=message.model,
        usage=_usage(message),
        citations=[_citation(citation) for citation in message.citations],
        created_at=moment(message.created_at),
    )


def _usage(message: Message) -> UsageShape | None:
    if message.usage is None:
        return None
    return UsageShape(
        input_tokens=message.usage.input_tokens,
        output_tokens=message.usage.output_tokens,
        cache_read_tokens=message.usage.cache_read_tokens,
        cache_write_tokens=message.usage.cache_write_tokens,
        cost_usd=None if message.usage.cost_usd is None else round(float(message.usage.cost_usd), 10),
        unpriced_calls=message.usage.unpriced_calls,
    )


def _citation(citation: Citation) -> CitationShape:
    return CitationShape(
        document_id=citation.document_id,
        title=citation.title,
        address=citation.address,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        document_version=citation.document_version,
        verified=citation.verified,
    )


def _arguments(text: str) -> msgspec.Raw:
    """The arguments as the model wrote them, so that a person decides about what the tool will get.

    Calls whose arguments are no object are never asked about; should there be one, it is told as a string.
    """
    try:
        _OBJECT.decode(text.strip() or "{}")
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return msgspec.Raw(msgspec.json.encode(text))
    return msgspec.Raw((text.strip() or "{}").encode())
