"""`retention`: how long things are kept, in the organization and by single agents."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, show
from turnkeeper.core.agents import Agent, slug_of
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.retention import LEAST_IDEMPOTENCY_HOURS, MOST_DAYS, MOST_IDEMPOTENCY_HOURS, AgentRetention
from turnkeeper.core.revisions import AgentContent
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.actions.agents import NewAgent
    from turnkeeper.actions.revisions import Change
    from turnkeeper.commands.opening import Desk


OfAgent = Annotated[
    str | None, typer.Option("--agent", metavar="NAME", help="Decide for this agent's conversations only.")
]
Conversations = Annotated[
    int | None,
    typer.Option("--conversations-days", min=0, max=MOST_DAYS, help="Delete conversations untouched for so long."),
]
Texts = Annotated[
    int | None,
    typer.Option("--text-days", min=0, max=MOST_DAYS, help="Empty the pieces of text in their logs; replies stay."),
]
Files = Annotated[int | None, typer.Option("--files-days", min=0, max=MOST_DAYS, help="Delete files.")]
Deliveries = Annotated[
    int | None, typer.Option("--webhook-deliveries-days", min=0, max=MOST_DAYS, help="Delete deliveries of webhooks.")
]
Results = Annotated[
    int | None,
    typer.Option(
        "--idempotency-hours",
        min=0,
        max=MOST_IDEMPOTENCY_HOURS,
        help=f"Forget results of requests; {LEAST_IDEMPOTENCY_HOURS} to {MOST_IDEMPOTENCY_HOURS}.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Retention: how long things are kept.", no_args_is_help=True)
    group.command("show")(show_)
    group.command("set")(set_)
    app.add_typer(group, name="retention")


@with_settings("database")
def show_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """Show what is decided, for the organization and for the agents that have times of their own.

    Example:

        turnkeeper retention show
    """
    show(at_desk(settings, organization, _rows), as_json=as_json, nothing="Nothing is decided.")


@with_settings("database")
def set_(
    settings: Settings,
    agent: OfAgent = None,
    conversations_days: Conversations = None,
    text_days: Texts = None,
    files_days: Files = None,
    webhook_deliveries_days: Deliveries = None,
    idempotency_hours: Results = None,
    organization: OfOrganization = None,
    as_json: AsJson = False,
) -> None:
    """Decide how long things are kept; 0 takes a decision back. What is older is removed within minutes, for good.

    Examples:

        turnkeeper retention set --conversations-days 365 --text-days 30

        turnkeeper retention set --agent refunds --conversations-days 30
    """
    both = {"conversations_days": conversations_days, "text_days": text_days, "files_days": files_days}
    rest = {"webhook_deliveries_days": webhook_deliveries_days, "idempotency_hours": idempotency_hours}
    given = {name: value or None for name, value in (both | rest).items() if value is not None}
    if not given:
        raise InvalidError("retention", "Say what is to be decided, such as --conversations-days 365.")
    if agent is not None and rest.keys() & given.keys():
        raise InvalidError(
            "agent", "Deliveries of webhooks and results of requests are the organization's, not an agent's."
        )
    if 0 < (idempotency_hours or 0) < LEAST_IDEMPOTENCY_HOURS:
        raise InvalidError(
            "idempotency_hours", f"Results of requests are kept for {LEAST_IDEMPOTENCY_HOURS} hours at least."
        )

    async def work(desk: "Desk") -> list[Row]:
        if agent is None:
            actions = desk.actions.retention
            await actions.put(desk.caller, replace(await actions.get(desk.caller), **given))
        else:
            await desk.actions.revisions.change(desk.caller, slug_of(agent), _change(given))
        return await _rows(desk)

    show(at_desk(settings, organization, work), as_json=as_json, nothing="Nothing is decided.")
    hint("A running server removes what is older within minutes.")


def _change(given: Mapping[str, int | None]) -> "Change":
    from turnkeeper.actions.revisions import Change, as_it_was  # noqa: PLC0415 - slow import

    def make(content: AgentContent) -> "NewAgent":
        settings = content.settings
        return as_it_was(replace(content, settings=replace(settings, retention=replace(settings.retention, **given))))

    return Change(make=make, note="Other times for which conversations are kept.")


async def _rows(desk: "Desk") -> list[Row]:
    whole = await desk.actions.retention.get(desk.caller)
    row = {each.name: getattr(whole, each.name) for each in fields(whole)}
    agents = [agent for agent in await desk.actions.agents.list(desk.caller) if _has_times(agent)]
    return [{"of": desk.organization.name, **row}, *(_agent_row(agent, row) for agent in agents)]


def _has_times(agent: Agent) -> bool:
    return agent.settings.retention != AgentRetention()


def _agent_row(agent: Agent, whole: Mapping[str, object]) -> Row:
    own = agent.settings.retention
    return {"of": f"agent {agent.slug}", **{name: getattr(own, name, None) for name in whole}}
