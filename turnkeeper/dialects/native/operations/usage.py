"""The operations on spending and its limits."""

from collections.abc import Mapping

from turnkeeper.core.usage import GROUPINGS
from turnkeeper.dialects.native.operations.conversations import CONVERSATION, NO_CONVERSATION
from turnkeeper.dialects.native.operations.parameters import KEY, REPLAYED
from turnkeeper.dialects.native.operations.problems import wrong
from turnkeeper.dialects.native.queries.usage import DEFAULT_DAYS
from turnkeeper.dialects.native.shapes.messages import UsageShape
from turnkeeper.dialects.native.shapes.usage import LimitsBody, LimitsShape, UsageReportShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_USAGE_EXAMPLE: Mapping[str, object] = {
    "input_tokens": 120400,
    "output_tokens": 8200,
    "cache_read_tokens": 64000,
    "cache_write_tokens": 0,
    "cost_usd": 0.0612,
    "unpriced_calls": 0,
}
_LIMITS_EXAMPLE: Mapping[str, object] = {
    "model_calls": None,
    "tool_calls": None,
    "tokens": 50000,
    "cost_usd": 0.5,
    "seconds": None,
    "tokens_a_day": None,
    "cost_usd_a_day": 20.0,
}
_DAY: Mapping[str, object] = {"type": "string", "format": "date"}
_CSV_EXAMPLE = (
    "day,turns,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,cost_usd,unpriced_calls\r\n"
    "2026-04-12,31,120400,8200,64000,0,0.0612,0\r\n"
)

REPORT = Operation(
    method="get",
    path="/usage",
    name="getUsage",
    tag="Usage",
    scope="read",
    summary="What was spent",
    description="Tokens, US dollars and turns, by the day of UTC on which turns ended. Admins see the organization, "
    "members their own. As CSV with `format=csv`, or `Accept: text/csv`; no cell of it is a formula.",
    parameters=(
        Parameter(
            name="group_by",
            where="query",
            description=f"What is told apart, separated by commas: {', '.join(f'`{each}`' for each in GROUPINGS)}. By day "
            "when left out.",
            schema={"type": "string", "default": "day"},
        ),
        Parameter(
            name="from",
            where="query",
            description=f"The first day, of UTC; when left out, {DEFAULT_DAYS} days are summed up.",
            schema=_DAY,
        ),
        Parameter(name="to", where="query", description="The last day; today when left out.", schema=_DAY),
        Parameter(name="agent", where="query", description="Only this agent: `agt_…`."),
        Parameter(name="account", where="query", description="Only this account: `acc_…`."),
        Parameter(name="model", where="query", description="Only this model, as `openai:gpt-4.1-mini`."),
        Parameter(
            name="format",
            where="query",
            description="`json` or `csv`; it wins over `Accept`.",
            schema={"type": "string", "enum": ["json", "csv"]},
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="The sums.",
            shape=UsageReportShape,
            example={
                "from": "2026-04-01",
                "to": "2026-04-30",
                "group_by": ["day"],
                "total": {**_USAGE_EXAMPLE, "turns": 31},
                "items": [{**_USAGE_EXAMPLE, "turns": 31, "day": "2026-04-12"}],
                "is_cut": False,
            },
            text_media={"text/csv": _CSV_EXAMPLE},
        ),
        wrong("The parameter 'from' must be a day such as 2026-04-12.", "invalid", parameter="from"),
    ),
)

OF_CONVERSATION = Operation(
    method="get",
    path="/conversations/{conversation_id}/usage",
    name="getConversationUsage",
    tag="Usage",
    scope="read",
    summary="What a conversation spent",
    description="All its turns that ended, whatever came of them.",
    parameters=(CONVERSATION,),
    replies=(Reply(status=200, description="The sum.", shape=UsageShape, example=_USAGE_EXAMPLE), NO_CONVERSATION),
)

LIMITS = Operation(
    method="get",
    path="/limits",
    name="getLimits",
    tag="Usage",
    scope="read",
    summary="What the organization allows",
    description="Limits over each agent's own, and over a day of all agents.",
    replies=(Reply(status=200, description="The limits.", shape=LimitsShape, example=_LIMITS_EXAMPLE),),
)

SET_LIMITS = Operation(
    method="put",
    path="/limits",
    name="setLimits",
    tag="Usage",
    scope="admin",
    summary="Set what the organization allows",
    description="All of it: what is left out is no limit. It counts for the turns that begin from now on.",
    parameters=(KEY,),
    request=LimitsBody,
    request_example=_LIMITS_EXAMPLE,
    replies=(
        Reply(status=200, description="The limits.", shape=LimitsShape, example=_LIMITS_EXAMPLE, headers=REPLAYED),
        wrong(
            "The limit tokens must be a whole number from 1 to 1,000,000,000,000, or none.",
            "invalid",
            pointer="/tokens",
        ),
    ),
)
