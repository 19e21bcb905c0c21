"""What was spent, in the dialect's words; as JSON and as CSV."""

from decimal import Decimal
from uuid import UUID

from msgspec import UNSET

from turnkeeper.core.ids import prefixed
from turnkeeper.core.limits import Ceilings
from turnkeeper.core.spreadsheet import csv_text
from turnkeeper.core.usage import Grouping, Usage, UsageReport, UsageSum
from turnkeeper.dialects.native.shapes.messages import UsageShape
from turnkeeper.dialects.native.shapes.usage import LimitsShape, UsageReportShape, UsageSumShape

_COUNTED = (
    "turns",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cost_usd",
    "unpriced_calls",
)


def usage_shape(usage: Usage) -> UsageShape:
    """What was spent."""
    return UsageShape(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cost_usd=_dollars(usage.cost_usd),
        unpriced_calls=usage.unpriced_calls,
    )


def report_shape(report: UsageReport) -> UsageReportShape:
    """A report."""
    return UsageReportShape(
        first_day=report.first_day.isoformat(),
        last_day=report.last_day.isoformat(),
        group_by=list(report.by),
        total=_sum(report.total, ()),
        items=[_sum(each, report.by) for each in report.sums],
        is_cut=report.is_cut,
    )


def report_csv(report: UsageReport) -> str:
    """A report as a table without its total. Dollars are exact, and empty where no price is known."""
    names = [name for by in report.by for name in ((by, f"{by}_id") if by in {"agent", "account"} else (by,))]
    return csv_text([*names, *_COUNTED], (_row(each, report.by) for each in report.sums))


def limits_shape(limits: Ceilings) -> LimitsShape:
    """What the organization allows."""
    return LimitsShape(
        model_calls=limits.model_calls,
        tool_calls=limits.tool_calls,
        tokens=limits.tokens,
        cost_usd=_dollars(limits.cost_usd),
        seconds=limits.seconds,
        tokens_a_day=limits.tokens_a_day,
        cost_usd_a_day=_dollars(limits.cost_usd_a_day),
    )


def _sum(each: UsageSum, by: tuple[Grouping, ...]) -> UsageSumShape:
    usage = each.usage
    return UsageSumShape(
        day=each.of.name("day") if "day" in by else UNSET,
        agent=each.of.name("agent") if "agent" in by else UNSET,
        agent_id=_id("agt", each.of.agent_id) if "agent" in by else UNSET,
        model=each.of.name("model") if "model" in by else UNSET,
        account=each.of.name("account") if "account" in by else UNSET,
        account_id=_id("acc", each.of.account_id) if "account" in by else UNSET,
        turns=each.turns,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        cost_usd=_dollars(usage.cost_usd),
        unpriced_calls=usage.unpriced_calls,
    )


def _row(each: UsageSum, by: tuple[Grouping, ...]) -> list[object]:
    row: list[object] = []
    for grouping in by:
        row.append(each.of.name(grouping))
        if grouping == "agent":
            row.append(_id("agt", each.of.agent_id))
        elif grouping == "account":
            row.append(_id("acc", each.of.account_id))
    usage = each.usage
    tokens = (usage.input_tokens, usage.output_tokens, usage.cache_read_tokens, usage.cache_write_tokens)
    return [*row, each.turns, *tokens, _exact(usage.cost_usd), usage.unpriced_calls]


def _id(prefix: str, public_id: UUID | None) -> str | None:
    return None if public_id is None else prefixed(prefix, public_id)


def _dollars(amount: Decimal | None) -> float | None:
    return None if amount is None else round(float(amount), 10)


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"
