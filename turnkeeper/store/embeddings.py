"""The vectors of data sets: which generation serves, which is being made, and changing over from one to the other.

A generation is all vectors of a data set by one model. While the next one is made the present one serves; one statement
changes over, and what is left of earlier ones is removed afterwards. Every step may be cut off and is taken up again.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import LiteralString

from psycopg.rows import class_row

from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.notices import TASKS, tell_at_commit

LOCK_CLASS = 0x7461
"""The first of the two numbers of our advisory locks on data sets: for imports, and for changes of the model."""

_VECTORS_A_PURGE = 5_000

_PRESENT: LiteralString = """
    SELECT organization_id, id AS data_set_id, generation, embedding_model AS model, embedding_dimensions AS dimensions
    FROM data_sets WHERE id = %(data_set)s
"""

_NEXT: LiteralString = """
    SELECT organization_id, id AS data_set_id, next_generation AS generation, next_embedding_model AS model,
           next_dimensions AS dimensions
    FROM data_sets WHERE id = %(data_set)s AND next_generation IS NOT NULL
"""

_SAVE: LiteralString = """
    WITH taken AS (
        DELETE FROM passages_to_embed WHERE generation = %(generation)s AND passage_id = ANY(%(ids)s)
    ), made AS (
        SELECT id, made::halfvec AS embedding FROM unnest(%(ids)s::bigint[], %(vectors)s::text[]) v (id, made)
    ), stored AS (
        INSERT INTO passage_vectors (passage_id, data_set_id, generation, dimensions, embedding)
        SELECT id, %(data_set)s, %(generation)s, %(dimensions)s, embedding FROM made
    )
    INSERT INTO document_vectors AS d (document_id, generation, total)
    SELECT p.document_id, %(generation)s, sum(made.embedding::vector) FROM made JOIN passages p USING (id)
    GROUP BY p.document_id ORDER BY p.document_id -- in this order, so that two who save cannot deadlock
    ON CONFLICT (document_id, generation) DO UPDATE SET total = d.total + EXCLUDED.total
"""

_CHANGE_OVER: LiteralString = """
    UPDATE data_sets d
    SET embedding_model = next_embedding_model, embedding_dimensions = next_dimensions, generation = next_generation,
        next_embedding_model = NULL, next_dimensions = NULL, next_generation = NULL, updated_at = now()
    WHERE id = %(data_set)s AND next_generation IS NOT NULL AND NOT EXISTS (
        SELECT FROM passages_to_embed e WHERE e.data_set_id = d.id AND e.generation = d.next_generation)
"""

_GIVE_UP_CHANGE: LiteralString = """
    UPDATE data_sets SET next_embedding_model = NULL, next_dimensions = NULL, next_generation = NULL,
        embedding_trouble = NULL
    WHERE id = %(data_set)s
"""

_BEGIN_CHANGE: LiteralString = """
    UPDATE data_sets SET next_embedding_model = %(model)s, next_dimensions = %(dimensions)s,
        next_generation = last_generation + 1, last_generation = last_generation + 1, embedding_trouble = NULL
    WHERE id = %(data_set)s
"""

_ALL_PASSAGES: LiteralString = """
    INSERT INTO passages_to_embed (passage_id, data_set_id, generation)
    SELECT p.id, p.data_set_id, d.next_generation FROM passages p JOIN data_sets d ON d.id = p.data_set_id
    WHERE p.data_set_id = %(data_set)s
"""

# Two conditions instead of “another than those two”, so that an index finds the few, and mostly none.
_IS_STALE: LiteralString = """
    (v.generation < d.generation OR v.generation > d.generation AND v.generation <> coalesce(d.next_generation, 0))
