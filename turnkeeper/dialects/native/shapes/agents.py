"""Agents and their revisions on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.agents import AgentSettings
from turnkeeper.dialects.native.shapes.common import AccountId, Moment

AgentId = Annotated[str, Meta(examples=["agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E"])]
DataSetId = Annotated[str, Meta(examples=["ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0H"])]
_ANYTHING: dict[str, object] = {"type": ["object", "array", "string", "number", "boolean", "null"]}
_SETTINGS = (
    "MCP servers, rules for HTTP, approvals, memory and the like: see docs/tools.md, docs/approvals.md, docs/memory.md. "
    "Values of headers and environments are shown as `(hidden)` to those who may not change the agent."
)


class AgentLimitsShape(msgspec.Struct, kw_only=True):
    """What one turn, and one day, may spend; null is no limit. See docs/limits.md."""

    model_calls: int
    tool_calls: int
    tokens: int | None
    cost_usd: float | None
    output_tokens: int
    history_tokens: int
    seconds: float
    tokens_a_day: int | None
    cost_usd_a_day: float | None


class AgentLimitsBody(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """Limits to set; what is left out has its default, or stays as it is when an agent is changed."""

    model_calls: int | UnsetType | None = UNSET
    tool_calls: int | UnsetType | None = UNSET
    tokens: int | UnsetType | None = UNSET
    cost_usd: float | UnsetType | None = UNSET
    output_tokens: int | UnsetType | None = UNSET
    history_tokens: int | UnsetType | None = UNSET
    seconds: float | UnsetType | None = UNSET
    tokens_a_day: int | UnsetType | None = UNSET
    cost_usd_a_day: float | UnsetType | None = UNSET


class AgentContentShape(msgspec.Struct, kw_only=True):
    """What an agent is made of."""

    name: str
    description: str | None
    data_set: Annotated[DataSetId | None, Meta(description="What it may search. null also when that is gone.")]
    instructions: str | None
    model: Annotated[str | None, Meta(description="`provider:model`; null takes the server's default.")]
    tools: list[str]
    limits: AgentLimitsShape
    settings: Annotated[AgentSettings, Meta(description=_SETTINGS)]
    instances_count: int


class AgentDetailsShape(AgentContentShape, kw_only=True):
    """An agent as it answers now."""

    id: AgentId
    slug: Annotated[str, Meta(description="Made from the first name; it never changes.", examples=["refunds"])]
    revision: Annotated[int, Meta(description="The revision that answers, and that is shown here.")]
    latest_revision: Annotated[int, Meta(description="The newest; when it is another one, there are drafts.")]
    deployed_at: Annotated[Moment | None, Meta(description="When this revision began to answer.")]
    created_at: Moment
    updated_at: Moment


class AgentsShape(msgspec.Struct, kw_only=True):
    """A part of the agents, newest first."""

    items: list[AgentDetailsShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class CreateAgentBody(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A new agent."""

    name: Annotated[str, Meta(max_length=255, description="The slug is made from it.")]
    description: str | None = None
    data_set: Annotated[str | None, Meta(description="`ds_…`, or its name.")] = None
    instructions: str | None = None
    model: Annotated[str | None, Meta(examples=["openai:gpt-4.1-mini"])] = None
    tools: Annotated[
        list[str] | None, Meta(description="By name; left out, it can search its data set, if it has one.")
    ] = None
    limits: AgentLimitsBody | None = None
    settings: Annotated[AgentSettings | None, Meta(description=_SETTINGS)] = None
    instances_count: int | None = None


class ChangeAgentBody(msgspec.Struct, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A JSON Merge Patch (RFC 7396): objects are merged, null brings back the default, lists are replaced as a whole."""

    name: Annotated[str, Meta(max_length=255)] | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    data_set: Annotated[str | None, Meta(description="`ds_…`, or its name.")] | UnsetType = UNSET
    instructions: str | UnsetType | None = UNSET
    model: str | UnsetType | None = UNSET
    tools: list[str] | UnsetType | None = UNSET
    limits: AgentLimitsBody | UnsetType | None = UNSET
    settings: Annotated[AgentSettings | None, Meta(description=_SETTINGS)] | UnsetType = UNSET
    instances_count: int | UnsetType | None = UNSET
    note: Annotated[
        Annotated[str, Meta(max_length=2000)] | UnsetType | None, Meta(description="Why; kept with the revision.")
    ] = UNSET


class RevisionShape(msgspec.Struct, kw_only=True):
    """One revision. It never changes, but for `deployed_at`."""

    number: Annotated[int, Meta(description="From 1, without gaps.")]
    content: AgentContentShape
    note: str | None
    based_on: Annotated[int | None, Meta(description="What was changed, or is brought back; null of the first one.")]
    author: Annotated[AccountId | None, Meta(description="Who made it; null when that is not known, or gone.")]
    is_deployed: Annotated[bool, Meta(description="Whether it is the one that answers.")]
    created_at: Moment
    deployed_at: Annotated[Moment | None, Meta(description="When it last began to answer; null: it never did.")]


class RevisionsShape(msgspec.Struct, kw_only=True):
    """A part of the revisions, newest first."""

    items: list[RevisionShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class DifferenceShape(msgspec.Struct, kw_only=True):
    """One place at which two revisions differ."""

    pointer: Annotated[str, Meta(description="JSON Pointer into `content`.", examples=["/limits/model_calls"])]
    old: Annotated[msgspec.Raw, Meta(description="null also where there was nothing.", extra_json_schema=_ANYTHING)]
    new: Annotated[msgspec.Raw, Meta(description="null also where nothing is left.", extra_json_schema=_ANYTHING)]
    text: Annotated[str | None, Meta(description="Of texts of several lines: a unified diff.")]


class ComparisonShape(msgspec.Struct, kw_only=True):
    """What a revision has that another has not, and the other way round."""

    number: int
    against: Annotated[int, Meta(description="0: it is the first one, and compared with nothing.")]
    differences: list[DifferenceShape]


class RollBackBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which revision to bring back."""

    revision: Annotated[int, Meta(ge=1)]
    note: Annotated[Annotated[str, Meta(max_length=2000)] | None, Meta(description="Why.")] = None


class DeployBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Which revision is to answer."""

    revision: Annotated[Annotated[int, Meta(ge=1)] | None, Meta(description="Left out: the newest.")] = None
