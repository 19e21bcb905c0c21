"""Data sets, their members, documents and products at rest. Callers see those of their organization that they belong to."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from psycopg.errors import UniqueViolation
from psycopg.rows import class_row

from turnkeeper.core.accounts import Caller
from turnkeeper.core.data_sets import DataSet, DataSetMember, DataSetTotals, Document, Product
from turnkeeper.core.errors import ConflictError
from turnkeeper.core.ids import new_id
from turnkeeper.store.database import Connection
from turnkeeper.store.scope import scope

_DATA_SET: LiteralString = """
    d.id, d.public_id, d.organization_id, d.name, d.embedding_model, d.next_embedding_model, d.embedding_trouble,
    d.description, d.revision, d.created_at, d.updated_at
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


async def create(connection: Connection, *, organization_id: int, name: str, description: str = "") -> DataSet:
    """Write a new, empty data set.

    Raises:
        ConflictError: the organization has one of this name (code `name_taken`).
    """
    query = f"""
        INSERT INTO data_sets AS d (public_id, organization_id, name, description) VALUES (%s, %s, %s, %s)
        RETURNING {_DATA_SET}
    """
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        try:
            await cursor.execute(query, (new_id(), organization_id, name, description))
        except UniqueViolation as error:
            raise _taken(name) from error
        (made,) = await cursor.fetchall()
        return made


async def change(
    connection: Connection, caller: Caller, *, data_set_id: int, name: str, description: str
) -> DataSet | None:
    """Write name and description, as a new revision; None when there is no such data set.

    Raises:
        ConflictError: the organization has another one of this name (code `name_taken`).
    """
    query = f"""
        UPDATE data_sets d SET name = %(name)s, description = %(description)s, revision = revision + 1, updated_at = now()
        WHERE {IS_VISIBLE} AND d.id = %(data_set)s RETURNING {_DATA_SET}
    """
    values = {**scope(caller), "data_set": data_set_id, "name": name, "description": description}
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        try:
            await cursor.execute(query, values)
        except UniqueViolation as error:
            raise _taken(name) from error
        return await cursor.fetchone()


async def lock(connection: Connection, caller: Caller, *, data_set_id: int) -> DataSet | None:
    """The data set with this id, kept from other changes by hand until the end of the transaction."""
    query = f"SELECT {_DATA_SET} FROM data_sets d WHERE {IS_VISIBLE} AND d.id = %(wanted)s FOR NO KEY UPDATE OF d"
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        await cursor.execute(query, {**scope(caller), "wanted": data_set_id})
        return await cursor.fetchone()


async def find_any(connection: Connection, caller: Caller, wanted: int | UUID | str) -> DataSet | None:
    """The data set with this integer id, public id or name, if the caller may see it."""
    if isinstance(wanted, int):
        return await _find(connection, caller, "d.id = %(wanted)s", wanted)
    if isinstance(wanted, UUID):
        return await _find(connection, caller, "d.public_id = %(wanted)s", wanted)
    return await _find(connection, caller, "d.name = %(wanted)s", wanted) if wanted.isprintable() else None


async def find(connection: Connection, caller: Caller, *, data_set_id: int) -> DataSet | None:
    """The data set with this id, if the caller may see it."""
    return await _find(connection, caller, "d.id = %(wanted)s", data_set_id)


async def is_known(connection: Connection, caller: Caller, *, data_set_id: int) -> bool:
    """Whether the organization has such a data set, open to the caller or not."""
    cursor = await connection.execute(
        "SELECT 1 FROM data_sets WHERE id = %s AND organization_id = %s", (data_set_id, caller.organization_id)
    )
    return await cursor.fetchone() is not None


async def listed_before(
    connection: Connection, caller: Caller, *, before: int | None, name: str | None, limit: int
) -> list[DataSet]:
    """The data sets that the caller may see, newest first; `name` is a part of it, `before` an id."""
    query = f"""
        SELECT {_DATA_SET} FROM data_sets d WHERE {IS_VISIBLE} AND (%(before)s::bigint IS NULL OR d.id < %(before)s)
          AND (%(name)s::text IS NULL OR strpos(lower(d.name), lower(%(name)s)) > 0)
        ORDER BY d.id DESC LIMIT %(limit)s
    """
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        await cursor.execute(query, {**scope(caller), "before": before, "name": name, "limit": limit})
        return await cursor.fetchall()


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


