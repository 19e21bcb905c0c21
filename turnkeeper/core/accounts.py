"""Who may ask: organizations, the accounts in them, their keys, and the caller of one request."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from turnkeeper.core.audit import Actor, Origin
from turnkeeper.core.errors import NotAllowedError

Role = Literal["admin", "member"]
"""`admin` sees the whole organization; `member` sees the data sets it belongs to and its own conversations."""


Scope = Literal["read", "converse", "manage_agents", "manage_data", "admin"]
"""What a key may be used for: look, talk, change agents, change data sets, and run the organization."""

ALL_SCOPES: frozenset[Scope] = frozenset({"read", "converse", "manage_agents", "manage_data", "admin"})
MEMBER_SCOPES: frozenset[Scope] = ALL_SCOPES - {"admin"}


def scopes_of(role: Role) -> frozenset[Scope]:
    """All that a key of an account with this role may ever be used for."""
    return ALL_SCOPES if role == "admin" else MEMBER_SCOPES


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
    is_operator: bool
    """Whether it may make and list organizations, as long as it is an admin."""
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
    is_operator: bool
    """Whether it may make and list organizations, as long as it is an admin."""
    created_at: datetime


Account = User | ServiceAccount
AccountKind = Literal["user", "service"]


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
    scopes: frozenset[Scope]
    """As given; what its account's role does not allow does not count."""
    requests_per_minute: int | None
    """The most; None is the server's default."""
    replaced_until: datetime | None
    """Until when the secret before the last rotation is still good, if it is."""

    def state_at(self, moment: datetime) -> "KeyState":
        """Whether it opens anything."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= moment else "live"


KeyState = Literal["live", "expired", "revoked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewKey:
    """A key to be made."""

    name: str
    scopes: frozenset[Scope]
    expires_at: datetime | None = None
    requests_per_minute: int | None = None
    made_by: int | None = None
    """The key that made it for its own account, and that it is revoked with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnedKey:
    """A key with what is known of the account that it belongs to."""

    key: ApiKey
    owner: UUID
    owner_name: str
    """An e-mail address, or a service account's name."""
    owner_role: Role


@dataclass(frozen=True, kw_only=True, slots=True)
class KeyFilter:
    """Which keys, newest first, and which part of them: those made before the one numbered `before`."""

    account: UUID | None = None
    state: KeyState | None = None
    before: int | None = None
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MemberFilter:
    """Which accounts, newest first, and which part of them: those made before the one numbered `before`."""

    kind: AccountKind | None = None
    role: Role | None = None
    is_active: bool | None = None
    before: int | None = None
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Identity:
    """Who is behind a request."""

    organization: Organization
    account: Account
    key: ApiKey


@dataclass(frozen=True, kw_only=True, slots=True)
class Caller:
    """Who asks, on whose behalf every query is limited."""

    organization_id: int
    account_id: int
    key_id: int
    role: Role
    scopes: frozenset[Scope] = ALL_SCOPES
    origin: Origin = "key"
    session_id: int = 0
    """The session of a browser, in the place of a key."""
    request_id: str | None = field(default=None, compare=False)
    """The request in the server's log."""

    @property
    def actor(self) -> Actor:
        """Whoever this is in the audit log. An operator at the command line is not the admin that he works as."""
        if self.origin not in {"key", "session"}:
            return Actor(organization_id=self.organization_id, origin=self.origin)
        return Actor(
            organization_id=self.organization_id,
            account_id=self.account_id,
            key_id=self.key_id,
            origin=self.origin,
            request_id=self.request_id,
        )

    @property
    def born_at(self) -> Literal["api", "web"]:
        """The kind of door that a conversation is born at which this caller begins."""
        return "web" if self.session_id else "api"

    @property
    def rules(self) -> bool:
        """Whether this is an admin with a key for running the organization."""
        return self.role == "admin" and "admin" in self.scopes

    @property
    def sight(self) -> tuple[int, int, Role]:
        """What limits what the caller may see: who has it in common may be told the same."""
        return (self.organization_id, self.account_id, self.role)

    def asking(self, request_id: str | None) -> "Caller":
        """The same caller in this request; written out, because it is done for every one."""
        return Caller(
            organization_id=self.organization_id,
            account_id=self.account_id,
            key_id=self.key_id,
            role=self.role,
            scopes=self.scopes,
            origin=self.origin,
            session_id=self.session_id,
            request_id=request_id,
        )

    def check(self, scope: Scope) -> None:
        """Refuse what the key is not good for.

        Raises:
            NotAllowedError: code `scope_missing`.
        """
        if scope not in self.scopes:
            raise NotAllowedError(f"This key may not do that: it lacks the scope `{scope}`.", code="scope_missing")
