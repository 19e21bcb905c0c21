"""Between our nouns and the dialect's words: ids, agents, jobs, messages."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from turnkeeper.core.agents import Agent
from turnkeeper.core.conversations import Citation, Conversation, Message, MessageStatus
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.ids import from_prefixed, prefixed
from turnkeeper.dialects.nairi.shapes import AgentShape, CitationShape, JobShape, MessageShape, moment

_JOB_TYPES = {"api": "api", "slack": "slack", "discord": "discord", "web": "app"}


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentName:
    """How a request names an agent: by id, or by slug."""

    public_id: UUID | None = None
    slug: str | None = None


def agent_name(text: str) -> AgentName:
    """What a path or a body means by an agent.

    Raises:
        InvalidError: it begins like an id and is none.
    """
    if not text.startswith("cci_"):
        return AgentName(slug=text)
    public_id = from_prefixed(("cci",), text)
    if public_id is None:
        raise InvalidError("agent_id", f"invalid agent id {_shown(text)}: expected `cci_` and 26 characters, or a slug")
    return AgentName(public_id=public_id)


def job_id_in(text: str) -> UUID:
    """The conversation that a path names.

    Raises:
        InvalidError: it is no id of a job.
    """
    public_id = from_prefixed(("job", "j"), text)
    if public_id is None:
        raise InvalidError("job_id", f"invalid job id {_shown(text)}: expected `job_` and 26 characters")
    return public_id


def message_id_in(text: str) -> UUID:
    """The message, or the event (see `progress`), that a path names.

    Raises:
        InvalidError: it is no id of a message.
    """
    public_id = from_prefixed(("cmsg",), text)
    if public_id is None:
        raise InvalidError("message_id", f"invalid message id {_shown(text)}: expected `cmsg_` and 26 characters")
    return public_id


def attachment_id_in(text: str) -> UUID:
    """The attachment that a path or a body names.

    Raises:
        InvalidError: it is no id of an attachment.
    """
    public_id = from_prefixed(("att",), text)
    if public_id is None:
        raise InvalidError("attachment_ids", f"invalid attachment id {_shown(text)}: expected `att_` and 26 characters")
    return public_id


def attachment_id(file: UUID) -> str:
    """A file's id as it leaves the server."""
    return prefixed("att", file)


def job_id(conversation: UUID) -> str:
    """A conversation's id as it leaves the server."""
    return prefixed("job", conversation)


def message_id(message: UUID) -> str:
    """A message's id as it leaves the server."""
    return prefixed("cmsg", message)


def agent_shape(agent: Agent) -> AgentShape:
    """An agent in the dialect's words."""
    return AgentShape(
        id=prefixed("cci", agent.public_id),
        name=agent.name,
        agent_id=agent.slug,
        instances_count=agent.instances_count,
        description=agent.description or "",
        is_self_hosted=False,
        system_prompt=agent.instructions,
        data_set_id=agent.data_set_id,
        model=agent.model,
        created_at=moment(agent.created_at),
        updated_at=moment(agent.updated_at),
    )


def job_shape(conversation: Conversation) -> JobShape:
    """A conversation in the dialect's words."""
    return JobShape(
        id=job_id(conversation.public_id),
        status=conversation.status,
        agent_id=conversation.agent.slug,
        title=conversation.summary or "",
        mode=conversation.mode,
        job_type=_JOB_TYPES[conversation.origin],
        created_at=moment(conversation.created_at),
        updated_at=moment(conversation.updated_at),
    )


def message_status(status: MessageStatus) -> Literal["queued", "pending", "completed", "failed"]:
    """The status in the dialect's words: clients wait for `completed` or `failed`, and know no other end."""
    return "failed" if status == "cancelled" else status


def message_shape(message: Message) -> MessageShape:
    """A message in the dialect's words.

    Token counts and model come together, or not at all when the model reported none. The cost comes with them where it is
    known for every call of the model.
    """
    shape = MessageShape(
        id=message_id(message.public_id),
        job_id=job_id(message.conversation_public_id),
        role=message.role,
        content=message.text,
        status=message_status(message.status),
        created_at=moment(message.created_at),
        updated_at=moment(message.updated_at),
    )
    if message.role == "assistant" and message.usage is not None and message.usage.tokens:
        shape.input_tokens = message.usage.input_tokens
        shape.output_tokens = message.usage.output_tokens
        shape.cache_read_tokens = message.usage.cache_read_tokens
        shape.cache_write_tokens = message.usage.cache_write_tokens
        shape.model = message.model or ""
        if message.usage.cost_usd is not None and not message.usage.unpriced_calls:
            shape.cost_usd = round(float(message.usage.cost_usd), 10)
    if message.files:
        shape.attachment_ids = [attachment_id(file.public_id) for file in message.files]
    if message.citations:
        shape.citations = [_citation(citation) for citation in message.citations]
    return shape


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


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:60]}…")
