"""Who may ask: organizations, the accounts in them, their keys, and the caller of one request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Role = Literal["admin", "member"]
"""`admin` sees the whole organization; `member` sees the data sets it belongs to and its own conversations."""


Scope = Literal["read", "converse", "manage_agents", "manage_data", "admin"]
"""What a key may be used for: look, talk, change agents, change data sets, and run the organization."""

ALL_SCOPES: frozenset[Scope] = frozenset({"read", "converse", "manage_agents", "manage_data", "admin"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Organization:
    """A tenant. Nothing is ever visible across two of them."""

    id: int
    public_id: UUID
    name: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A person, who signs in with an e-mail address and a password."""

    id: int
    public_id: UUID
    organization_id: int
    email: str
    role: Role
    is_active: bool
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceAccount:
    """A program, which signs in with keys only."""

    id: int
    public_id: UUID
    organization_id: int
    name: str
    role: Role
    is_active: bool
    created_at: datetime


Account = User | ServiceAccount


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiKey:
    """A key as it may be shown: never the secret, only its first characters."""

    id: int
    public_id: UUID
    organization_id: int
    account_id: int
    name: str
    prefix: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks, on whose behalf every query is limited."""

    organization_id: int
    account_id: int
    key_id: int
    role: Role
    scopes: frozenset[Scope] = ALL_SCOPES
