"""A person's yes: what a turn asks, and what was decided."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

ApprovalQuestion = Literal["call", "outcome"]
"""`call`: may this call be made? `outcome`: it was begun and nobody knows whether it happened; may it be made again?"""

ApprovalState = Literal["waiting", "approved", "denied", "expired", "cancelled"]

Verdict = Literal["approved", "denied"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What a turn asks a person about one call of a tool.

    `step` is the recorded step that waits, and `tries` how often the call was begun before: for each begun call whose
    outcome is unknown there is one question.
    """

    id: UUID
    step: str
    call_id: str
    tool: str
    arguments: str
    question: ApprovalQuestion
    tries: int
    reason: str
    """A sentence for the person: why this is asked."""
    expires_after_seconds: float | None
    is_new: bool
    """False when an earlier attempt at the turn asked it already."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What became of a question. `note` is what the person wrote."""

    id: UUID
    state: ApprovalState
    note: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Waits:
    """How a turn ends for now: it goes on when one of the questions is decided."""

    questions: tuple[Question, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Approval:
    """A question as people see it, with the talk that it comes from."""

    id: UUID
    number: int
    """Its place in the order in which questions were asked."""
    organization_id: int
    conversation_id: UUID
    message_id: UUID
    agent: str
    """The slug of the agent that wants to make the call."""
    call_id: str
    tool: str
    arguments: str
    """JSON text, as the model wrote it."""
    question: ApprovalQuestion
    reason: str
    state: ApprovalState
    note: str | None
    decided_by: UUID | None
    """The account that decided; None while waiting, and for what expired or was cancelled."""
    created_at: datetime
    expires_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalFilter:
    """Which approvals, newest first, and which part of them; what was asked before the one numbered `before` is wanted."""

    state: ApprovalState | None = None
    conversation: UUID | None = None
    message: UUID | None = None
    before: int | None = None
    limit: int
