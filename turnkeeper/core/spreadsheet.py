"""Tables as CSV (RFC 4180) that is safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def cell(value: object) -> object:
    """The value as a cell: a text that a spreadsheet would take for a formula gets an apostrophe before it.

    Source: OWASP, "CSV Injection".
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def csv_text(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table with its header; lines end with CR LF. None is an empty cell."""
    return csv_rows([names, *rows])


def csv_rows(rows: Iterable[Sequence[object]]) -> str:
    """Rows of a table."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()