"""

_PURGE: tuple[LiteralString, ...] = (
    # Who is making vectors that nobody wants any more is waited for here, so that nothing comes after the purge.
    f"""
    DELETE FROM passages_to_embed v USING data_sets d
    WHERE d.id = %(data_set)s AND v.data_set_id = d.id AND {_IS_STALE}
    """,
    f"""
    DELETE FROM document_vectors v USING data_sets d, documents t
    WHERE d.id = %(data_set)s AND t.data_set_id = d.id AND v.document_id = t.id AND {_IS_STALE}
    """,
)
_PURGE_VECTORS: LiteralString = f"""
    DELETE FROM passage_vectors WHERE ctid = ANY(ARRAY(
        SELECT v.ctid FROM passage_vectors v JOIN data_sets d ON d.id = v.data_set_id
        WHERE d.id = %(data_set)s AND v.data_set_id = %(data_set)s AND {_IS_STALE} LIMIT %(limit)s))
"""


class UnembeddedPassages:
    """Some passages without vectors of one generation, held for this transaction; other processes take others."""

    def __init__(self, connection: Connection, index: VectorIndex, rows: Sequence[tuple[int, str]]) -> None:
        self._connection = connection
        self._index = index
        self._ids = [passage_id for passage_id, _ in rows]
        self.texts = [text for _, text in rows]

    async def save(self, vectors: Sequence[Sequence[float]]) -> None:
        """Store the vectors, in the order of `texts`."""
        written = await asyncio.to_thread(_as_texts, vectors)
        await self._connection.execute(
            _SAVE,
            {
                "ids": self._ids,
                "data_set": self._index.data_set_id,
                "generation": self._index.generation,
                "dimensions": self._index.dimensions,
                "vectors": written,
            },
        )


class VectorShelf:
    """Where vectors are filled in. Who may do that to a data set is settled before."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def indexes(self, data_set_id: int) -> list[VectorIndex]:
        """The generation that serves, then the one that is to take its place; none when the data set is gone."""
        async with self._database.connection() as connection:
            present = await present_index(connection, data_set_id=data_set_id)
            coming = await _index(connection, _NEXT, data_set_id)
        return [each for each in (present, coming) if each is not None]

    @asynccontextmanager
    async def take(self, index: VectorIndex, limit: int) -> AsyncGenerator[UnembeddedPassages]:
        """Hold up to `limit` passages without vectors that nobody else holds, oldest first, for one transaction.

        The passages themselves are locked too, so that an import which removes them waits and cannot deadlock with us.
        """
        async with self._database.transaction() as connection:
            cursor = await connection.execute(
                """
                SELECT p.id, p.context || E'\n' || p.text FROM passages_to_embed e JOIN passages p ON p.id = e.passage_id
                WHERE e.data_set_id = %s AND e.generation = %s ORDER BY e.passage_id LIMIT %s
                FOR UPDATE OF e SKIP LOCKED FOR KEY SHARE OF p SKIP LOCKED
                """,
                (index.data_set_id, index.generation, limit),
            )
            rows = [(int(row[0]), str(row[1])) for row in await cursor.fetchall()]
            yield UnembeddedPassages(connection, index, rows)

    async def unembedded(self, index: VectorIndex) -> int:
        """How many passages wait for their vector of this generation."""
        async with self._database.connection() as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM passages_to_embed WHERE data_set_id = %s AND generation = %s",
                (index.data_set_id, index.generation),
            )
            row = await cursor.fetchone() or (0,)
        return int(row[0])

    async def change_over(self, data_set_id: int) -> bool:
        """Let the next generation serve if all of it is there; whether it does from now on.

        Waits for an import that is under way, which adds passages to both.
        """
        async with self._database.transaction() as connection:
            if await _index(connection, _NEXT, data_set_id) is None:
                return False
            await lock_data_set(connection, data_set_id)
            cursor = await connection.execute(_CHANGE_OVER, {"data_set": data_set_id})
            return cursor.rowcount > 0

    async def purge(self, data_set_id: int) -> None:
        """Remove what is left of generations that neither serve nor will; a part at a time, so that nobody waits long."""
        async with self._database.connection() as connection:
            values: dict[str, object] = {"data_set": data_set_id, "limit": _VECTORS_A_PURGE}
            for statement in _PURGE:
                await connection.execute(statement, values)
            while (await connection.execute(_PURGE_VECTORS, values)).rowcount:
                continue

    async def note_trouble(self, data_set_id: int, trouble: str | None) -> None:
        """Remember why vectors could not be made, or that they could."""
        async with self._database.connection() as connection:
            await connection.execute(
                "UPDATE data_sets SET embedding_trouble = %(trouble)s"
                " WHERE id = %(data_set)s AND embedding_trouble IS DISTINCT FROM %(trouble)s",
                {"data_set": data_set_id, "trouble": trouble},
            )


