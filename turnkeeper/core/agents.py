"""Agents: who answers, with which instructions, model, tools, data set and limits."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from turnkeeper.core.effects import ToolKind
from turnkeeper.core.overlap import Overlap
from turnkeeper.core.retention import AgentRetention

_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9/]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """What one turn, and one day, may spend before a turn ends with a message that says so."""

    model_calls: int = 12
    tool_calls: int = 50
    """Calls beyond these are not made; the model then answers from what it has."""
    tokens: int | None = None
    """Of all model calls of a turn, in and out."""
    cost_usd: Decimal | None = None
    """Of one turn. A model whose price is not known is not called under a limit of cost."""
    output_tokens: int = 8_192
    """Of one model call."""
    history_tokens: int = 24_000
    """Of the conversation so far that goes to the model, by whole turns, newest first."""
    seconds: float = 300.0
    """Wall time of one attempt at a turn."""
    tokens_a_day: int | None = None
    """Of all turns of the agent that end on one day, in UTC."""
    cost_usd_a_day: Decimal | None = None

    @property
    def is_by_day(self) -> bool:
        """Whether what was spent today matters."""
        return self.tokens_a_day is not None or self.cost_usd_a_day is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class McpServer:
    """A server of tools, by a command that is started or an address; exactly one of both.

    The program `python` is the Python that Turnkeeper itself runs with. Values of `environment` and `headers` may be
    `vault:NAME`, or end with it after a blank as in `Bearer vault:NAME`, for a secret of the organization. The kind of a
    tool is the one in `kinds`, else what the server's annotations say, else `at_most_once`.

    An address that is written as a private one is reached as it is. A name that may be public must lead to the public
    internet unless `allows_private_addresses` says otherwise.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    tools: tuple[str, ...] | None = None
    """The only ones on offer; None for all."""
    kinds: Mapping[str, ToolKind] = field(default_factory=dict[str, ToolKind])
    seconds: float = 60.0
    """The longest that one call may take."""
    allows_private_addresses: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpRule:
    """A host that the agent's HTTP tools may speak to.

    `host` is a name, or `*.name` for all below it, with a port behind a colon where it is not the usual one; `*` alone is
    every public host. `kind` is that of calls that are not GET or HEAD: `keyed` where the host takes an `Idempotency-Key`
    header. Values of `headers` may be secrets, as those of `McpServer`.
    """

    host: str
    methods: tuple[str, ...] = ("GET", "HEAD")
    kind: ToolKind = "at_most_once"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    allows_private_addresses: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalRule:
    """Calls that need a person's yes: those that every given field fits.

    `tool` may end with `*`. `argument` is a JSON Pointer into the arguments, such as `/amount`; a call fits when the value
    there is above `above`, or one of `one_of`, or, with neither, when it is there at all. Where `above` cannot be compared,
    because the value is missing or no number, the call fits: a refund without an amount may be a refund of everything.
    """

    tool: str | None = None
    kinds: tuple[ToolKind, ...] = ()
    argument: str | None = None
    above: float | None = None
    one_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ApprovalPolicy:
    """What needs a person's yes, how long it may be waited for, and what comes then.

    `on_expiry`: `deny` tells the model that nobody answered, `fail` ends the turn.
    """

    rules: tuple[ApprovalRule, ...] = ()
    deciders: Literal["admins", "owners"] = "admins"
    """Who may decide: admins only, or also the account whose conversation it is."""
    expires_after_seconds: float | None = None
    on_expiry: Literal["deny", "fail"] = "deny"


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentSettings:
    """What an agent's tools may do, how it remembers and for how long, and what it does with messages that overlap."""

    mcp_servers: tuple[McpServer, ...] = ()
    http: tuple[HttpRule, ...] = ()
    approvals: ApprovalPolicy = field(default_factory=ApprovalPolicy)
    memory: Literal["window", "summary"] = "window"
    """Whether what no longer fits into the window of history is forgotten, or kept as a running summary."""
    overlap: Overlap = "enqueue"
    """What becomes of a message that comes while another one is being answered, where the sender does not say."""
    retention: AgentRetention = field(default_factory=AgentRetention)
    """How long its conversations are kept, where that is not as in the whole organization."""


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
    settings: AgentSettings
    instances_count: int
    deployed_at: datetime | None
    """When the revision that answers began to."""
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None
    revision: int = 1
    """The one that answers, and that everything above is of."""
    latest_revision: int = 1
    """The newest; above `revision` there may be drafts."""
    version: int = 1
    """Raised by every change: of what answers, and of what is drafted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentFilter:
    """Which agents a list shows, newest first."""

    data_set: UUID | None = None
    model: str | None = None
    """As agents name it: `provider:model`."""
    search: str | None = None
    """A part of the name, the slug or the description, in any case."""
    before: tuple[datetime, int] | None = None
    """Only those behind this moment and number, as a page before ended."""
    limit: int


def slug_of(name: str) -> str:
    """The slug for a name: lower case, `a-z0-9` joined by hyphens, slashes kept; `agent` when nothing is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parts = (_NOT_IN_A_SLUG.sub("-", part).strip("-") for part in plain.lower().split("/"))
    return "/".join(part for part in parts if part) or "agent"
