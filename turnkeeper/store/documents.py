"""The stored text of documents, as citations are checked against it."""

from collections.abc import Sequence

from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import StoredText
from turnkeeper.store.database import Database

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
