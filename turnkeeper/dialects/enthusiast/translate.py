"""Core nouns in the dialect's words.

Enthusiast's task is one turn: its id is the public id of the message that is answered.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import assert_never

from turnkeeper.actions.conversations import Talk
from turnkeeper.core.agents import Agent
from turnkeeper.core.conversations import Conversation, Message, MessageRole, MessageStatus
from turnkeeper.dialects.enthusiast.shapes import (
    AgentShape,
    ConversationDetail,
    ConversationRow,
    HistoryItem,
    MessageType,
    Role,
    State,
)

TYPE_WITH_DATA_SET = "enthusiast-agent-user-manual-search"
TYPE_WITHOUT_DATA_SET = "enthusiast-agent-tool-calling"


def detail(talk: Talk) -> ConversationDetail:
    """A conversation with its messages by id: of those that are answered, each answer comes after its question."""
    found = talk.conversation
    return ConversationDetail(
        id=found.id,
        started_at=_moment(found.created_at),
        summary=found.summary,
        history=[_item(message) for message in sorted(talk.messages, key=_id_of)],
        agent=_agent(found.agent),
        is_execution_conversation=False,
    )


def rows(found: Sequence[Conversation]) -> list[ConversationRow]:
    """Conversations as they stand in a list."""
    return [
        ConversationRow(
            id=conversation.id,
            started_at=_moment(conversation.created_at),
            summary=conversation.summary,
            agent=_agent(conversation.agent),
        )
        for conversation in found
    ]


def state_of(status: MessageStatus) -> State:
    """The state of the task that answers a message."""
    match status:
        case "queued" | "pending":
            return "PENDING"
        case "completed":
            return "SUCCESS"
        case "failed" | "cancelled":
            return "FAILURE"
        case _:
            assert_never(status)


def _item(message: Message) -> HistoryItem:
    kind, role = _kind(message.role)
    return HistoryItem(id=message.id, text=message.text, type=kind, role=role, file_type=None, file_name=None)


def _kind(role: MessageRole) -> tuple[MessageType, Role]:
    match role:
        case "user":
            return "human", "user"
        case "assistant":
            return "ai", "agent"
        case "system":
            return "system", "system"
        case _:
            assert_never(role)


def _agent(agent: Agent) -> AgentShape:
    return AgentShape(
        id=agent.id,
        name=agent.name,
        description=agent.description or "",
        dataset=agent.data_set_id,
        agent_type=TYPE_WITHOUT_DATA_SET if agent.data_set_id is None else TYPE_WITH_DATA_SET,
        created_at=_moment(agent.created_at),
        updated_at=_moment(agent.updated_at),
        deleted_at=None if agent.deleted_at is None else _moment(agent.deleted_at),
        corrupted=False,
    )


def _id_of(message: Message) -> int:
    return message.id


def _moment(at: datetime) -> datetime:
    """The same moment in UTC, which is written with `Z`, whatever time zone the database speaks."""
    return at.astimezone(UTC)
