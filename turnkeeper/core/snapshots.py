"""A conversation at one moment: from here a reader goes on with the events that follow."""

from dataclasses import dataclass
from uuid import UUID

from turnkeeper.core.approvals import Approval
from turnkeeper.core.conversation_lists import Overview
from turnkeeper.core.conversations import Standing
from turnkeeper.core.events import ToolCalled


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What one model call of a turn has said so far."""

    model_call: int
    text: str
    thinking: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveTurn:
    """A turn that was begun and has no end yet, as its events tell it."""

    message_id: UUID
    attempt: int
    said: tuple[Said, ...]
    """In the order of the calls, without what is void."""
    open_calls: tuple[ToolCalled, ...]
    """Calls of tools that have not returned, in their order."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """All of one moment. The conversation's `last_event` is the number of the newest event that it contains."""

    overview: Overview
    messages: tuple[Standing, ...]
    """The newest, oldest first, each with its reply."""
    turn: LiveTurn | None
    approvals: tuple[Approval, ...]
    """Those that wait, newest first."""
