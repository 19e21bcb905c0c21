"""The table of commands has all of them."""

from importlib import import_module
from pathlib import Path

import typer

from turnkeeper import commands
from turnkeeper.commands.table import build


def test_every_command_that_is_written_is_in_the_table() -> None:
    files = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if "def add_to(" in path.read_text())
    wanted: set[str | None] = set()
    for name in files:
        alone = typer.Typer()
        import_module(f"turnkeeper.commands.{name}").add_to(alone)
        wanted |= names_of(alone)
    assert wanted
    assert wanted - names_of(build()) == set()


def names_of(app: typer.Typer) -> set[str | None]:
    return {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