async def totals(connection: Connection, caller: Caller, *, data_set_id: int) -> DataSetTotals | None:
    """How much the data set holds, if the caller may see it."""
    return (await totals_of(connection, caller, data_set_ids=[data_set_id])).get(data_set_id)


async def totals_of(connection: Connection, caller: Caller, *, data_set_ids: Sequence[int]) -> dict[int, DataSetTotals]:
    """How much each of these data sets holds that the caller may see, by id."""
    query = f"""
        SELECT d.id, (SELECT count(*) FROM documents t WHERE t.data_set_id = d.id AND t.kind = 'document'),
               (SELECT count(*) FROM products p WHERE p.data_set_id = d.id), d.passage_count,
               (SELECT count(*) FROM passages_to_embed e WHERE e.data_set_id = d.id AND e.generation = d.generation),
               (SELECT count(*) FROM passages_to_embed e WHERE e.data_set_id = d.id AND e.generation = d.next_generation)
        FROM data_sets d WHERE {IS_VISIBLE} AND d.id = ANY(%(data_sets)s)
    """
    cursor = await connection.execute(query, {**scope(caller), "data_sets": list(data_set_ids)})
    return {
        int(row[0]): DataSetTotals(
            documents=row[1], products=row[2], passages=row[3], unembedded=row[4], left_to_change=row[5]
        )
        for row in await cursor.fetchall()
    }


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


async def find_account(connection: Connection, *, organization_id: int, account: UUID | str) -> DataSetMember | None:
    """An account of the organization by its public id or its name, as a member of a data set."""
    which: LiteralString = "public_id = %s" if isinstance(account, UUID) else "lower(name) = lower(%s)"
    query = f"""
        SELECT id, public_id, kind, name, role, is_active FROM accounts
        WHERE organization_id = %s AND {which} ORDER BY id LIMIT 1
    """
    async with connection.cursor(row_factory=class_row(DataSetMember)) as cursor:
        await cursor.execute(query, (organization_id, account))
        return await cursor.fetchone()


async def member_entries(
    connection: Connection, *, organization_id: int, data_set_id: int, after: int, limit: int
) -> list[DataSetMember]:
    """The accounts that the data set was opened to, in the order of their ids, with ids above `after`."""
    query = """
        SELECT a.id, a.public_id, a.kind, a.name, a.role, a.is_active
        FROM data_set_members m JOIN data_sets d ON d.id = m.data_set_id JOIN accounts a ON a.id = m.account_id
        WHERE d.organization_id = %s AND d.id = %s AND a.id > %s ORDER BY a.id LIMIT %s
    """
    async with connection.cursor(row_factory=class_row(DataSetMember)) as cursor:
        await cursor.execute(query, (organization_id, data_set_id, after, limit))
        return await cursor.fetchall()


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


async def find_product(connection: Connection, *, data_set_id: int, product: str | UUID) -> Product | None:
    """A product of the data set by the shop's own id, or by its companion's public id."""
    which: LiteralString = "p.entry_id = %(product)s"
    if isinstance(product, UUID):
        which = "p.document_id = (SELECT id FROM documents WHERE public_id = %(product)s)"
    query = f"SELECT {_PRODUCT} FROM products p WHERE p.data_set_id = %(data_set)s AND {which}"
    async with connection.cursor(row_factory=class_row(Product)) as cursor:
        await cursor.execute(query, {"data_set": data_set_id, "product": product})
        return await cursor.fetchone()


async def _find(
    connection: Connection, caller: Caller, condition: LiteralString, wanted: int | str | UUID
) -> DataSet | None:
    query = f"SELECT {_DATA_SET} FROM data_sets d WHERE {IS_VISIBLE} AND {condition}"
    async with connection.cursor(row_factory=class_row(DataSet)) as cursor:
        await cursor.execute(query, {**scope(caller), "wanted": wanted})
        return await cursor.fetchone()


def _taken(name: str) -> ConflictError:
    message = f"There is a data set {name!r} already; choose another name, or import into that one."
    return ConflictError(message, code="name_taken")
