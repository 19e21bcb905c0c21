"""All commands in one table of help."""

import typer

from turnkeeper.commands import serving


def build() -> typer.Typer:
    """The command line as a whole; call it to run a command."""
    app = typer.Typer(
        name="turnkeeper",
        help="A self-hosted server for conversations with AI agents: every accepted turn is kept.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    serving.add_to(app)
    return app
