"""Documents and products of a data set: what callers may read of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar
from uuid import UUID

from turnkeeper.core.accounts import Caller
from turnkeeper.core.data_sets import DocumentEntry, DocumentFilter, DocumentPart, PassageEntry, Product
from turnkeeper.core.errors import NotFoundError
from turnkeeper.core.products import ProductQuery
from turnkeeper.retrieval.words import take_apart
from turnkeeper.store import data_sets, documents
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.products import ProductIndex

T = TypeVar("T")

MOST_CHARACTERS = 1_000_000
"""Of a text, handed out at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductEntry:
    """A product, and its readable companion."""

    product: Product
    document: DocumentEntry


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductEntries:
    """Some of the products that fit; `total` counts all."""

    items: Sequence[ProductEntry]
    total: int


class DocumentActions:
    """Whoever may see a data set may read all of it."""

    def __init__(self, database: Database, products: ProductIndex) -> None:
        self._database = database
        self._products = products

    async def page(self, caller: Caller, data_set_id: int, wanted: DocumentFilter) -> Sequence[DocumentEntry]:
        """The documents that fit, newest first; companions of products included.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
        """
        words = None if wanted.words is None else take_apart(wanted.words)
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)
            return await documents.page(connection, data_set_id=data_set_id, wanted=replace(wanted, words=words))

    async def entry(self, caller: Caller, data_set_id: int, document: int | UUID) -> DocumentEntry:
        """A document without its text.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)
            found = await documents.entry(connection, data_set_id=data_set_id, document=document)
        return _known(found, document)

    async def part(
        self, caller: Caller, data_set_id: int, document: int | UUID, *, start: int, most: int
    ) -> DocumentPart:
        """A document, and at most so many characters of its text from the offset `start` on.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)
            found = await documents.part(
                connection,
                data_set_id=data_set_id,
                document=document,
                start=max(0, start),
                most=min(max(0, most), MOST_CHARACTERS),
            )
        return _known(found, document)

    async def passages(
        self, caller: Caller, data_set_id: int, document: int | UUID, *, after: int = 0, limit: int = 50
    ) -> Sequence[PassageEntry]:
        """The passages of a document in their order, with numbers above `after`.

        Raises:
            NotFoundError: there is no such document that the caller may see.
        """
        found = await self.entry(caller, data_set_id, document)
        async with self._database.connection() as connection:
            return await documents.passages(connection, document_id=found.id, after=after, limit=limit)

    async def public_ids(self, document_ids: Sequence[int]) -> dict[int, UUID]:
        """The public ids of documents that the caller was shown, by id; those that are gone are missing."""
        async with self._database.connection() as connection:
            return await documents.public_ids(connection, document_ids=document_ids)

    async def products(self, caller: Caller, data_set_id: int, query: ProductQuery) -> ProductEntries:
        """A page of the products that every filter fits, as agents find them.

        Raises:
            NotFoundError: there is no such data set that the caller may see.
            TransientError: it took too long.
        """
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)
        found = await self._products.find(data_set_id, query)
        products = [each.product for each in found.products]
        return ProductEntries(items=await self._entries(data_set_id, products), total=found.total)

    async def product(self, caller: Caller, data_set_id: int, product: str | UUID) -> ProductEntry:
        """A product by the shop's own id, or by its companion's public id.

        Raises:
            NotFoundError: there is none that the caller may see.
        """
        async with self._database.connection() as connection:
            await _check_visible(connection, caller, data_set_id)
            found = await data_sets.find_product(connection, data_set_id=data_set_id, product=product)
        entries = [] if found is None else await self._entries(data_set_id, [found])
        if not entries:
            raise NotFoundError("product", str(product))
        return entries[0]

    async def _entries(self, data_set_id: int, products: Sequence[Product]) -> list[ProductEntry]:
        numbers = [product.id for product in products]
        async with self._database.connection() as connection:
            companions = await documents.product_documents(connection, data_set_id=data_set_id, products=numbers)
        return [
            ProductEntry(product=product, document=companions[product.id])
            for product in products
            if product.id in companions
        ]


async def _check_visible(connection: Connection, caller: Caller, data_set_id: int) -> None:
    if await data_sets.find(connection, caller, data_set_id=data_set_id) is None:
        raise NotFoundError("data set", data_set_id)


def _known(found: T | None, document: int | UUID) -> T:
    if found is None:
        raise NotFoundError("document", str(document))
    return found
