"""Core nouns in the dialect's words.

Enthusiast's task is one turn: its id is the public id of the message that is answered.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import assert_never

from turnkeeper.core.agents import Agent
from turnkeeper.core.conversations import Conversation, Message, MessageRole, MessageStatus, Talk
from turnkeeper.core.files import File
from turnkeeper.dialects.enthusiast.shapes import (
    AgentShape,
    ConversationDetail,
    ConversationRow,
    HistoryItem,
    MessageType,
    Role,
    State,
    UploadedFile,
    UploadResult,
    UploadStatus,
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
        history=_history(talk),
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


def upload_status(file: File, *, conversation_id: int) -> UploadStatus:
    """An upload that was kept, as its status."""
    uploaded = UploadedFile(
        id=file.id,
        filename=file.name,
        file_url=_file_url(file, conversation_id),
        content_type=file.media_type,
    )
    result = UploadResult(status="SUCCESS", conversation_id=conversation_id, uploaded_file=uploaded, file_id=file.id)
    return UploadStatus(task_id=file.public_id, status="SUCCESS", result=result)


def _history(talk: Talk) -> list[HistoryItem]:
    """Messages and their files by id, which puts uploads before their question, and the agent's files before its answer."""
    items = {message.id: _item(message) for message in talk.messages}
    for message in talk.messages:
        _, role = _kind("user" if message.role == "user" else "assistant")
        for file in message.files:
            items.setdefault(file.id, _file_item(file, talk.conversation.id, role))
    return [items[number] for number in sorted(items)]


def _file_item(file: File, conversation_id: int, role: Role) -> HistoryItem:
    path = PurePosixPath(file.name)
    return HistoryItem(
        id=file.id,
        text="",
        type="file",
        role=role,
        file_type=path.suffix.removeprefix("."),
        file_name=f"conversations/{conversation_id}/{path.stem}",
        file_url=_file_url(file, conversation_id),
    )


def _file_url(file: File, conversation_id: int) -> str:
    return f"/api/conversations/{conversation_id}/files/{file.id}"


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


def _moment(at: datetime) -> datetime:
    """The same moment in UTC, which is written with `Z`, whatever time zone the database speaks."""
    return at.astimezone(UTC)
