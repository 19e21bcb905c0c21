"""The tool that looks for products by typed filters, in an order, page by page."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput, read_arguments
from turnkeeper.agents.tools.typed_tool import parameters_of
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolFailedError, ToolRetryError
from turnkeeper.core.products import (
    MOST_PRODUCTS,
    Comparison,
    FoundProduct,
    ProductOrder,
    ProductPage,
    ProductQuery,
    ProductVocabulary,
    PropertyFilter,
)

SEARCH_PRODUCTS = "search_products"
MOST_MARKS = 10
"""Products of one call that an answer can cite: each call has so many numbers."""
_MOST_OFFSET = 100_000
_LONGEST_DESCRIPTION = 300
_LONGEST_PROPERTIES = 600
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")

Text = Annotated[str, msgspec.Meta(max_length=500)]


class Products(Protocol):
    """Where products are found."""

    async def find(self, data_set_id: int, query: ProductQuery) -> ProductPage:
        """A page of the products that fit."""
        ...

    async def vocabulary(self, data_set_id: int) -> ProductVocabulary:
        """By what they can be filtered."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyWanted:
    """What the model says of a property."""

    name: Text
    value: Text | float
    comparison: Annotated[
        Comparison, msgspec.Meta(description="at_least and at_most compare the first number in the property.")
    ] = "contains"


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductsWanted:
    """What the model looks for."""

    text: Annotated[
        str, msgspec.Meta(max_length=500, description="Words of name, description or properties; or a SKU.")
    ] = ""
    category: Annotated[str, msgspec.Meta(max_length=500, description="Part of a category's name.")] | None = None
    price_min: float | None = None
    price_max: float | None = None
    properties: Annotated[tuple[PropertyWanted, ...], msgspec.Meta(max_length=10)] = ()
    order: ProductOrder = "relevance"
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST_PRODUCTS)] = 10
    offset: Annotated[int, msgspec.Meta(ge=0, le=_MOST_OFFSET, description="How many to skip, for the next page.")] = 0


class SearchProducts:
    """Looks for products in the turn's data set; the first ones are marked, so that they can be cited."""

    kind: ToolKind = "pure"
    spec = ToolSpec(
        name=SEARCH_PRODUCTS,
        description=(
            "Look for products by words, category, price and properties, sorted and page by page. All filters must fit. "
            "Use it to list, compare or count products; each has a mark to cite it by."
        ),
        parameters=parameters_of(ProductsWanted),
    )

    def __init__(self, products: Products) -> None:
        self._products = products

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Look. When nothing fits, the answer says by what can be filtered.

        Raises:
            ToolRetryError: an argument is out of bounds, or contradicts another.
            ToolFailedError: the conversation has no data set.
        """
        query = _query(read_arguments(arguments, ProductsWanted))
        if context.data_set_id is None:
            raise ToolFailedError("This agent has no data set that could be searched.")
        page = await self._products.find(context.data_set_id, query)
        if not page.products:
            return ToolOutput(text=await self._nothing(context.data_set_id, query))
        marked = [found for found in page.products[:MOST_MARKS] if found.passage is not None]
        marks = {found.product.id: mark for mark, found in enumerate(marked, context.first_mark)}
        lines = [_heading(page, query), *(_printed(found, marks.get(found.product.id)) for found in page.products)]
        passages = tuple(found.passage for found in marked if found.passage is not None)
        return ToolOutput(text="\n\n".join(lines), passages=passages)

    async def _nothing(self, data_set_id: int, query: ProductQuery) -> str:
        if query.offset:
            return f"No product is left after the first {query.offset:,}."
        there = await self._products.vocabulary(data_set_id)
        if not there.categories and not there.properties:
            return "No product fits."
        return (
            f"No product fits. Categories: {', '.join(there.categories) or 'none'}. "
            f"Properties: {', '.join(there.properties) or 'none'}. Look again with fewer or other filters."
        )


def _query(wanted: ProductsWanted) -> ProductQuery:
    for name, price in (("price_min", wanted.price_min), ("price_max", wanted.price_max)):
        if price is not None and not math.isfinite(price):
            raise ToolRetryError(f"{name} is no number.")
    if wanted.price_min is not None and wanted.price_max is not None and wanted.price_min > wanted.price_max:
        raise ToolRetryError("price_min is above price_max.")
    return ProductQuery(
        text=wanted.text.replace("\0", " ").strip(),
        category=(wanted.category or "").replace("\0", " ").strip() or None,
        price_min=wanted.price_min,
        price_max=wanted.price_max,
        properties=tuple(_filter(each) for each in wanted.properties),
        order=wanted.order,
        limit=wanted.limit,
        offset=wanted.offset,
    )


def _filter(wanted: PropertyWanted) -> PropertyFilter:
    text = wanted.value.replace("\0", " ") if isinstance(wanted.value, str) else f"{wanted.value:g}"
    if wanted.comparison in {"is", "contains"}:
        return PropertyFilter(name=wanted.name.replace("\0", " "), comparison=wanted.comparison, text=text)
    found = _NUMBER.search(text.replace(",", ""))
    if found is None:
        raise ToolRetryError(f"{wanted.comparison} compares numbers, and {text!r} is none.")
    return PropertyFilter(
        name=wanted.name.replace("\0", " "), comparison=wanted.comparison, number=float(found.group())
    )


def _heading(page: ProductPage, query: ProductQuery) -> str:
    first, last = query.offset + 1, query.offset + len(page.products)
    more = f" Ask with offset {last} for more." if last < page.total else ""
    part = ""
    if 0 < page.matched_words < page.words:
        part = f" No product has all the words; these have {page.matched_words} of {page.words}."
    return f"Products {first}–{last} of {page.total:,}.{part}{more}"


def _printed(found: FoundProduct, mark: int | None) -> str:
    product = found.product
    price = "no price" if product.price is None else f"price {product.price:g}"
    facts = ", ".join(part for part in (price, product.sku and f"SKU {product.sku}", product.categories) if part)
    lines = [f"{f'[{mark}] ' if mark is not None else ''}{product.name} ({facts})"]
    lines += _short(product.description, _LONGEST_DESCRIPTION)
    lines += _short("; ".join(product.properties.splitlines()), _LONGEST_PROPERTIES)
    return "\n".join(lines)


def _short(text: str, longest: int) -> Sequence[str]:
    text = " ".join(text.split())
    if not text:
        return ()
    return (text if len(text) <= longest else f"{text[:longest].rstrip()} …",)
