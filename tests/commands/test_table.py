"""The table of commands has all of them."""

from importlib import import_module
from pathlib import Path

import typer

from turnkeeper import commands
from turnkeeper.commands.table import build, name_of, narrowed


def test_every_command_that_is_written_is_in_the_table() -> None:
    files = sorted(path.stem for path in Path(commands.__path__[0]).glob("*.py") if "def add_to(" in path.read_text())
    wanted: set[str | None] = set()
    for name in files:
        alone = typer.Typer()
        import_module(f"turnkeeper.commands.{name}").add_to(alone)
        wanted |= names_of(alone)
    assert wanted
    assert wanted - names_of(build()) == set()


def test_a_command_is_the_same_in_the_table_that_offers_no_other() -> None:
    for name in names_of(build()):
        assert name is not None
        alone = names_of(narrowed(build(), [name, "more"]))
        assert name in alone
        assert name == "version" or alone <= {name, "version"}
    assert names_of(narrowed(build(), ["nothing"])) == names_of(narrowed(build(), [])) == names_of(build())


def names_of(app: typer.Typer) -> set[str | None]:
    return {name_of(command) for command in app.registered_commands} | {group.name for group in app.registered_groups}
