"""Looking for products: what may be asked, and what is found. No query is ever written by a model."""

from dataclasses import dataclass
from typing import Literal

from turnkeeper.core.data_sets import Passage, Product

MOST_PRODUCTS = 50

ProductOrder = Literal["relevance", "price", "-price", "name", "-name"]
"""A minus is for the other way round. Products without a price stand last."""

Comparison = Literal["is", "contains", "at_least", "at_most"]


@dataclass(frozen=True, kw_only=True, slots=True)
class PropertyFilter:
    """What one property must be. `at_least` and `at_most` compare the first number in it with `number`."""

    name: str
    comparison: Comparison
    text: str = ""
    number: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductQuery:
    """What is looked for; every given filter must fit. Words of `text` are compared by their stems."""

    text: str = ""
    category: str | None = None
    price_min: float | None = None
    price_max: float | None = None
    properties: tuple[PropertyFilter, ...] = ()
    order: ProductOrder = "relevance"
    limit: int = 10
    offset: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundProduct:
    """A product, and the passage that an answer may cite for it; None while there is none."""

    product: Product
    passage: Passage | None


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductPage:
    """Some of the products that fit. `total` counts all; `matched_words` of `words` in the query's text occur in each."""

    products: tuple[FoundProduct, ...]
    total: int
    words: int = 0
    matched_words: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductVocabulary:
    """What the products of a data set are told apart by, the commonest first."""

    categories: tuple[str, ...]
    properties: tuple[str, ...]
