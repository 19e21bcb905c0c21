"""Excel workbooks: every visible sheet is read like a CSV file."""

import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from io import BytesIO
from itertools import islice

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.workbook import Workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.worksheet.worksheet import Worksheet

from turnkeeper.retrieval.parsing.parsed import MAX_ROWS, Parsed, ParsedDocument, Unreadable, UnreadableError
from turnkeeper.retrieval.parsing.plain import clean, one_line, title_from_address
from turnkeeper.retrieval.parsing.table import Row, name_columns, product_columns, products, readable
from turnkeeper.retrieval.parsing.zip_guard import refuse_bombs

_MAX_XML_BYTES = 128 * 1024 * 1024  # sheets are read as a stream
_MAX_COLUMNS = 256
_MAX_SHEETS = 200
_ERROR_VALUE = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!)$")


def parse_spreadsheet(data: bytes, address: str) -> Iterator[Parsed]:
    """Sheets of products become products; all other sheets one document with a section a sheet.

    Raises:
        UnreadableError: damaged, or without a filled cell.
    """
    refuse_bombs(data, max_xml_bytes=_MAX_XML_BYTES)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library warns of print settings and styles that it does not know
        workbook = load_workbook(BytesIO(data), read_only=True, data_only=True)
    try:
        yield from _parse_sheets(workbook, address)
    finally:
        workbook.close()


def _parse_sheets(workbook: Workbook, address: str) -> Iterator[Parsed]:
    sections: list[str] = []
    found_products = False
    for sheet in workbook.worksheets[:_MAX_SHEETS]:
        name = one_line(clean(sheet.title))
        rows, complete = _rows(sheet)
        if not complete:
            why = f"Of the sheet {name!r} only the first {MAX_ROWS:,} rows and {_MAX_COLUMNS} columns were read."
            yield Unreadable(address=address, why=why)
        table = name_columns(rows)
        if fields := product_columns(table.columns):
            found_products = True
            for product in products(table, fields):
                yield (
                    Unreadable(address=address, why=f"Sheet {name!r}: {product}")
                    if isinstance(product, str)
                    else product
                )
        elif text := clean(readable(table)):
            sections.append(f"## {name}\n\n{text}")
    if len(workbook.worksheets) > _MAX_SHEETS:
        yield Unreadable(address=address, why=f"Only the first {_MAX_SHEETS} sheets were read.")
    if sections:
        yield ParsedDocument(address=address, title=title_from_address(address), text="\n\n".join(sections))
    elif not found_products:
        raise UnreadableError("The workbook holds no filled cells.")


def _rows(sheet: Worksheet) -> tuple[Sequence[Row], bool]:
    """A visible sheet's rows, and false when some were left out.

    Empty rows are among them, so that row numbers stay those that people see.
    """
    rows: list[Row] = []
    if sheet.sheet_state != "visible":
        return rows, True
    if isinstance(sheet, ReadOnlyWorksheet):
        sheet.reset_dimensions()  # some programs state too small a size, and cells outside would not be read
    for number, cells in enumerate(islice(sheet.iter_rows(), MAX_ROWS * 4)):
        row = [_text(cell.value, cell) for cell in cells[:_MAX_COLUMNS]]
        if number >= MAX_ROWS:
            if any(row):
                return rows, False
        else:
            rows.append(row)
    return rows, True


def _text(value: object, cell: Cell | MergedCell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, date | time):
        return value.isoformat()
    text = one_line(clean(str(value)))
    return "" if _ERROR_VALUE.match(text) else text


def _number(value: float, number_format: str) -> str:
    if number_format.rstrip().endswith("%"):
        return f"{value * 100:.10g} %"
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.12g}"
