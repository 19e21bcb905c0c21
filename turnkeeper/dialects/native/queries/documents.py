"""The queries of documents, passages and products."""

import math
import re
from dataclasses import dataclass
from typing import get_args

from turnkeeper.core.data_sets import DocumentEntry, DocumentFilter, DocumentKind, PassageEntry
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.products import Comparison, ProductOrder, ProductQuery, PropertyFilter
from turnkeeper.dialects.native.queries.data_sets import BEGINNING, text
from turnkeeper.dialects.native.queries.reading import Parameters, whole, word
from turnkeeper.http_kit.paging import cursor_of

USUAL_CHARACTERS = 100_000
MOST_PROPERTIES = 10
_KINDS: tuple[DocumentKind, ...] = get_args(DocumentKind)
_PRODUCT_ORDERS: tuple[ProductOrder, ...] = get_args(ProductOrder)
_COMPARISONS: tuple[Comparison, ...] = get_args(Comparison)
_DOCUMENTS, _PASSAGES, _PRODUCTS = "documents", "passages", "products"
_MOST_OFFSET = 10**15
_MOST_PRODUCTS_OFFSET = 100_000
_PROPERTY = re.compile(r"(.+?):(is|contains|at_least|at_most):(.+)", re.DOTALL)


@dataclass(frozen=True, kw_only=True, slots=True)
class TextWanted:
    """Which stretch of a text is wanted, and which version somebody has read."""

    start: int
    most: int
    version: int | None


def documents_wanted(query: bytes) -> DocumentFilter:
    """The query of the list of documents.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("q", "address_prefix", "title", "kind", "limit", "cursor"))
    behind = fields.position(_DOCUMENTS)
    wanted = DocumentFilter(
        address_prefix=fields.read("address_prefix", text("address_prefix")),
        title=fields.read("title", text("title")),
        kind=fields.read("kind", word("kind", _KINDS)),
        words=fields.read("q", text("q")),
        before=None if behind is None else behind[1],
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def behind_document(document: DocumentEntry) -> str:
    """The cursor for the older ones."""
    return cursor_of(document.created_at, document.id, _DOCUMENTS)


def text_wanted(query: bytes) -> TextWanted:
    """The query of one document.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("start", "end", "version"))
    start = fields.read("start", whole("start", least=0, most=_MOST_OFFSET)) or 0
    end = fields.read("end", whole("end", least=0, most=_MOST_OFFSET))
    if end is not None and end < start:
        fields.wrong("end", "The parameter 'end' lies before 'start'.", "invalid")
    version = fields.read("version", whole("version", least=0, most=_MOST_OFFSET))
    fields.check()
    return TextWanted(start=start, most=USUAL_CHARACTERS if end is None else end - start, version=version)


def passages_wanted(query: bytes) -> tuple[int, int]:
    """The query of the list of passages: behind which one, and how many.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("limit", "cursor"))
    behind, limit = fields.position(_PASSAGES), fields.limit()
    fields.check()
    return 0 if behind is None else behind[1], limit


def behind_passage(passage: PassageEntry) -> str:
    """The cursor for the passages that come after this one."""
    return cursor_of(BEGINNING, passage.id, _PASSAGES)


def address_wanted(query: bytes) -> str:
    """The query of what is stored under an address.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("address",))
    address = fields.read("address", text("address"))
    fields.check()
    if address is None:
        fields.wrong("address", "The parameter 'address' is missing: what the document is called.", "missing")
        fields.check()
    return address or ""


def products_wanted(query: bytes) -> ProductQuery:
    """The query of the list of products: the filters of the agents' tool.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    known = ("q", "category", "price_min", "price_max", "order", "limit", "cursor")
    fields = Parameters(query, known=(*known, "property"), many=("property",))
    low, high = fields.read("price_min", _price), fields.read("price_max", _price)
    if low is not None and high is not None and low > high:
        fields.wrong("price_min", "The parameter 'price_min' is above 'price_max'.", "invalid")
    named: ProductOrder | None = fields.read("order", word("order", _PRODUCT_ORDERS))
    order: ProductOrder = "relevance" if named is None else named
    behind = fields.position(f"{_PRODUCTS}:{order}")
    properties = fields.every("property", _property)
    if len(properties) > MOST_PROPERTIES:
        fields.wrong("property", f"There are more than {MOST_PROPERTIES} properties.", "too_many")
    wanted = ProductQuery(
        text=fields.read("q", text("q")) or "",
        category=fields.read("category", text("category")),
        price_min=low,
        price_max=high,
        properties=tuple(properties),
        order=order,
        limit=fields.limit(),
        offset=0 if behind is None else min(behind[1], _MOST_PRODUCTS_OFFSET),
    )
    fields.check()
    return wanted


def behind_products(query: ProductQuery, count: int) -> str | None:
    """The cursor for the page behind one of so many products; None where no list goes so far."""
    offset = query.offset + count
    return None if offset > _MOST_PRODUCTS_OFFSET else cursor_of(BEGINNING, offset, f"{_PRODUCTS}:{query.order}")


def _price(value: str) -> float:
    try:
        price = float(value)
    except ValueError:
        price = math.nan
    if not math.isfinite(price):
        raise InvalidError("price", f"A price is a number, and {value[:60]!r} is none.")
    return price


def _property(value: str) -> PropertyFilter:
    found = _PROPERTY.fullmatch(value)
    if found is None or "\x00" in value or len(value) > 1_000:
        raise InvalidError(
            "property", f"A property is `name:comparison:value` with one of {', '.join(_COMPARISONS)} in the middle."
        )
    name, middle, wanted = found[1], found[2], found[3]
    comparison: Comparison = next(each for each in _COMPARISONS if each == middle)
    if comparison in {"is", "contains"}:
        return PropertyFilter(name=name, comparison=comparison, text=wanted)
    return PropertyFilter(name=name, comparison=comparison, number=_price(wanted))
