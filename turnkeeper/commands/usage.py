"""`usage` and `limits`: what models cost, and how much they may."""

import csv
import sys
from collections.abc import Mapping, Sequence
from dataclasses import fields
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, show
from turnkeeper.core.agents import Limits
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.limits import LIMIT_NAMES, Ceilings
from turnkeeper.core.spreadsheet import cell
from turnkeeper.core.usage import Grouping, UsageReport, UsageSum
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

Days = Annotated[int, typer.Option("--days", metavar="N", help="How many days, today included, in UTC.")]
By = Annotated[Grouping, typer.Option("--by", help="What is told apart.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
OfAgent = Annotated[
    str | None, typer.Option("--agent", metavar="SLUG", help="An agent's own limits; else the organization's.")
]
_OR_NONE = "or none."
ModelCalls = Annotated[
    str | None, typer.Option("--model-calls", metavar="N", help=f"Calls of the model a turn, {_OR_NONE}")
]
ToolCalls = Annotated[str | None, typer.Option("--tool-calls", metavar="N", help=f"Calls of tools a turn, {_OR_NONE}")]
Tokens = Annotated[str | None, typer.Option("--tokens", metavar="N", help=f"Tokens a turn, in and out, {_OR_NONE}")]
CostUsd = Annotated[str | None, typer.Option("--cost-usd", metavar="USD", help=f"US dollars a turn, {_OR_NONE}")]
Seconds = Annotated[str | None, typer.Option("--seconds", metavar="N", help=f"Seconds a turn, {_OR_NONE}")]
TokensADay = Annotated[str | None, typer.Option("--tokens-a-day", metavar="N", help=f"Tokens a day of UTC, {_OR_NONE}")]
CostUsdADay = Annotated[
    str | None, typer.Option("--cost-usd-a-day", metavar="USD", help=f"US dollars a day of UTC, {_OR_NONE}")
]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    app.command("usage")(usage)
    group = typer.Typer(help="Limits of what turns may spend: show and set them.", no_args_is_help=True)
    group.command("show")(show_)
    group.command("set")(set_)
    app.add_typer(group, name="limits")


@with_settings("database")
def usage(
    settings: Settings,
    days: Days = 30,
    by: By = "agent",
    organization: OfOrganization = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Show what models cost: tokens and US dollars of the turns that took any, by agent, model, account or day.

    Turns count on the day on which they ended, failed ones too. UNPRICED are calls of models whose price is not known: the
    real cost is higher then.

    Examples:

        turnkeeper usage --days 7 --by model

        turnkeeper usage --by day --csv > usage.csv
    """

    async def work(desk: "Desk") -> UsageReport:
        return await desk.actions.usage.report(desk.caller, days=days, by=by)

    report = at_desk(settings, organization, work)
    rows = [_row(by, each) for each in report.sums]
    if as_csv:
        _write_csv(rows or [_row(by, report.total, name="total")], with_rows=bool(rows))
        return
    if rows and not as_json:
        rows.append(_row(by, report.total, name="total"))
    span = f"from {report.first_day} to {report.last_day}"
    show(rows, as_json=as_json, nothing=f"No turn took any tokens {span}.")
    if rows and not as_json:
        hint(f"Turns that ended {span}, in UTC.")


@with_settings("database")
def show_(
    settings: Settings, agent: OfAgent = None, organization: OfOrganization = None, as_json: AsJson = False
) -> None:
    """Show the limits of the organization, or of one agent.

    Of an agent's limit and the organization's the lower one counts. A turn that would pass one ends with a message that says
    so.

    Examples:

        turnkeeper limits show

        turnkeeper limits show --agent shop-support
    """

    async def work(desk: "Desk") -> Limits | Ceilings:
        if agent is None:
            return await desk.actions.usage.ceilings(desk.caller)
        return await desk.actions.usage.limits_of_agent(desk.caller, slug=agent)

    _show(at_desk(settings, organization, work), as_json=as_json)


@with_settings("database")
def set_(
    settings: Settings,
    agent: OfAgent = None,
    model_calls: ModelCalls = None,
    tool_calls: ToolCalls = None,
    tokens: Tokens = None,
    cost_usd: CostUsd = None,
    seconds: Seconds = None,
    tokens_a_day: TokensADay = None,
    cost_usd_a_day: CostUsdADay = None,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """Set limits of the organization, or of one agent, for the turns that begin from now on.

    What is not named stays as it is; none takes a limit away, or brings an agent's back to its default.

    Examples:

        turnkeeper limits set --cost-usd-a-day 20 --cost-usd 0.50

        turnkeeper limits set --agent shop-support --tokens 50000 --tool-calls none
    """
    given = dict(
        zip(
            LIMIT_NAMES,
            (model_calls, tool_calls, tokens, cost_usd, seconds, tokens_a_day, cost_usd_a_day),
            strict=True,
        )
    )
    changes = {name: _value(name, text) for name, text in given.items() if text is not None}
    if not changes:
        raise InvalidError("limits", "No limit was named; `turnkeeper limits set --help` lists them.")

    async def work(desk: "Desk") -> Limits | Ceilings:
        if agent is None:
            return await desk.actions.usage.change_ceilings(desk.caller, changes)
        return await desk.actions.usage.change_limits_of_agent(desk.caller, slug=agent, changes=changes)

    _show(at_desk(settings, organization, work), as_json=as_json)


def _value(name: str, text: str) -> int | float | Decimal | None:
    if text.strip().lower() == "none":
        return None
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise InvalidError(name, f"The limit {name} cannot be {text!r}; give a number, or none.") from error
    if not number.is_finite():
        raise InvalidError(name, f"The limit {name} cannot be {text!r}; give a number, or none.")
    if name.startswith("cost_usd"):
        return number
    if name == "seconds":
        return float(number)
    return int(number) if number == number.to_integral_value() else number


def _show(limits: Limits | Ceilings, *, as_json: bool) -> None:
    values: Mapping[str, object] = {field.name: getattr(limits, field.name) for field in fields(limits)}
    rows: list[Row] = [
        {"limit": name, "value": _plain(value) if as_json else "none" if value is None else _plain(value)}
        for name, value in values.items()
    ]
    show(rows, as_json=as_json, nothing="There are no limits.")


def _row(by: Grouping, each: UsageSum, *, name: str | None = None) -> Row:
    usage = each.usage
    return {
        by: each.of.name(by) if name is None else name,
        "turns": each.turns,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "cache_read_tokens": usage.cache_read_tokens,
        "cache_write_tokens": usage.cache_write_tokens,
        "cost_usd": _plain(usage.cost_usd),
        "unpriced": usage.unpriced_calls,
    }


def _plain(value: object) -> object:
    """A number of US dollars without an exponent and without zeros at its end; anything else as it is."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_csv(rows: Sequence[Row], *, with_rows: bool) -> None:
    writer = csv.DictWriter(sys.stdout, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    if with_rows:
        writer.writerows({name: cell(value) for name, value in row.items()} for row in rows)
