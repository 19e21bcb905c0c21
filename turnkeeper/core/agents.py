"""Agents: who answers, with which instructions, model, tools, data set and limits."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9/]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one turn may spend before it ends with a message that says so."""

    model_calls: int = 12
    output_tokens: int = 8_192
    """Of one model call."""
    history_tokens: int = 24_000
    """Of the conversation so far that goes to the model, by whole turns, newest first."""
    seconds: float = 300.0
    """Wall time of one attempt at a turn."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Agent:
    """One configured agent of an organization."""

    id: int
    public_id: UUID
    organization_id: int
    slug: str
    name: str
    description: str | None
    data_set_id: int | None
    instructions: str | None
    model: str | None
    """`provider:model`; None takes the server's default."""
    tools: tuple[str, ...]
    limits: Limits
    instances_count: int
    deployed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


def slug_of(name: str) -> str:
    """The slug for a name: lower case, `a-z0-9` joined by hyphens, slashes kept; `agent` when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parts = (_NOT_IN_A_SLUG.sub("-", part).strip("-") for part in plain.lower().split("/"))
    return "/".join(part for part in parts if part) or "agent"