@dataclass(frozen=True, kw_only=True, slots=True)
class Generations:
    """The generations that a data set has passages for, as long as its lock is held."""

    present: int
    coming: int | None

    @property
    def numbers(self) -> list[int]:
        """One or two."""
        return [self.present] if self.coming is None else [self.present, self.coming]


async def present_index(connection: Connection, *, data_set_id: int) -> VectorIndex | None:
    """The vectors that serve; None when there is no such data set."""
    return await _index(connection, _PRESENT, data_set_id)


async def generations(connection: Connection, data_set_id: int) -> Generations:
    """The generations of a data set whose lock is held; of one that is gone, the first."""
    found = await _index(connection, _PRESENT, data_set_id), await _index(connection, _NEXT, data_set_id)
    present, coming = (None if index is None else index.generation for index in found)
    return Generations(present=present or 1, coming=coming)


async def lock_data_set(connection: Connection, data_set_id: int) -> None:
    """Wait until nobody imports into the data set or changes its model, and keep others from it in this transaction."""
    await connection.execute("SELECT pg_advisory_xact_lock(%s, hashint8(%s))", (LOCK_CLASS, data_set_id))


async def try_lock_data_set(connection: Connection, data_set_id: int) -> bool:
    """As `lock_data_set`, but without waiting; False while somebody has it."""
    cursor = await connection.execute("SELECT pg_try_advisory_xact_lock(%s, hashint8(%s))", (LOCK_CLASS, data_set_id))
    row = await cursor.fetchone()
    return row is not None and bool(row[0])


async def begin_change(connection: Connection, *, data_set_id: int, model: str, dimensions: int) -> bool:
    """Have all passages embedded by this model, behind the vectors that serve; in a transaction.

    A change to another model that is under way is given up; naming the model that serves ends just that. Repeatable: the
    same model again goes on with what was begun.

    Returns:
        Whether there is a change under way now.
    """
    await lock_data_set(connection, data_set_id)
    present, coming = [await _index(connection, query, data_set_id) for query in (_PRESENT, _NEXT)]
    wanted = (model, dimensions)
    if coming is not None and (coming.model, coming.dimensions) == wanted:
        await defer_embedding(connection, data_set_id)
        return True
    is_back = present is not None and (present.model, present.dimensions) == wanted
    values: dict[str, object] = {"data_set": data_set_id, "model": model, "dimensions": dimensions}
    await connection.execute(_GIVE_UP_CHANGE if is_back else _BEGIN_CHANGE, values)
    if not is_back:
        await connection.execute(_ALL_PASSAGES, values)
    await defer_embedding(connection, data_set_id)
    return not is_back


async def defer_embedding(connection: Connection, data_set_id: int) -> None:
    """Have the workers fill in vectors once the transaction is committed."""
    await connection.execute(
        "SELECT defer_task('index', 'index:' || %(data_set)s, jsonb_build_object('data_set_id', %(data_set)s::bigint))",
        {"data_set": data_set_id},
    )
    await tell_at_commit(connection, TASKS, [""])


def as_text(vector: Sequence[float]) -> str:
    """A vector as the database reads it."""
    return f"[{','.join(format(value, '.5g') for value in vector)}]"


async def _index(connection: Connection, query: LiteralString, data_set_id: int) -> VectorIndex | None:
    async with connection.cursor(row_factory=class_row(VectorIndex)) as cursor:
        await cursor.execute(query, {"data_set": data_set_id})
        return await cursor.fetchone()


def _as_texts(vectors: Sequence[Sequence[float]]) -> list[str]:
    return [as_text(vector) for vector in vectors]
