"""Passages as search reads them."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import LiteralString

from psycopg import errors, sql
from psycopg.rows import class_row

from turnkeeper.core.data_sets import Passage
from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.core.errors import TransientError
from turnkeeper.core.ranking import Hit, PassageFilter, Statistics, TermCount, TermScore, WordQuery
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.embeddings import as_text, present_index

INDEXED_DIMENSIONS = frozenset({256, 384, 512, 768, 1024, 1536, 2560, 3072})
"""Sizes of vectors that the database has an index for; see the migration `0010_embedding_models`."""
EXACT_UP_TO = 10_000
"""Passages of a data set that are compared one by one: 10 ms, and no neighbour is missed, as by the index may happen."""

_SCORED = sql.SQL("""
    SELECT passage_id, document_id, {score} AS score FROM (
        SELECT p.id AS passage_id, p.document_id, p.length, {frequencies} FROM passages p WHERE {condition} OFFSET 0
    ) f
""")
_SCORED_BY_TERM = sql.SQL("""
    SELECT passage_id, ARRAY[{names}], ARRAY[{scores}] FROM (
        SELECT p.id AS passage_id, p.length, {frequencies} FROM passages p WHERE p.id = ANY(%(ids)s) OFFSET 0
    ) f
""")
"""OFFSET 0 keeps the frequencies from being looked up twice."""
_FREQUENCY = sql.SQL("p.frequencies[array_position(p.terms, (%(terms)s::integer[])[{number}])]::float8 AS {name}")
_TERM_SCORE = sql.SQL(
    "coalesce((%(weights)s::float8[])[{number}] * {name} / ({name} + %(floor)s::float8 + %(slope)s::float8 * f.length), 0)"
)

_BY_MEANING = sql.SQL("""
    SELECT n.passage_id, p.document_id, n.score FROM ({ordered}) n
    JOIN passages p ON p.id = n.passage_id ORDER BY n.score DESC, n.passage_id
""")
# What is added keeps the expression from being an index's: all are compared.
_COMPARED = sql.SQL("""
    SELECT v.passage_id, 1 - (v.embedding <=> %(vector)s::halfvec) AS score FROM passage_vectors v
    WHERE v.data_set_id = %(data_set)s AND v.generation = %(generation)s {only}
    ORDER BY (v.embedding <=> %(vector)s::halfvec) + 0 LIMIT %(limit)s
""")
_NEAREST = sql.SQL("""
    SELECT v.passage_id, 1 - (v.embedding <=> %(vector)s::halfvec) AS score FROM passage_vectors v
    WHERE v.data_set_id = %(data_set)s AND v.generation = %(generation)s AND v.dimensions = {dimensions} {only}
    ORDER BY v.embedding::halfvec({dimensions}) <=> %(vector)s::halfvec({dimensions}) LIMIT %(limit)s
""")
_ALL = sql.SQL("")
_LETS_THROUGH = """
    (%(only_kind)s::text IS NULL OR t.kind = %(only_kind)s)
    AND (%(only_prefix)s::text IS NULL OR starts_with(t.address, %(only_prefix)s))
    AND (%(only_documents)s::uuid[] IS NULL OR t.public_id = ANY(%(only_documents)s::uuid[]))
