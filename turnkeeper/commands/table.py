"""All commands in one table of help."""

from importlib import metadata

import typer

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


def build() -> typer.Typer:
    """The command line as a whole; call it to run a command."""
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
    app.command("version")(version)
    return app


def version() -> None:
    """Print the version."""
    say(f"turnkeeper {metadata.version('turnkeeper')}")
