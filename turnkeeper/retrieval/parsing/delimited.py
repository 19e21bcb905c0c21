"""CSV and its relatives: the delimiter is found by trying which one cuts the rows most evenly."""

import csv
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from turnkeeper.retrieval.parsing.parsed import MAX_ROWS, Parsed, ParsedDocument, Unreadable, UnreadableError
from turnkeeper.retrieval.parsing.plain import clean, decode, one_line, title_from_address
from turnkeeper.retrieval.parsing.table import Row, name_columns, product_columns, products, readable

_DELIMITERS = ",;\t|"
_SAMPLED = 50


def parse_delimited(data: bytes, address: str) -> Iterator[Parsed]:
    """Products when the columns are a product table's, else one document with a paragraph a row.

    Raises:
        UnreadableError: no rows, or a cell of more than 131,072 characters (an unclosed quote, mostly).
    """
    text = clean(decode(data))
    try:
        rows = _rows(text)
    except csv.Error as error:
        raise UnreadableError(
            "Its rows could not be told apart; look for a quotation mark that is not closed."
        ) from error
    if not rows:
        raise UnreadableError("The table holds no rows.")
    table = name_columns(rows[:MAX_ROWS])
    if fields := product_columns(table.columns):
        for product in products(table, fields):
            yield Unreadable(address=address, why=product) if isinstance(product, str) else product
    else:
        yield ParsedDocument(address=address, title=title_from_address(address), text=clean(readable(table)))
    if len(rows) > MAX_ROWS:
        yield Unreadable(address=address, why=f"Only the first {MAX_ROWS:,} rows were read.")


def _rows(text: str) -> list[Row]:
    lines = text.split("\n")
    if lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # what Excel writes for itself
        return _read(lines[1:], lines[0][4])
    return _read(lines, max(_DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter)))


def _read(lines: list[str], delimiter: str) -> list[Row]:
    reader = csv.reader((line + "\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    return list(islice(([one_line(cell) for cell in row] for row in reader), MAX_ROWS + 1))


def _evenness(lines: list[str], delimiter: str) -> float:
    """How many of the first rows have the most frequent width, more for wider rows; 0 for a single column."""
    try:
        widths = Counter(len(row) for row in _read(lines[:_SAMPLED], delimiter) if row)
    except csv.Error:
        return 0
    width, rows = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
    return rows + width / 1000 if width > 1 else 0
