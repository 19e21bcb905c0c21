"""Data sets, their members, documents and products at rest. Callers see those of their organization that they belong to."""

from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from turnkeeper.core.accounts import Caller
from turnkeeper.core.data_sets import DataSet, Document, Product
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.ids import new_id
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

_DATA_SET: LiteralString = """
    d.id, d.public_id, d.organization_id, d.name, d.embedding_model, d.next_embedding_model, d.embedding_trouble,
    d.created_at, d.updated_at
"""
_DOCUMENT: LiteralString = (
    "t.id, t.public_id, t.data_set_id, t.address, t.title, t.text, t.version, t.created_at, t.updated_at"
)
_PRODUCT: LiteralString = (
    "p.id, p.data_set_id, p.entry_id, p.name, p.slug, p.sku, p.description, p.properties, p.categories, p.price"
)
IS_VISIBLE: LiteralString = """
    d.organization_id = %(organization)s AND (%(is_admin)s OR EXISTS (
        SELECT 1 FROM data_set_members m WHERE m.data_set_id = d.id AND m.account_id = %(account)s))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """How much a data set holds. `unembedded` passages are found by their words, not yet by their meaning.

    `left_to_change` passages wait for the model that is to take the place of the one that serves.
    """

    documents: int
    products: int
    passages: int
    unembedded: int
    left_to_change: int


async def create(connection: Connection, *, organization_id: int, name: str) -> DataSet:
    """Write a new, empty data set.

    Raises:
        ConflictError: the organization has one of this name (code `name_taken`).
    """
    query = f"""
        INSERT INTO data_sets AS d (public_id, organization_id, name) VALUES (%s, %s, %s) RETURNING {_DATA_SET}
    """
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        try:
            await cursor.execute(query, (new_id(), organization_id, name))
        except UniqueViolation as error:
            message = f"There is a data set {name!r} already; choose another name, or import into that one."
            raise ConflictError(message, code="name_taken") from error
        (made,) = await cursor.fetchall()
        return made


async def find(connection: Connection, caller: Caller, *, data_set_id: int) -> DataSet | None:
    """The data set with this id, if the caller may see it."""
    return await _find(connection, caller, "d.id = %(wanted)s", data_set_id)


async def find_public(connection: Connection, caller: Caller, *, public_id: UUID) -> DataSet | None:
    """The data set with this public id, if the caller may see it."""
    return await _find(connection, caller, "d.public_id = %(wanted)s", public_id)


async def find_named(connection: Connection, caller: Caller, *, name: str) -> DataSet | None:
    """The data set with this name, if the caller may see it."""
    return await _find(connection, caller, "d.name = %(wanted)s", name)


async def is_known(connection: Connection, caller: Caller, *, data_set_id: int) -> bool:
    """Whether the organization has such a data set, open to the caller or not."""
    cursor = await connection.execute(
        "SELECT 1 FROM data_sets WHERE id = %s AND organization_id = %s", (data_set_id, caller.organization_id)
    )
    return await cursor.fetchone() is not None


async def listed(connection: Connection, caller: Caller, *, after_id: int, limit: int) -> list[DataSet]:
    """The data sets that the caller may see with ids above `after_id`, in the order of their ids."""
    query = f"""
        SELECT {_DATA_SET} FROM data_sets d WHERE {IS_VISIBLE} AND d.id > %(after)s ORDER BY d.id LIMIT %(limit)s
    """
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        await cursor.execute(query, {**scope(caller), "after": after_id, "limit": limit})
        return await cursor.fetchall()


async def delete(connection: Connection, *, organization_id: int, data_set_id: int) -> bool:
    """Remove a data set and all that it holds; False when there is none."""
    cursor = await connection.execute(
        "DELETE FROM data_sets WHERE id = %s AND organization_id = %s", (data_set_id, organization_id)
    )
    return cursor.rowcount > 0


async def totals(connection: Connection, caller: Caller, *, data_set_id: int) -> Totals | None:
    """How much the data set holds, if the caller may see it."""
    query = f"""
        SELECT (SELECT count(*) FROM documents t WHERE t.data_set_id = d.id AND t.kind = 'document') AS documents,
               (SELECT count(*) FROM products p WHERE p.data_set_id = d.id) AS products,
               d.passage_count AS passages,
               (SELECT count(*) FROM passages_to_embed e
                WHERE e.data_set_id = d.id AND e.generation = d.generation) AS unembedded,
               (SELECT count(*) FROM passages_to_embed e
                WHERE e.data_set_id = d.id AND e.generation = d.next_generation) AS left_to_change
        FROM data_sets d WHERE {IS_VISIBLE} AND d.id = %(data_set)s
    """
    async with connection.cursor(row_factory=class_row(Totals)) as cursor:
        await cursor.execute(query, {**scope(caller), "data_set": data_set_id})
        return await cursor.fetchone()


async def add_member(connection: Connection, *, organization_id: int, data_set_id: int, account_id: int) -> bool:
    """Let an account of the organization see a data set of it; repeatable. False when either does not exist there."""
    cursor = await connection.execute(
        """
        WITH pair AS (
            SELECT d.id AS data_set_id, a.id AS account_id FROM data_sets d JOIN accounts a USING (organization_id)
            WHERE d.organization_id = %s AND d.id = %s AND a.id = %s
        ), added AS (
            INSERT INTO data_set_members SELECT data_set_id, account_id FROM pair ON CONFLICT DO NOTHING
        ) SELECT 1 FROM pair
        """,
        (organization_id, data_set_id, account_id),
    )
    return await cursor.fetchone() is not None


async def remove_member(connection: Connection, *, organization_id: int, data_set_id: int, account_id: int) -> bool:
    """Take the right to see a data set from an account; False when it had none."""
    cursor = await connection.execute(
        """
        DELETE FROM data_set_members m USING data_sets d
        WHERE d.id = m.data_set_id AND d.organization_id = %s AND m.data_set_id = %s AND m.account_id = %s
        """,
        (organization_id, data_set_id, account_id),
    )
    return cursor.rowcount > 0


async def members(connection: Connection, *, organization_id: int, data_set_id: int) -> list[int]:
    """The ids of the accounts that belong to the data set, in ascending order."""
    cursor = await connection.execute(
        """
        SELECT m.account_id FROM data_set_members m JOIN data_sets d ON d.id = m.data_set_id
        WHERE d.organization_id = %s AND d.id = %s ORDER BY 1
        """,
        (organization_id, data_set_id),
    )
    return [int(row[0]) for row in await cursor.fetchall()]


async def find_document(connection: Connection, caller: Caller, *, document_id: int) -> Document | None:
    """The document with this id, if the caller may see its data set."""
    query = f"""
        SELECT {_DOCUMENT} FROM documents t JOIN data_sets d ON d.id = t.data_set_id
        WHERE {IS_VISIBLE} AND t.id = %(document)s
    """
    async with connection.cursor(row_factory=class_row(Document)) as cursor:
        await cursor.execute(query, {**scope(caller), "document": document_id})
        return await cursor.fetchone()


async def documents(
    connection: Connection, caller: Caller, *, data_set_id: int, after_id: int, limit: int
) -> list[Document]:
    """Documents of the data set, companions of products included, with ids above `after_id`, in the order of their ids."""
    query = f"""
        SELECT {_DOCUMENT} FROM documents t JOIN data_sets d ON d.id = t.data_set_id
        WHERE {IS_VISIBLE} AND d.id = %(data_set)s AND t.id > %(after)s ORDER BY t.id LIMIT %(limit)s
    """
    async with connection.cursor(row_factory=class_row(Document)) as cursor:
        await cursor.execute(query, {**scope(caller), "data_set": data_set_id, "after": after_id, "limit": limit})
        return await cursor.fetchall()


async def products(
    connection: Connection, caller: Caller, *, data_set_id: int, after_id: int, limit: int
) -> list[Product]:
    """Products of the data set with ids above `after_id`, in the order of their ids."""
    query = f"""
        SELECT {_PRODUCT} FROM products p JOIN data_sets d ON d.id = p.data_set_id
        WHERE {IS_VISIBLE} AND d.id = %(data_set)s AND p.id > %(after)s ORDER BY p.id LIMIT %(limit)s
    """
    async with connection.cursor(row_factory=class_row(Product)) as cursor:
        await cursor.execute(query, {**scope(caller), "data_set": data_set_id, "after": after_id, "limit": limit})
        return await cursor.fetchall()


async def _find(
    connection: Connection, caller: Caller, condition: LiteralString, wanted: int | str | UUID
) -> DataSet | None:
    query = f"SELECT {_DATA_SET} FROM data_sets d WHERE {IS_VISIBLE} AND {condition}"
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        await cursor.execute(query, {**scope(caller), "wanted": wanted})
        return await cursor.fetchone()
