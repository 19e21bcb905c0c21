"""Documents as they are listed and read, and their stored text, as citations are checked against it."""

from collections.abc import Sequence
from typing import LiteralString
from uuid import UUID

from psycopg.rows import class_row

from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import DocumentEntry, DocumentFilter, DocumentPart, PassageEntry, StoredText
from turnkeeper.store.database import Connection, Database

LONGEST_TEXT = 4_000_000
"""In characters: what is read of one document to look for a quote."""


class StoredDocuments:
    """The documents of one data set. Who may see it is settled before."""

    def __init__(self, database: Database, data_set_id: int) -> None:
        self._database = database
        self._data_set_id = data_set_id

    async def places(self, citations: Sequence[Citation]) -> list[StoredText | None]:
        """What stands now at the places of the citations, in their order; None where the document is gone."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                """
                SELECT t.version, substr(t.text, p.start_offset + 1, greatest(0, p.end_offset - p.start_offset))
                FROM unnest(%s::bigint[], %s::integer[], %s::integer[])
                     WITH ORDINALITY AS p (document_id, start_offset, end_offset, place)
                LEFT JOIN documents t ON t.id = p.document_id AND t.data_set_id = %s ORDER BY p.place
                """,
                (
                    [citation.document_id for citation in citations],
                    [citation.start for citation in citations],
                    [citation.end for citation in citations],
                    self._data_set_id,
                ),
            )
            rows = await cursor.fetchall()
        return [None if row[0] is None else StoredText(version=row[0], text=row[1]) for row in rows]

    async def text(self, document_id: int) -> StoredText | None:
        """The document's text as it is stored now, its first `LONGEST_TEXT` characters; None when it is gone."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT version, left(text, %s) FROM documents WHERE id = %s AND data_set_id = %s",
                (LONGEST_TEXT, document_id, self._data_set_id),
            )
            row = await cursor.fetchone()
        return None if row is None else StoredText(version=row[0], text=row[1])


_ENTRY: LiteralString = """
    t.id, t.public_id, t.kind, t.address, t.title, octet_length(t.text) AS size,
    (SELECT count(*) FROM passages p WHERE p.document_id = t.id) AS passages, t.version, t.created_at, t.updated_at
"""
_ASKED: LiteralString = "SELECT w.lexeme FROM unnest(to_tsvector('english', %(words)s)) w"
# A word that the data set does not have is in none of its passages.
_HAS_WORDS: LiteralString = f"""
    (%(words)s::text IS NULL OR (
        NOT EXISTS (SELECT 1 FROM ({_ASKED}) a WHERE NOT EXISTS (
            SELECT 1 FROM terms x WHERE x.data_set_id = %(data_set)s AND x.lexeme = a.lexeme))
        AND EXISTS (
            SELECT 1 FROM passages p WHERE p.document_id = t.id AND p.terms @> ARRAY(
                SELECT x.id FROM ({_ASKED}) a JOIN terms x ON x.data_set_id = %(data_set)s AND x.lexeme = a.lexeme))))
"""


async def page(connection: Connection, *, data_set_id: int, wanted: DocumentFilter) -> list[DocumentEntry]:
    """The documents of a data set that fit, newest first. Who may see it is settled before; words are taken apart."""
    query = f"""
        SELECT {_ENTRY} FROM documents t WHERE t.data_set_id = %(data_set)s
          AND (%(before)s::bigint IS NULL OR t.id < %(before)s) AND (%(kind)s::text IS NULL OR t.kind = %(kind)s)
          AND (%(prefix)s::text IS NULL OR starts_with(t.address, %(prefix)s))
          AND (%(title)s::text IS NULL OR strpos(lower(t.title), lower(%(title)s)) > 0) AND {_HAS_WORDS}
        ORDER BY t.id DESC LIMIT %(limit)s
    """
    values: dict[str, object] = {
        "data_set": data_set_id,
        "before": wanted.before,
        "kind": wanted.kind,
        "prefix": wanted.address_prefix,
        "title": wanted.title,
        "words": wanted.words,
        "limit": wanted.limit,
    }
    async with connection.cursor(row_factory=class_row(DocumentEntry)) as cursor:
        await cursor.execute(query, values)
        return await cursor.fetchall()


async def entry(connection: Connection, *, data_set_id: int, document: int | UUID) -> DocumentEntry | None:
    """A document of the data set by its integer or public id."""
    which: LiteralString = "t.id = %(document)s" if isinstance(document, int) else "t.public_id = %(document)s"
    query = f"SELECT {_ENTRY} FROM documents t WHERE t.data_set_id = %(data_set)s AND {which}"
    async with connection.cursor(row_factory=class_row(DocumentEntry)) as cursor:
        await cursor.execute(query, {"data_set": data_set_id, "document": document})
        return await cursor.fetchone()


async def part(
    connection: Connection, *, data_set_id: int, document: int | UUID, start: int, most: int
) -> DocumentPart | None:
    """A document, and at most so many characters of its text from an offset on."""
    found = await entry(connection, data_set_id=data_set_id, document=document)
    if found is None:
        return None
    cursor = await connection.execute(
        "SELECT char_length(text), substr(text, %s + 1, %s) FROM documents WHERE id = %s", (start, most, found.id)
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    start = min(start, int(row[0]))
    return DocumentPart(entry=found, length=row[0], start=start, end=start + len(row[1]), text=row[1])


async def passages(connection: Connection, *, document_id: int, after: int, limit: int) -> list[PassageEntry]:
    """The passages of a document in their order, with ids above `after`."""
    async with connection.cursor(row_factory=class_row(PassageEntry)) as cursor:
        await cursor.execute(
            """
            SELECT p.id, p.start_offset AS start, p.end_offset AS "end", p.text, p.context, EXISTS (
                SELECT 1 FROM passage_vectors v WHERE v.passage_id = p.id AND v.generation = d.generation) AS has_vector
            FROM passages p JOIN data_sets d ON d.id = p.data_set_id WHERE p.document_id = %s AND p.id > %s
            ORDER BY p.id LIMIT %s
            """,
            (document_id, after, limit),
        )
        return await cursor.fetchall()


async def public_ids(connection: Connection, *, document_ids: Sequence[int]) -> dict[int, UUID]:
    """The public ids of these documents, by id."""
    cursor = await connection.execute("SELECT id, public_id FROM documents WHERE id = ANY(%s)", (list(document_ids),))
    return {int(row[0]): row[1] for row in await cursor.fetchall()}


async def product_documents(
    connection: Connection, *, data_set_id: int, products: Sequence[int]
) -> dict[int, DocumentEntry]:
    """The readable companions of these products, by the products' ids."""
    query = f"""
        SELECT r.id, {_ENTRY} FROM products r JOIN documents t ON t.id = r.document_id
        WHERE r.data_set_id = %s AND r.id = ANY(%s)
    """
    cursor = await connection.execute(query, (data_set_id, list(products)))
    names = ("id", "public_id", "kind", "address", "title", "size", "passages", "version", "created_at", "updated_at")
    return {int(row[0]): DocumentEntry(**dict(zip(names, row[1:], strict=True))) for row in await cursor.fetchall()}
