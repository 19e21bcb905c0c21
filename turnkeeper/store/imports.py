"""Bringing a data set up to date inside one transaction: readers see it as it was, then as it is, never half-way.

The order is: `begin`, then `compare` for all sources in batches, `clear`, then `write` for those to be read, and `finish`.
Working tables live in the transaction and hold what grows with the number of sources, so that memory does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

import msgspec

from turnkeeper.core.ids import new_id
from turnkeeper.core.imports import DocumentDraft, Failure, SourceDraft
from turnkeeper.store.database import Connection
from turnkeeper.store.embeddings import Generations, defer_embedding, generations, lock_data_set

CONTEXT_WEIGHT = 2
"""How many times a word counts that stands in the title or a heading above a passage."""

_WORKING_TABLES: LiteralString = """
    CREATE TEMP TABLE imported (address text NOT NULL, content_hash text NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE kept_vectors (
        digest text NOT NULL, generation integer NOT NULL, dimensions integer NOT NULL, embedding halfvec NOT NULL)
        ON COMMIT DROP;
    CREATE TEMP TABLE incoming (
        number integer NOT NULL, document_id bigint NOT NULL, start_offset integer NOT NULL, end_offset integer NOT NULL,
        context text NOT NULL, body text NOT NULL, words text NOT NULL, context_words text NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE incoming_terms (
        number integer NOT NULL, lexeme text COLLATE "C" NOT NULL, frequency integer NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE term_changes (term integer NOT NULL, passages bigint NOT NULL) ON COMMIT DROP;
    CREATE TEMP TABLE passage_changes (passages bigint NOT NULL, length bigint NOT NULL) ON COMMIT DROP;
"""

_KEEP_VECTORS: LiteralString = """
    INSERT INTO kept_vectors
    SELECT md5(p.context || E'\\n' || p.text), v.generation, v.dimensions, v.embedding
    FROM documents t JOIN passages p ON p.document_id = t.id JOIN passage_vectors v ON v.passage_id = p.id
    WHERE t.data_set_id = %(data_set)s AND t.source_id IS NULL AND v.generation = ANY(%(generations)s)
"""

_DELETE_PASSAGES: LiteralString = """
    DELETE FROM passages p USING documents t
    WHERE t.id = p.document_id AND t.data_set_id = %(data_set)s AND t.source_id IS NULL
"""

# What changed goes and, unless others are kept, what is not there any more.
_FORGET_SOURCES: LiteralString = """
    WITH gone AS (
        DELETE FROM sources s WHERE s.data_set_id = %(data_set)s AND NOT EXISTS (
            SELECT 1 FROM imported i WHERE i.address = s.address AND i.content_hash = s.content_hash)
          AND (NOT %(keeps_others)s OR EXISTS (SELECT 1 FROM imported i WHERE i.address = s.address))
        RETURNING s.address
    ) SELECT count(*) FILTER (WHERE i.address IS NOT NULL), count(*) FILTER (WHERE i.address IS NULL)
    FROM gone LEFT JOIN imported i USING (address)
"""

# A source that holds other documents too is read again when it comes the next time: it may still hold the one that goes.
_ORPHAN_DOCUMENTS: LiteralString = """
    WITH gone AS (
        UPDATE documents t SET source_id = NULL FROM (
            SELECT id, source_id FROM documents WHERE data_set_id = %(data_set)s AND address = ANY(%(addresses)s)
        ) was WHERE t.id = was.id RETURNING t.address, was.source_id
    ), changed AS (
        UPDATE sources s SET content_hash = '' WHERE s.id IN (SELECT source_id FROM gone)
    ) SELECT address FROM gone
"""
_FORGET_EMPTY_SOURCES: LiteralString = """
    DELETE FROM sources s WHERE s.data_set_id = %(data_set)s AND s.content_hash = ''
      AND NOT EXISTS (SELECT 1 FROM documents t WHERE t.source_id = s.id)
"""

_DELETE_DOCUMENT_VECTORS: LiteralString = """
    DELETE FROM document_vectors v USING documents t
    WHERE t.id = v.document_id AND t.data_set_id = %(data_set)s AND t.source_id IS NULL
"""

_UPSERT_DOCUMENT: LiteralString = """
    INSERT INTO documents AS t (public_id, data_set_id, source_id, kind, address, title, text)
    VALUES (%(public_id)s, %(data_set)s, %(source)s, %(kind)s, %(address)s, %(title)s, %(text)s)
    ON CONFLICT (data_set_id, address) DO UPDATE
    SET source_id = EXCLUDED.source_id, kind = EXCLUDED.kind, title = EXCLUDED.title, text = EXCLUDED.text,
        version = t.version + (t.text <> EXCLUDED.text)::integer, updated_at = now()
    WHERE t.source_id IS NULL
    RETURNING id
"""

_UPSERT_PRODUCT: LiteralString = """
    INSERT INTO products (data_set_id, document_id, entry_id, name, slug, sku, description, properties, categories, price)
    VALUES (%(data_set)s, %(document)s, %(entry_id)s, %(name)s, %(slug)s, %(sku)s, %(description)s, %(properties)s,
            %(categories)s, %(price)s)
    ON CONFLICT (data_set_id, entry_id) DO UPDATE
    SET document_id = EXCLUDED.document_id, name = EXCLUDED.name, slug = EXCLUDED.slug, sku = EXCLUDED.sku,
        description = EXCLUDED.description, properties = EXCLUDED.properties, categories = EXCLUDED.categories,
        price = EXCLUDED.price
"""

_COUNT_TERMS: LiteralString = """
    INSERT INTO incoming_terms
    SELECT number, lexeme, least(sum(times), 32767) FROM (
        SELECT i.number, w.lexeme, cardinality(w.positions) AS times
        FROM incoming i, unnest(to_tsvector('english', i.words)) w
        UNION ALL
        SELECT i.number, w.lexeme, cardinality(w.positions) * %(weight)s
        FROM incoming i, unnest(to_tsvector('english', i.context_words)) w
    ) counted GROUP BY number, lexeme
"""

_ADD_TERMS: LiteralString = """
    INSERT INTO terms (data_set_id, lexeme)
    SELECT %(data_set)s, fresh.lexeme FROM (SELECT DISTINCT lexeme FROM incoming_terms) fresh
    WHERE NOT EXISTS (SELECT 1 FROM terms t WHERE t.data_set_id = %(data_set)s AND t.lexeme = fresh.lexeme)
"""

_ADD_PASSAGES: LiteralString = """
    WITH counted AS (
        SELECT n.number, array_agg(t.id ORDER BY t.id) AS terms,
               array_agg(n.frequency::smallint ORDER BY t.id) AS frequencies, sum(n.frequency) AS length
        FROM incoming_terms n JOIN terms t ON t.data_set_id = %(data_set)s AND t.lexeme = n.lexeme
        GROUP BY n.number
    ), added AS (
        INSERT INTO passages (data_set_id, document_id, start_offset, end_offset, context, text, terms, frequencies, length)
        SELECT %(data_set)s, i.document_id, i.start_offset, i.end_offset, i.context, i.body,
               coalesce(c.terms, '{}'), coalesce(c.frequencies, '{}'), coalesce(c.length, 0)
        FROM incoming i LEFT JOIN counted c USING (number) ORDER BY i.number
        RETURNING id
    ) INSERT INTO passages_to_embed (passage_id, data_set_id, generation)
    SELECT id, %(data_set)s, generation FROM added, unnest(%(generations)s::integer[]) generation
"""

_REUSE_VECTORS: LiteralString = """
    WITH known AS (
        SELECT DISTINCT ON (p.id, k.generation) p.id, p.document_id, k.generation, k.dimensions, k.embedding
        FROM (
            SELECT passage_id, generation FROM passages_to_embed
            WHERE data_set_id = %(data_set)s AND EXISTS (SELECT FROM kept_vectors) FOR UPDATE SKIP LOCKED
        ) e JOIN passages p ON p.id = e.passage_id
        JOIN kept_vectors k ON k.generation = e.generation AND k.digest = md5(p.context || E'\\n' || p.text)
    ), done AS (
        INSERT INTO passage_vectors (passage_id, data_set_id, generation, dimensions, embedding)
        SELECT id, %(data_set)s, generation, dimensions, embedding FROM known RETURNING passage_id, generation
    ), totals AS (
        INSERT INTO document_vectors AS d (document_id, generation, total)
        SELECT document_id, generation, sum(embedding::vector) FROM known GROUP BY 1, 2 ORDER BY 1, 2
        ON CONFLICT (document_id, generation) DO UPDATE SET total = d.total + EXCLUDED.total
    ) DELETE FROM passages_to_embed e USING done WHERE e.passage_id = done.passage_id AND e.generation = done.generation
"""

_RECOUNT_TERMS: LiteralString = """
    WITH counted AS (
        SELECT term, count(*) AS passages FROM passages p, unnest(p.terms) term
        WHERE p.data_set_id = %(data_set)s GROUP BY term
    ) UPDATE terms t SET passages = counted.passages
    FROM counted WHERE t.id = counted.term AND t.passages <> counted.passages
"""

_DROP_TERMS: LiteralString = """
    DELETE FROM terms t USING (
        SELECT id FROM terms WHERE data_set_id = %(data_set)s
        EXCEPT SELECT unnest(terms) FROM passages WHERE data_set_id = %(data_set)s
    ) unused WHERE t.id = unused.id
"""

_RECOUNT_DATA_SET: LiteralString = """
    UPDATE data_sets d SET updated_at = now(), passage_count = counted.passages, passage_length = counted.length
    FROM (
        SELECT count(*) AS passages, coalesce(sum(length), 0) AS length FROM passages WHERE data_set_id = %(data_set)s
    ) counted WHERE d.id = %(data_set)s
"""


# Where others are kept, only what changes is counted: one document must not cost a look at all passages.
_COUNT_LEAVING: tuple[LiteralString, ...] = (
    """
    INSERT INTO term_changes
    SELECT term, -count(*) FROM documents t JOIN passages p ON p.document_id = t.id, unnest(p.terms) term
    WHERE t.data_set_id = %(data_set)s AND t.source_id IS NULL GROUP BY term
    """,
    """
    INSERT INTO passage_changes
    SELECT -count(*), -coalesce(sum(p.length), 0) FROM documents t JOIN passages p ON p.document_id = t.id
    WHERE t.data_set_id = %(data_set)s AND t.source_id IS NULL
    """,
)
_COUNT_COMING: tuple[LiteralString, ...] = (
    """
    INSERT INTO term_changes
    SELECT t.id, count(*) FROM incoming_terms n JOIN terms t ON t.data_set_id = %(data_set)s AND t.lexeme = n.lexeme
    GROUP BY t.id
    """,
    """
    INSERT INTO passage_changes
    SELECT (SELECT count(*) FROM incoming), (SELECT coalesce(sum(frequency), 0) FROM incoming_terms)
    """,
)
_APPLY_CHANGES: tuple[LiteralString, ...] = (
    """
    UPDATE terms t SET passages = t.passages + changed.passages
    FROM (SELECT term, sum(passages) AS passages FROM term_changes GROUP BY term) changed
    WHERE t.id = changed.term AND changed.passages <> 0
    """,
    "DELETE FROM terms t USING (SELECT DISTINCT term FROM term_changes) c WHERE t.id = c.term AND t.passages <= 0",
    """
    UPDATE data_sets d SET updated_at = now(), passage_count = d.passage_count + changed.passages,
        passage_length = d.passage_length + changed.length
    FROM (SELECT coalesce(sum(passages), 0) AS passages, coalesce(sum(length), 0) AS length FROM passage_changes) changed
    WHERE d.id = %(data_set)s
    """,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cleared:
    """How many sources are to be read again, and how many are gone."""

    changed: int
    removed: int


class Import:
    """One import into one data set, on a connection in a transaction."""

    def __init__(self, connection: Connection, data_set_id: int, *, keeps_others: bool = False) -> None:
        """`keeps_others` is whether sources that are not compared stay; they go otherwise."""
        self._connection = connection
        self._data_set_id = data_set_id
        self._keeps_others = keeps_others
        self._values: dict[str, object] = {"data_set": data_set_id, "keeps_others": keeps_others}
        self._generations: Generations | None = None

    async def begin(self) -> None:
        """Wait until no other import of this data set runs, and lay out the working tables."""
        await lock_data_set(self._connection, self._data_set_id)
        self._generations = await generations(self._connection, self._data_set_id)
        self._values["generations"] = self._generations.numbers
        await self._connection.execute(_WORKING_TABLES, prepare=False)

    async def compare(self, fingerprints: Sequence[tuple[str, str]]) -> set[str]:
        """Note that these sources, given as address and content hash, are there now.

        Returns:
            The addresses of those that are new or changed.
        """
        async with self._connection.cursor() as cursor:
            async with cursor.copy("COPY imported FROM STDIN") as copy:
                for fingerprint in fingerprints:
                    await copy.write_row(fingerprint)
            await cursor.execute(
                "SELECT address, content_hash FROM sources WHERE data_set_id = %s AND address = ANY(%s)",
                (self._data_set_id, [address for address, _ in fingerprints]),
            )
            known = {str(row[0]): str(row[1]) for row in await cursor.fetchall()}
        return {address for address, content_hash in fingerprints if known.get(address) != content_hash}

    async def clear(self) -> Cleared:
        """Forget the sources that are gone or changed, and the passages of their documents."""
        await self._connection.execute("ANALYZE imported")
        cursor = await self._connection.execute(_FORGET_SOURCES, self._values)
        row = await cursor.fetchone() or (0, 0)
        await self._forget_passages()
        return Cleared(changed=int(row[0]), removed=int(row[1]))

    async def remove(self, addresses: Sequence[str]) -> set[str]:
        """Forget the documents with these addresses and their passages, in place of `compare` to `write`.

        Returns:
            The addresses of those that there were.
        """
        cursor = await self._connection.execute(_ORPHAN_DOCUMENTS, {**self._values, "addresses": list(addresses)})
        removed = {str(row[0]) for row in await cursor.fetchall()}
        await self._connection.execute(_FORGET_EMPTY_SOURCES, self._values)
        await self._forget_passages()
        return removed

    async def write(self, sources: Sequence[SourceDraft]) -> list[Failure]:
        """Store sources that were read, with all that they hold.

        Returns:
            The documents that were left out, because another source of this import holds one of the same address.
        """
        left_out: list[Failure] = []
        stored: list[tuple[int, DocumentDraft]] = []
        for source in sources:
            source_id = await self._write_source(source)
            for document in source.documents:
                document_id = await self._write_document(source_id, document)
                if document_id is None:
                    left_out.append(Failure(address=document.address, why=_twice(source, document)))
                else:
                    stored.append((document_id, document))
        await self._write_passages(stored)
        return left_out

    async def finish(self) -> int:
        """Remove the documents that no source holds any more, and bring the statistics up to date.

        Returns:
            The number of passages that wait for their vectors.
        """
        await self._connection.execute(
            "DELETE FROM documents WHERE data_set_id = %(data_set)s AND source_id IS NULL", self._values
        )
        counting = _APPLY_CHANGES if self._keeps_others else (_DROP_TERMS, _RECOUNT_TERMS, _RECOUNT_DATA_SET)
        for statement in (_REUSE_VECTORS, *counting):
            await self._connection.execute(statement, self._values)
        return await self._have_embedded()

    async def remembered_failures(self) -> list[Failure]:
        """What could not be read in sources that did not change and so were not read again."""
        cursor = await self._connection.execute(
            """
            SELECT pair ->> 0, pair ->> 1 FROM sources s, jsonb_array_elements(s.unreadable) pair
            WHERE s.data_set_id = %(data_set)s
              AND (NOT %(keeps_others)s OR EXISTS (SELECT 1 FROM imported i WHERE i.address = s.address)) ORDER BY 1
            """,
            self._values,
        )
        return [Failure(address=str(row[0]), why=str(row[1])) for row in await cursor.fetchall()]

    async def _forget_passages(self) -> None:
        """Take the passages from the documents that have no source now; vectors are kept aside for those that come back."""
        # Passages come first: whoever embeds one of them at this moment is waited for, and adds to its document's vector.
        leaving = _COUNT_LEAVING if self._keeps_others else ()
        for statement in (_KEEP_VECTORS, *leaving, _DELETE_PASSAGES, _DELETE_DOCUMENT_VECTORS):
            await self._connection.execute(statement, self._values)

    async def _write_source(self, source: SourceDraft) -> int:
        pairs = [(failure.address, failure.why) for failure in source.failures]
        cursor = await self._connection.execute(
            # Whose it is: of the run that goes on. One at a time does for a data set.
            "INSERT INTO sources (data_set_id, address, content_hash, unreadable, account_id)"
            " VALUES (%(data_set)s, %(address)s, %(hash)s, %(unreadable)s::jsonb, (SELECT account_id FROM syncs"
            " WHERE data_set_id = %(data_set)s AND state = 'running' ORDER BY started_at DESC LIMIT 1)) RETURNING id",
            {
                "data_set": self._data_set_id,
                "address": source.address,
                "hash": source.content_hash,
                "unreadable": msgspec.json.encode(pairs).decode(),
            },
        )
        (row,) = await cursor.fetchall()
        return int(row[0])

    async def _write_document(self, source_id: int, document: DocumentDraft) -> int | None:
        product = document.product
        cursor = await self._connection.execute(
            _UPSERT_DOCUMENT,
            {
                **self._values,
                "public_id": new_id(),
                "source": source_id,
                "kind": "document" if product is None else "product",
                "address": document.address,
                "title": document.title,
                "text": document.text,
            },
        )
        row = await cursor.fetchone()
        if row is None:
            return None
        if product is None:
            await self._connection.execute("DELETE FROM products WHERE document_id = %s", (row[0],))
        else:
            fields = {name: getattr(product, name) for name in product.__slots__}
            await self._connection.execute(_UPSERT_PRODUCT, {**self._values, **fields, "document": row[0]})
        return int(row[0])

    async def _write_passages(self, documents: Sequence[tuple[int, DocumentDraft]]) -> None:
        number = 0
        async with self._connection.cursor() as cursor:
            await cursor.execute("TRUNCATE incoming, incoming_terms")
            async with cursor.copy("COPY incoming FROM STDIN") as copy:
                for document_id, document in documents:
                    for passage in document.passages:
                        number += 1
                        body = document.text[passage.start : passage.end]
                        offsets = (number, document_id, passage.start, passage.end)
                        await copy.write_row((*offsets, passage.context, body, passage.words, passage.context_words))
            if number:
                await cursor.execute("ANALYZE incoming")
                await cursor.execute(_COUNT_TERMS, {"weight": CONTEXT_WEIGHT})
                await cursor.execute("ANALYZE incoming_terms")
                await cursor.execute(_ADD_TERMS, self._values)
                await cursor.execute(_ADD_PASSAGES, self._values)
                for statement in _COUNT_COMING if self._keeps_others else ():
                    await cursor.execute(statement, self._values)

    async def _have_embedded(self) -> int:
        """Have missing vectors made, by all models at work; returns how many the one that serves lacks."""
        assert self._generations is not None, "begin() comes first"
        cursor = await self._connection.execute(
            "SELECT count(*) FILTER (WHERE generation = %(present)s) FROM passages_to_embed"
            " WHERE data_set_id = %(data_set)s HAVING count(*) > 0",
            {"data_set": self._data_set_id, "present": self._generations.present},
        )
        row = await cursor.fetchone()
        if row is not None or self._generations.coming is not None:
            await defer_embedding(self._connection, self._data_set_id)
        return 0 if row is None else int(row[0])


def _twice(source: SourceDraft, document: DocumentDraft) -> str:
    return (
        f"Another source holds {document.address!r} already, so the one in {source.address!r} was left out; "
        "remove or rename one of them."
    )
