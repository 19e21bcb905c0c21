"""All commands in one table of help."""

from collections.abc import Sequence
from importlib import metadata

import typer
from typer.models import CommandInfo

from turnkeeper.commands import (
    accounts,
    agents,
    approvals,
    audit,
    backups,
    chat,
    checking,
    data_sets,
    erasing,
    keys,
    retention,
    schedules,
    serving,
    tail,
    tools,
    usage,
    vault,
    webhooks,
)
from turnkeeper.commands.printing import say

_ALONE = "version"


def build() -> typer.Typer:
    """The command line as a whole; call it to run a command, which `narrowed` does sooner."""
    app = typer.Typer(
        name="turnkeeper",
        help="A self-hosted server for conversations with AI agents: every accepted turn is kept.",
        epilog="Each command explains itself: turnkeeper serve --help",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for group in (
        serving,
        chat,
        tail,
        checking,
        keys,
        accounts,
        data_sets,
        erasing,
        retention,
        agents,
        tools,
        approvals,
        schedules,
        webhooks,
        usage,
        audit,
        vault,
        backups,
    ):
        group.add_to(app)
    app.command(_ALONE)(version)
    return app


def narrowed(app: typer.Typer, words: Sequence[str]) -> typer.Typer:
    """The same with no other command than these words begin with, and all of them if they begin with none.

    What is not offered need not be understood first: with all, that takes longer than most commands do.
    """
    wanted = words[0] if words else ""
    commands = [each for each in app.registered_commands if name_of(each) == wanted]
    groups = [each for each in app.registered_groups if each.name == wanted]
    if groups:
        app.registered_commands, app.registered_groups = [], groups
    elif commands and wanted != _ALONE:
        # With a second one: of a single command, no name would be expected.
        app.registered_groups = []
        app.registered_commands = [*commands, *(each for each in app.registered_commands if name_of(each) == _ALONE)]
    return app


def name_of(command: CommandInfo) -> str:
    """What is typed for it."""
    return command.name or getattr(command.callback, "__name__", "").replace("_", "-")


def version() -> None:
    """Print the version."""
    say(f"turnkeeper {metadata.version('turnkeeper')}")
