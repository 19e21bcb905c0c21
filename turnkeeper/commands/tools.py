"""`tools`: what agents can do, and trying it out."""

from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.agents import slug_of
from turnkeeper.settings import Settings

if TYPE_CHECKING:
    from turnkeeper.commands.opening import Desk

OfAgent = Annotated[
    str | None,
    typer.Option("--agent", metavar="NAME", help="Only what this agent has now; its MCP servers are asked."),
]
AgentName = Annotated[str, typer.Argument(metavar="AGENT", help="The agent's name or slug.")]
ToolName = Annotated[str, typer.Argument(metavar="TOOL", help="The tool, as `tools list --agent` names it.")]
Arguments = Annotated[str, typer.Argument(metavar="JSON", help="The arguments, as a model would write them.")]

_SHOWN = 100


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(help="Tools: list what agents can use, and try one.", no_args_is_help=True)
    group.command("list")(list_)
    group.command("test")(try_)
    app.add_typer(group, name="tools")


@with_settings("database")
def list_(
    settings: Settings, agent: OfAgent = None, organization: OfOrganization = None, as_json: AsJson = False
) -> None:
    """List the tools that agents can choose by name, or all that one agent has.

    Examples:

        turnkeeper tools list

        turnkeeper tools list --agent refunds
    """

    async def work(desk: "Desk") -> tuple[list[Row], tuple[str, ...]]:
        if agent is None:
            tools, missing = desk.actions.tools.list(), ()
        else:
            found = await desk.actions.tools.of_agent(desk.caller, slug_of(agent))
            tools, missing = found.tools, found.missing
        rows: list[Row] = [
            {"name": tool.name, "kind": tool.kind, "description": _short(tool.description, as_json=as_json)}
            for tool in tools
        ]
        return rows, missing

    rows, missing = at_desk(settings, organization, work)
    show(rows, as_json=as_json, nothing="There are no tools.")
    for why in missing:
        hint(why)


@with_settings("database")
def try_(
    settings: Settings,
    agent: AgentName,
    tool: ToolName,
    arguments: Arguments = "{}",
    organization: OfOrganization = None,
) -> None:
    """Call a tool of an agent once, as a turn would, and print its answer. It really happens; no approval is asked for.

    Example:

        turnkeeper tools test refunds payments__list_charges '{"customer": "cus_123"}'
    """

    async def work(desk: "Desk") -> str:
        return await desk.actions.tools.call(desk.caller, slug_of(agent), tool, arguments)

    say(at_desk(settings, organization, work))


def _short(text: str, *, as_json: bool) -> str:
    line = " ".join(text.split())
    return line if as_json or len(line) <= _SHOWN else f"{line[:_SHOWN].rstrip()} …"