"""
_ONLY_PASSAGES = sql.SQL(f" AND EXISTS (SELECT 1 FROM documents t WHERE t.id = p.document_id AND {_LETS_THROUGH})")
_ONLY_VECTORS = sql.SQL(
    f"""
    AND EXISTS (SELECT 1 FROM passages a JOIN documents t ON t.id = a.document_id
                WHERE a.id = v.passage_id AND {_LETS_THROUGH})
    """
)


class PassageReader:
    """One data set as it was at one moment, for the statements of one search; a filter lets only some passages through."""

    def __init__(
        self, connection: Connection, data_set_id: int, *, exact_up_to: int, only: PassageFilter | None = None
    ) -> None:
        self._connection = connection
        self._data_set_id = data_set_id
        self._exact_up_to = exact_up_to
        self._only = only

    async def statistics(self, words: str) -> Statistics:
        """What is known of the words' terms; stop words and words that occur nowhere are left out."""
        cursor = await self._connection.execute(
            """
            SELECT d.passage_count, d.passage_length, t.id, t.passages, d.organization_id, d.generation,
                   d.embedding_model, d.embedding_dimensions
            FROM data_sets d LEFT JOIN (
                SELECT terms.id, terms.data_set_id, terms.passages
                FROM (SELECT DISTINCT lexeme FROM unnest(to_tsvector('english', %(words)s))) asked JOIN terms USING (lexeme)
                WHERE terms.data_set_id = %(data_set)s AND terms.passages > 0
            ) t ON t.data_set_id = d.id
            WHERE d.id = %(data_set)s ORDER BY t.passages, t.id
            """,
            {"words": words, "data_set": self._data_set_id},
        )
        rows = await cursor.fetchall()
        passages, length = (int(rows[0][0]), int(rows[0][1])) if rows else (0, 0)
        terms = tuple(TermCount(term=row[2], passages=row[3]) for row in rows if row[2] is not None)
        index = None
        if rows:
            organization_id, generation, model, dimensions = rows[0][4:]
            index = VectorIndex(
                organization_id=organization_id,
                data_set_id=self._data_set_id,
                generation=generation,
                model=model,
                dimensions=dimensions,
            )
        return Statistics(
            passages=passages, mean_length=length / passages if passages else 0.0, terms=terms, index=index
        )

    async def best_by_words(self, query: WordQuery, limit: int) -> list[Hit]:
        """The passages that score highest by BM25, best first."""
        condition = sql.SQL(
            "p.data_set_id + 0 = %(data_set)s AND (p.terms && %(any_of)s::integer[] OR p.terms @> %(all_of)s::integer[])"
            if query.all_of
            else "p.data_set_id + 0 = %(data_set)s AND p.terms && %(any_of)s::integer[]"
        )
        return await self._hits(
            _scored(query, condition if self._only is None else condition + _ONLY_PASSAGES)
            + sql.SQL("ORDER BY score DESC, passage_id LIMIT %(limit)s"),
            {**_word_values(query), **self._only_values(), "data_set": self._data_set_id, "limit": limit},
        )

    async def word_scores(self, query: WordQuery, passage_ids: Sequence[int]) -> list[Hit]:
        """The scores by BM25 of given passages."""
        return await self._hits(
            _scored(query, sql.SQL("p.id = ANY(%(ids)s)")), {**_word_values(query), "ids": list(passage_ids)}
        )

    async def best_by_meaning(
        self, vector: Sequence[float], index: VectorIndex, passages: int, limit: int
    ) -> list[Hit]:
        """The passages nearest to the vector by cosine, best first. `passages` is the size of the data set."""
        is_exact = passages <= self._exact_up_to or index.dimensions not in INDEXED_DIMENSIONS
        only = _ALL if self._only is None else _ONLY_VECTORS
        dimensions = sql.Literal(index.dimensions)
        ordered = _COMPARED.format(only=only) if is_exact else _NEAREST.format(only=only, dimensions=dimensions)
        return await self._hits(
            _BY_MEANING.format(ordered=ordered),
            {
                **self._only_values(),
                "vector": as_text(vector),
                "data_set": self._data_set_id,
                "generation": index.generation,
                "limit": limit,
            },
        )

    async def meaning_scores(
        self, vector: Sequence[float], index: VectorIndex, passage_ids: Sequence[int]
    ) -> list[Hit]:
        """The cosines of given passages; those without a vector are left out."""
        return await self._hits(
            """
            SELECT v.passage_id, p.document_id, 1 - (v.embedding <=> %(vector)s::halfvec) AS score
            FROM passage_vectors v JOIN passages p ON p.id = v.passage_id
            WHERE v.passage_id = ANY(%(ids)s) AND v.generation = %(generation)s
            """,
            {"vector": as_text(vector), "ids": list(passage_ids), "generation": index.generation},
        )

    async def document_scores(
        self, vector: Sequence[float], index: VectorIndex, document_ids: Sequence[int]
    ) -> dict[int, float]:
        """The cosines of given documents, each seen as the mean of its passages; those without vectors are left out."""
        cursor = await self._connection.execute(
            """
            SELECT document_id, 1 - (total <=> %s::vector) FROM document_vectors
            WHERE document_id = ANY(%s) AND generation = %s
            """,
            (as_text(vector), list(document_ids), index.generation),
        )
        return {int(row[0]): float(row[1]) for row in await cursor.fetchall()}

    async def term_scores(self, query: WordQuery, passage_ids: Sequence[int]) -> dict[int, tuple[TermScore, ...]]:
        """What each word of the question adds to the scores by BM25 of given passages, the rarest word first."""
        cursor = await self._connection.execute(
            "SELECT id, lexeme, passages FROM terms WHERE id = ANY(%s)", (list(query.terms),)
        )
        known = {int(row[0]): (str(row[1]), int(row[2])) for row in await cursor.fetchall()}
        values = {**_word_values(query), "ids": list(passage_ids)}
        cursor = await self._connection.execute(_scored_by_term(query), values)
        return {
            int(row[0]): tuple(
                TermScore(
                    word=known[term][0],
                    holding=known[term][1],
                    weight=weight,
                    frequency=int(frequency or 0),
                    score=float(score),
                )
                for term, weight, frequency, score in zip(query.terms, query.weights, row[1], row[2], strict=True)
            )
            for row in await cursor.fetchall()
        }

    async def load(self, ranked: Sequence[Hit]) -> list[Passage]:
        """The passages of a ranking, in its order and with its scores."""
        async with self._connection.cursor(row_factory=class_row(Passage)) as cursor:
            await cursor.execute(
                """
                SELECT p.id, p.document_id, t.title, t.address, p.start_offset AS start, p.end_offset AS "end", p.text,
                       r.score, t.version AS document_version
                FROM unnest(%s::bigint[], %s::float8[]) WITH ORDINALITY AS r (id, score, place)
                JOIN passages p ON p.id = r.id JOIN documents t ON t.id = p.document_id ORDER BY r.place
                """,
                ([hit.passage_id for hit in ranked], [hit.score for hit in ranked]),
            )
            return await cursor.fetchall()

    def _only_values(self) -> dict[str, object]:
        only = self._only
        if only is None:
            return {}
        documents = None if only.documents is None else list(only.documents)
        return {"only_kind": only.kind, "only_prefix": only.address_prefix, "only_documents": documents}

    async def _hits(self, query: LiteralString | sql.Composed, values: dict[str, object]) -> list[Hit]:
        async with self._connection.cursor(row_factory=class_row(Hit)) as cursor:
            await cursor.execute(query, values)
            return await cursor.fetchall()


