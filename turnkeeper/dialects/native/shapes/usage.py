"""What was spent, and what may be, on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.usage import Grouping
from turnkeeper.dialects.native.shapes.common import AccountId
from turnkeeper.dialects.native.shapes.messages import UsageShape

Day = Annotated[str, Meta(description="A day of UTC.", examples=["2026-04-12"], extra_json_schema={"format": "date"})]
_Calls = Annotated[int, Meta(ge=1, le=1_000)]
_ToolCalls = Annotated[int, Meta(ge=0, le=10_000)]
_Tokens = Annotated[int, Meta(ge=1, le=10**12)]
_TokensADay = Annotated[int, Meta(ge=0, le=10**15)]
_Seconds = Annotated[float, Meta(ge=1, le=86_400)]
_Dollars = Annotated[float, Meta(ge=0, le=1_000_000_000)]


class UsageSumShape(UsageShape, kw_only=True, omit_defaults=True):
    """What was spent on something; it is named by what `group_by` has, and the total by nothing."""

    turns: Annotated[int, Meta(description="Turns that ended and took any tokens, failed ones too.")]
    day: Day | UnsetType = UNSET
    agent: Annotated[str | UnsetType, Meta(description="The slug; `#12` when the agent is gone.")] = UNSET
    agent_id: Annotated[str | UnsetType | None, Meta(description="`agt_…`; null when the agent is gone.")] = UNSET
    model: Annotated[str | UnsetType, Meta(examples=["openai:gpt-4.1-mini"])] = UNSET
    account: Annotated[
        str | UnsetType, Meta(description="The e-mail address or name; `#12` when the account is gone.")
    ] = UNSET
    account_id: Annotated[AccountId | UnsetType | None, Meta(description="null when the account is gone.")] = UNSET


class UsageReportShape(msgspec.Struct, kw_only=True):
    """What was spent from one day to another, both included."""

    first_day: Day = msgspec.field(name="from")
    last_day: Day = msgspec.field(name="to")
    group_by: list[Grouping]
    total: UsageSumShape
    items: Annotated[
        list[UsageSumShape], Meta(description="By day in order, else the costliest first; 10,000 at most.")
    ]
    is_cut: Annotated[bool, Meta(description="Whether there are more sums than these; `total` is of all.")]


class LimitsShape(msgspec.Struct, kw_only=True):
    """What the organization allows its agents; null is no limit. Of an agent's own limit and this the lower one counts."""

    model_calls: Annotated[_Calls | None, Meta(description="Calls of the model a turn.")] = None
    tool_calls: Annotated[_ToolCalls | None, Meta(description="Calls of tools a turn.")] = None
    tokens: Annotated[_Tokens | None, Meta(description="Tokens a turn, in and out.")] = None
    cost_usd: Annotated[_Dollars | None, Meta(description="US dollars a turn.")] = None
    seconds: Annotated[_Seconds | None, Meta(description="A turn's length.")] = None
    tokens_a_day: Annotated[_TokensADay | None, Meta(description="Tokens a day of UTC, all agents.")] = None
    cost_usd_a_day: Annotated[_Dollars | None, Meta(description="US dollars a day of UTC, all agents.")] = None


class LimitsBody(LimitsShape, kw_only=True, forbid_unknown_fields=True):
    """All limits: what is left out is no limit."""
