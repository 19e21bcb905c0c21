"""`agents`: who answers."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from turnkeeper.commands import agent_revisions
from turnkeeper.commands.desk import OfOrganization, at_desk
from turnkeeper.commands.options import with_settings
from turnkeeper.commands.printing import AsJson, Row, hint, say, show
from turnkeeper.core.agents import Agent
from turnkeeper.core.errors import InvalidError
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


DefinitionFile = Annotated[Path, typer.Argument(metavar="FILE", help="A definition in TOML; - reads standard input.")]
Wanted = Annotated[str, typer.Argument(metavar="NAME", help="The agent's name or slug.")]
_LONGEST_FILE = 1024 * 1024


def add_to(app: typer.Typer) -> None:
    """Offer the commands."""
    group = typer.Typer(
        help="Agents: list, make, describe and change them, and take changes back.", no_args_is_help=True
    )
    group.command("list")(list_)
    group.command("create")(create)
    group.command("apply")(apply)
    group.command("show")(show_)
    agent_revisions.add_revisions_to(group)
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


@with_settings("database")
def apply(settings: Settings, file: DefinitionFile, organization: OfOrganization = None) -> None:
    """Make an agent as a file describes it, or change the one with the same slug; repeatable.

    Tools, MCP servers, rules for HTTP, limits and approvals are described in docs/tools.md. A definition may be as short as

    \b
        name = "Shop Support"
        data_set = "shop"
        tools = ["search_documents", "search_products"]

    Examples:

        turnkeeper agents apply refunds.toml

    \b
        turnkeeper agents show refunds | turnkeeper agents apply - --organization Second
    """
    text, folder = _read(file)

    async def work(desk: "Desk") -> tuple[Agent, bool]:
        return await desk.apply_agent(text, folder)

    agent, is_new = at_desk(settings, organization, work)
    say(agent.slug)
    hint(f"The agent {agent.name!r} was {'made' if is_new else 'changed'} (number {agent.id}); above is its slug.")


@with_settings("database")
def show_(settings: Settings, name: Wanted, organization: OfOrganization = None) -> None:
    """Print an agent as a file for `agents apply`. Secrets stand in it as references, as they were written.

    Example:

        turnkeeper agents show refunds > refunds.toml
    """

    async def work(desk: "Desk") -> str:
        return await desk.described_agent(name)

    say(at_desk(settings, organization, work).rstrip())


def _read(file: Path) -> tuple[str, Path]:
    """The text of the file, and the folder that it is in."""
    try:
        if str(file) == "-":
            return sys.stdin.read(_LONGEST_FILE), Path.cwd()
        with file.open(encoding="utf-8") as opened:
            return opened.read(_LONGEST_FILE), file.resolve().parent
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InvalidError("file", f"The file {str(file)!r} cannot be read: {why}.") from error


def _row(agent: Agent) -> Row:
    return {
        "id": agent.id,
        "slug": agent.slug,
        "name": agent.name,
        "data_set_id": agent.data_set_id,
        "model": agent.model,
        "created_at": agent.created_at,
    }
