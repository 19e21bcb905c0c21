"""Rows with named columns, from CSV or Excel: products when the names say so, else readable text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from turnkeeper.retrieval.parsing.parsed import ParsedProduct
from turnkeeper.retrieval.parsing.plain import clean, one_line

Row = Sequence[str]

_FIELDS = {
    "entry_id": ("entry_id", "entryid", "product_id", "productid"),
    "sku": ("sku", "article_number", "item_number", "product_code"),
    "name": ("name", "product_name", "product", "title"),
    "slug": ("slug", "handle"),
    "description": ("description", "product_description", "long_description"),
    "price": ("price", "unit_price", "net_price", "price_eur", "price_usd"),
    "categories": ("categories", "category", "product_category"),
    "properties": ("properties", "attributes"),
}
_NUMBER = re.compile(r"[-+]?[\d.,' %€$£]+$")
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_PRICE = re.compile(r"-?\d[\d.,'\u2019\u00a0 ]*")
_CURRENCY = re.compile(r"[€$£¥]|\b(?:eur|euros?|usd|gbp|chf|pln)\b", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class NamedTable:
    """A table whose columns have names. `first_row` is the source's number of the first row of `rows`, from 1."""

    caption: str
    columns: Sequence[str]
    rows: Sequence[Row]
    first_row: int


def name_columns(rows: Sequence[Row]) -> NamedTable:
    """Find the row of column names: the first with two cells or more, when none of them is a number.

    Rows above it become the caption; without such a row the columns are called "Column 1" and so on.
    """
    width = max((len(row) for row in rows), default=0)
    head = next((index for index, row in enumerate(rows[:10]) if sum(map(bool, row)) >= min(2, width)), 0)
    if rows and _are_names(names := rows[head]):
        filled = [
            names[index] if index < len(names) and names[index] else f"Column {index + 1}" for index in range(width)
        ]
        caption = "\n".join(" ".join(filter(None, row)) for row in rows[:head])
        return NamedTable(caption=caption, columns=filled, rows=rows[head + 1 :], first_row=head + 2)
    columns = [f"Column {index + 1}" for index in range(width)]
    return NamedTable(caption="", columns=columns, rows=rows, first_row=1)


def _are_names(cells: Row) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and len(set(filled)) == len(filled) and not any(_NUMBER.match(cell) for cell in filled)


def readable(table: NamedTable) -> str:
    """One paragraph a row, one line a cell, "column: value": a row keeps its names wherever the text is split."""
    paragraphs = [table.caption] if table.caption else []
    for row in table.rows:
        lines = [f"{name}: {value}" for name, value in zip(table.columns, row, strict=False) if value]
        if lines:
            paragraphs.append("\n".join(lines))
    return "\n\n".join(paragraphs)


def product_columns(columns: Sequence[str]) -> Mapping[str, int]:
    """Which column is which field of a product; empty when this is no table of products."""
    keys = [_NOT_A_WORD.sub("_", name.lower()).strip("_") for name in columns]
    found = {
        field: keys.index(alias) for field, aliases in _FIELDS.items() for alias in reversed(aliases) if alias in keys
    }
    if not ({"name", "price"} <= found.keys() or (found.keys() & {"sku", "entry_id"} and len(found) > 1)):
        return {}
    if "entry_id" not in found and "id" in keys:
        found["entry_id"] = keys.index("id")
    return found


def products(table: NamedTable, fields: Mapping[str, int]) -> Iterator[ParsedProduct | str]:
    """Every filled row as a product, or as a sentence about why it is none."""
    seen: set[str] = set()
    for number, row in enumerate(table.rows, table.first_row):
        if not any(row):
            continue
        product = _product(table.columns, row, fields)
        if not product.entry_id:
            yield f"Row {number} has neither an id, a SKU nor a name."
        elif product.entry_id in seen:
            yield f"Row {number} repeats the product {product.entry_id!r} of an earlier row; the earlier one is kept."
        else:
            seen.add(product.entry_id)
            yield product


def _product(columns: Sequence[str], row: Row, fields: Mapping[str, int]) -> ParsedProduct:
    value = {field: row[index] if index < len(row) else "" for field, index in fields.items()}
    price = parse_price(value.get("price", ""))
    known = {index for field, index in fields.items() if field != "price" or price is not None}
    more = [
        f"{name}: {cell}"
        for index, (name, cell) in enumerate(zip(columns, row, strict=False))
        if cell and index not in known
    ]
    name = one_line(value.get("name", "") or value.get("sku", "") or value.get("entry_id", ""))
    slug = value.get("slug", "") or slug_of(name)
    return ParsedProduct(
        entry_id=one_line(value.get("entry_id", "") or value.get("sku", "") or slug),
        name=name,
        slug=one_line(slug),
        sku=one_line(value.get("sku", "")),
        description=value.get("description", ""),
        properties=clean("\n".join(filter(None, [value.get("properties", ""), *more]))),
        categories=value.get("categories", ""),
        price=price,
    )


def slug_of(name: str) -> str:
    """A name as a part of a web address."""
    return _NOT_A_WORD.sub("-", name.lower()).strip("-")


def parse_price(text: str) -> float | None:
    """A price as people write it ("€ 1.290,00", "1,290.00 EUR", "39,90"), or None when it is none."""
    number = _CURRENCY.sub("", text).strip().rstrip("-–—").rstrip(".,")
    if not _PRICE.fullmatch(number):
        return None
    digits = re.sub(r"['\u2019\u00a0 ]", "", number)
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "," if point > comma else "."
        digits = digits.replace(thousands, "")
    elif digits.count(".") > 1:
        digits = digits.replace(".", "")
    elif digits.count(",") > 1 or re.search(r",\d{3}$", digits):
        digits = digits.replace(",", "")
    try:
        return float(digits.replace(",", "."))
    except ValueError:
        return None
