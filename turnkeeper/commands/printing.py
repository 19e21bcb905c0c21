"""Results on standard output: tables for people, JSON for machines; hints on standard error."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

Row = Mapping[str, object]
"""One line of a table: what the columns are called, and the values."""


def show(rows: Sequence[Row], *, as_json: bool, nothing: str) -> None:
    """Print the rows; `nothing` is the sentence for people when there are none."""
    if as_json:
        sys.stdout.write(json.dumps([dict(row) for row in rows], default=_plain, ensure_ascii=False, indent=2) + "\n")
    elif rows:
        _show_table(rows)
    else:
        hint(nothing)


def say(sentence: str) -> None:
    """One line of result."""
    sys.stdout.write(f"{sentence}\n")


def hint(sentence: str) -> None:
    """One line beside the result."""
    sys.stderr.write(f"{sentence}\n")


def _show_table(rows: Sequence[Row]) -> None:
    from rich.console import Console  # noqa: PLC0415 - slow import
    from rich.table import Table  # noqa: PLC0415 - slow import
    from rich.text import Text  # noqa: PLC0415 - slow import

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    for column in rows[0]:
        table.add_column(column.replace("_", " ").upper(), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_readable(value)) for value in row.values()))
    # Into a pipe nothing may be broken into lines; a terminal has a width of its own.
    Console(width=None if sys.stdout.isatty() else 100_000, highlight=False).print(table, soft_wrap=False)


def _readable(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)
