"""Products as JSON Lines: one object a line."""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from math import isfinite
from typing import TypeGuard

from turnkeeper.core.sentences import counted
from turnkeeper.retrieval.parsing.parsed import MAX_ROWS, Parsed, ParsedProduct, Unreadable, UnreadableError
from turnkeeper.retrieval.parsing.plain import clean, decode, one_line
from turnkeeper.retrieval.parsing.table import parse_price, slug_of

_FIELDS = ("entry_id", "name", "slug", "sku", "description", "properties", "categories", "price")
_MAX_REPORTED = 100


def parse_json_lines(data: bytes, address: str) -> Iterator[Parsed]:
    """Every line's product; a bad line is reported by its number and the others are still read."""
    seen: set[str] = set()
    bad = 0
    for number, line in enumerate(clean(decode(data)).split("\n"), 1):
        if number > MAX_ROWS:
            yield Unreadable(address=address, why=f"Only the first {MAX_ROWS:,} lines were read.")
            break
        if not line.strip():
            continue
        product = _read(line, seen)
        if isinstance(product, ParsedProduct):
            seen.add(product.entry_id)
            yield product
        else:
            bad += 1
            if bad <= _MAX_REPORTED:
                yield Unreadable(address=address, why=f"Line {number} {product}")
    if bad > _MAX_REPORTED:
        yield Unreadable(address=address, why=f"{counted(bad - _MAX_REPORTED, 'more line')} could not be read.")


def _read(line: str, seen: AbstractSet[str]) -> ParsedProduct | str:
    """The line's product, or the end of the sentence about why there is none."""
    try:
        product = _product(line)
    except UnreadableError as error:
        return error.message
    if product.entry_id in seen:
        return f"repeats the product {product.entry_id!r} of an earlier line; the earlier one is kept."
    return product


def _product(line: str) -> ParsedProduct:
    try:
        value: object = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("is not valid JSON.") from error
    if not _is_object(value):
        raise UnreadableError("is not a JSON object.")
    entry_id = one_line(_text(value.get("entry_id")) or _text(value.get("sku")))
    if not entry_id:
        raise UnreadableError('has no "entry_id".')
    name = one_line(_text(value.get("name"))) or entry_id
    more = {key: item for key, item in value.items() if key not in _FIELDS}
    return ParsedProduct(
        entry_id=entry_id,
        name=name,
        slug=one_line(_text(value.get("slug"))) or slug_of(name),
        sku=one_line(_text(value.get("sku"))),
        description=_text(value.get("description")),
        properties="\n".join(filter(None, [_named_values(value.get("properties")), _named_values(more)])),
        categories=_listed(value.get("categories")),
        price=_price(value.get("price")),
    )


def _price(value: object) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        if abs(value) > 1e15 or not isfinite(value):
            raise UnreadableError('has a "price" that is out of range.')
        return float(value)
    if isinstance(value, str) and not value.strip():
        return None
    if isinstance(value, str) and (price := parse_price(value)) is not None:
        return price
    raise UnreadableError('has a "price" that is not a number.')


def _named_values(value: object) -> str:
    if _is_object(value):
        return "\n".join(f"{one_line(clean(key))}: {text}" for key, item in value.items() if (text := _listed(item)))
    return _listed(value)


def _listed(value: object) -> str:
    if _is_list(value):
        return ", ".join(filter(None, map(_text, value)))
    return _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return clean(value).strip()
    if isinstance(value, bool):
        return "yes" if value else "no"
    return clean(json.dumps(value, ensure_ascii=False))


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
