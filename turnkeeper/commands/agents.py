"""`agents`: who answers."""

from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.agents import Agent
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

Name = Annotated[str, typer.Argument(metavar="NAME", help="Its slug is made from it.")]
OfDataSet = Annotated[
    str | None, typer.Option("--data-set", metavar="NAME|ID", help="What it may search; without one it knows nothing.")
]
Description = Annotated[str | None, typer.Option("--description", help="One line for those who choose an agent.")]
Instructions = Annotated[str | None, typer.Option("--instructions", help="What the model is told before each turn.")]
OfModel = Annotated[
    str | None,
    typer.Option("--model", help="extractive, or PROVIDER:NAME such as openai:gpt-4.1-mini; else the server's own."),
]


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Agents: list and make them.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("create")(create)
    app.add_typer(group, name="agents")


@with_settings("database")
def list_(settings: Settings, organization: OfOrganization = None, as_json: AsJson = False) -> None:
    """List the agents, newest first.

    Example:

        turnkeeper agents list --json
    """

    async def work(desk: "Desk") -> list[Row]:
        return [_row(agent) for agent in await desk.actions.agents.list(desk.caller)]

    show(at_desk(settings, organization, work), as_json=as_json, nothing="There are no agents.")


@with_settings("database")
def create(
    settings: Settings,
    name: Name,
    data_set: OfDataSet = None,
    description: Description = None,
    instructions: Instructions = None,
    model: OfModel = None,
    organization: OfOrganization = None,
) -> None:
    """Make an agent; it can be talked to at once.

    Examples:

        turnkeeper agents create "Shop Support" --data-set shop --instructions "Answer in two sentences."
    """

    async def work(desk: "Desk") -> Agent:
        return await desk.create_agent(
            name=name,
            data_set_id=None if data_set is None else (await desk.data_set(data_set)).id,
            description=description,
            instructions=instructions,
            model=model,
        )

    agent = at_desk(settings, organization, work)
    say(agent.slug)
    hint(f"The agent {agent.name!r} is there (number {agent.id}); the line above is its slug.")


def _row(agent: Agent) -> Row:
    return {
        "id": agent.id,
        "slug": agent.slug,
        "name": agent.name,
        "data_set_id": agent.data_set_id,
        "model": agent.model,
        "created_at": agent.created_at,
    }