class PassageIndex:
    """All data sets, as search opens them. Who may see a data set is settled before."""

    def __init__(self, database: Database, *, deadline_seconds: float = 5.0, exact_up_to: int = EXACT_UP_TO) -> None:
        self._database = database
        self._exact_up_to = exact_up_to
        self._deadline_ms = max(1, round(deadline_seconds * 1000))

    async def present(self, data_set_id: int) -> VectorIndex | None:
        """The vectors that serve now; None when there is no such data set."""
        async with self._database.connection() as connection:
            return await present_index(connection, data_set_id=data_set_id)

    @asynccontextmanager
    async def reading(self, data_set_id: int, only: PassageFilter | None = None) -> AsyncGenerator[PassageReader]:
        """A view of the data set that no import changes while it is used.

        Raises:
            TransientError: a statement took longer than the deadline.
        """
        try:
            async with self._database.transaction() as connection:
                await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                await connection.execute(
                    """
                    SELECT set_config('statement_timeout', %s, true), set_config('hnsw.ef_search', '100', true),
                           set_config('hnsw.iterative_scan', 'relaxed_order', true)
                    """,
                    (str(self._deadline_ms),),
                )
                yield PassageReader(connection, data_set_id, exact_up_to=self._exact_up_to, only=only)
        except TransientError as error:
            if isinstance(error.__cause__, errors.QueryCanceled):
                message = "The search took too long and was stopped; try again, or ask with fewer words."
                raise TransientError("search", message) from error
            raise


def _scored(query: WordQuery, condition: sql.Composable) -> sql.Composed:
    """The statement that scores the passages of a condition: one expression a term, three times as fast as a join."""
    frequencies, scores, _ = _by_term(query)
    return _SCORED.format(
        score=sql.SQL(" + ").join(scores), frequencies=sql.SQL(", ").join(frequencies), condition=condition
    )


def _scored_by_term(query: WordQuery) -> sql.Composed:
    """The statement that tells the frequencies and scores of each term in given passages."""
    frequencies, scores, names = _by_term(query)
    join = sql.SQL(", ").join
    return _SCORED_BY_TERM.format(names=join(names), scores=join(scores), frequencies=join(frequencies))


def _by_term(query: WordQuery) -> tuple[list[sql.Composed], list[sql.Composed], list[sql.Identifier]]:
    """For each term how often it occurs, what that adds to the score, and the name of the former."""
    frequencies: list[sql.Composed] = []
    scores: list[sql.Composed] = []
    names = [sql.Identifier(f"n{number}") for number in range(1, len(query.terms) + 1)]
    for number, name in enumerate(names, 1):
        frequencies.append(_FREQUENCY.format(number=sql.Literal(number), name=name))
        scores.append(_TERM_SCORE.format(number=sql.Literal(number), name=name))
    return frequencies, scores, names


def _word_values(query: WordQuery) -> dict[str, object]:
    return {
        "terms": list(query.terms),
        "weights": list(query.weights),
        "floor": query.floor,
        "slope": query.slope,
        "any_of": list(query.any_of),
        "all_of": list(query.all_of),
    }
