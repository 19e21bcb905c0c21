"""Products by their fields: filters, words, order and pages, all as parameters of one statement."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import LiteralString

from psycopg.errors import QueryCanceled
from psycopg.rows import TupleRow

from turnkeeper.core.data_sets import Passage, Product
from turnkeeper.core.errors import TransientError
from turnkeeper.core.products import FoundProduct, ProductOrder, ProductPage, ProductQuery, ProductVocabulary
from turnkeeper.store.database import Connection, Database

_DEADLINE_MS = "5000"
_VOCABULARY = 40

_ORDERS: dict[ProductOrder, LiteralString] = {
    "relevance": "named DESC, weight DESC, id",
    "price": "price ASC NULLS LAST, id",
    "-price": "price DESC NULLS LAST, id",
    "name": "lower(name), id",
    "-name": "lower(name) DESC, id",
}

# A line of properties is `name: value`; a number in a value may have commas between its thousands, and a value may be
# several, with commas between them. Of a number that no float8 holds, the beginning counts.
_LINES: LiteralString = r"""
    regexp_split_to_table(p.properties, '\n') line CROSS JOIN LATERAL (
        SELECT lower(btrim(split_part(line, ':', 1))) AS name, lower(btrim(substr(line, strpos(line, ':') + 1))) AS value
    ) one CROSS JOIN LATERAL (
        SELECT substring(
            regexp_replace(one.value, '(\d),(?=\d{3})', '\1', 'g') from '-?\d{1,250}(?:\.\d{1,250})?')::float8 AS number
    ) counted
"""

_FITTING: LiteralString = rf"""
    SELECT p.* FROM products p WHERE p.data_set_id = %(data_set)s
      AND (%(category)s::text IS NULL OR strpos(lower(p.categories), lower(%(category)s::text)) > 0)
      AND (%(price_min)s::float8 IS NULL OR p.price >= %(price_min)s::float8)
      AND (%(price_max)s::float8 IS NULL OR p.price <= %(price_max)s::float8)
      AND NOT EXISTS (
          SELECT 1 FROM unnest(%(names)s::text[], %(comparisons)s::text[], %(texts)s::text[], %(numbers)s::float8[])
              AS asked (name, comparison, text, number)
          WHERE NOT EXISTS (
              SELECT 1 FROM {_LINES} WHERE one.name = lower(btrim(asked.name)) AND CASE asked.comparison
                  WHEN 'is' THEN lower(btrim(asked.text)) = one.value
                      OR lower(btrim(asked.text)) = ANY (regexp_split_to_array(one.value, '\s*,\s+'))
                  WHEN 'contains' THEN strpos(one.value, lower(asked.text)) > 0
                  WHEN 'at_least' THEN counted.number >= asked.number
                  ELSE counted.number <= asked.number END))
"""

_SEARCH: LiteralString = """
    WITH words AS MATERIALIZED (
        SELECT w.lexeme FROM unnest(to_tsvector('english', %(words)s)) w
    ), wanted AS MATERIALIZED (
        SELECT t.id, t.passages FROM words JOIN terms t ON t.data_set_id = %(data_set)s AND t.lexeme = words.lexeme
    ), matched AS MATERIALIZED (
        SELECT document_id, count(*) AS hits, sum(weight) AS weight FROM (
            SELECT DISTINCT a.document_id, w.id, 1.0 / greatest(w.passages, 1) AS weight
            FROM wanted w JOIN passages a ON a.data_set_id = %(data_set)s AND a.terms @> ARRAY[w.id]
        ) each_word GROUP BY 1
    ), scored AS (
        SELECT p.*, coalesce(m.hits, 0) AS hits, coalesce(m.weight, 0) AS weight,
               %(phrase)s <> '' AND (lower(p.sku) = %(phrase)s OR lower(p.entry_id) = %(phrase)s
                   OR strpos(lower(p.name), %(phrase)s) > 0) AS named
        FROM ({fitting}) p LEFT JOIN matched m ON m.document_id = p.document_id
    ), best AS (
        SELECT coalesce(max(hits), 0) AS hits, (SELECT count(*) FROM words) AS words FROM scored
    ), found AS (
        SELECT s.*, count(*) OVER () AS total FROM scored s, best
        WHERE %(phrase)s = '' OR s.named OR (best.hits > 0 AND s.hits = best.hits)
        ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s
    ), numbered AS (
        SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM found
    )
    SELECT n.id, n.data_set_id, n.entry_id, n.name, n.slug, n.sku, n.description, n.properties, n.categories, n.price,
           n.total, best.words, best.hits,
           a.id, t.id, t.title, t.address, a.start_offset, a.end_offset, a.text
    FROM numbered n CROSS JOIN best JOIN documents t ON t.id = n.document_id LEFT JOIN LATERAL (
        SELECT * FROM passages a WHERE a.document_id = n.document_id ORDER BY a.start_offset LIMIT 1
    ) a ON true ORDER BY n.place
"""

_COUNT: LiteralString = "SELECT count(*) FROM ({fitting}) p"

_CATEGORIES: LiteralString = r"""
    SELECT btrim(category) FROM products p, regexp_split_to_table(p.categories, ',\s+|\n') category
    WHERE p.data_set_id = %s AND btrim(category) <> '' GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s
"""

_PROPERTIES: LiteralString = r"""
    SELECT btrim(split_part(line, ':', 1)) FROM products p, regexp_split_to_table(p.properties, '\n') line
    WHERE p.data_set_id = %s AND strpos(line, ':') > 1 GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT %s
"""


class ProductIndex:
    """The products of all data sets. Who may see a data set is settled before."""

    def __init__(self, database: Database, take_apart: Callable[[str], str]) -> None:
        """`take_apart` makes words of text in the way in which the texts of the products were indexed."""
        self._database = database
        self._take_apart = take_apart

    async def find(self, data_set_id: int, query: ProductQuery) -> ProductPage:
        """A page of the products that every filter fits, in the order asked for.

        With a text those that hold most of its words fit, and those whose name, SKU or id it is. `total` is 0 on a page
        beyond the last.

        Raises:
            TransientError: it took too long, or the database is away.
        """
        async with self._reading() as connection:
            cursor = await connection.execute(
                _SEARCH.format(fitting=_FITTING, order=_ORDERS[query.order]), self._values(data_set_id, query)
            )
            rows = await cursor.fetchall()
        if not rows:
            return ProductPage(products=(), total=0)
        return ProductPage(
            products=tuple(_found(row) for row in rows),
            total=int(rows[0][10]),
            words=int(rows[0][11]),
            matched_words=int(rows[0][12]),
        )

    async def vocabulary(self, data_set_id: int) -> ProductVocabulary:
        """By what products of the data set can be filtered.

        Raises:
            TransientError: it took too long, or the database is away.
        """
        async with self._reading() as connection:
            categories = await connection.execute(_CATEGORIES, (data_set_id, _VOCABULARY))
            properties = await connection.execute(_PROPERTIES, (data_set_id, _VOCABULARY))
            return ProductVocabulary(
                categories=tuple(str(row[0]) for row in await categories.fetchall()),
                properties=tuple(str(row[0]) for row in await properties.fetchall()),
            )

    def _values(self, data_set_id: int, query: ProductQuery) -> dict[str, object]:
        return {
            "data_set": data_set_id,
            "words": self._take_apart(query.text),
            "phrase": " ".join(query.text.lower().split()),
            "category": query.category,
            "price_min": query.price_min,
            "price_max": query.price_max,
            "names": [each.name for each in query.properties],
            "comparisons": [each.comparison for each in query.properties],
            "texts": [each.text for each in query.properties],
            "numbers": [each.number for each in query.properties],
            "limit": query.limit,
            "offset": query.offset,
        }

    @asynccontextmanager
    async def _reading(self) -> AsyncGenerator[Connection]:
        try:
            async with self._database.transaction() as connection:
                await connection.execute("SELECT set_config('statement_timeout', %s, true)", (_DEADLINE_MS,))
                yield connection
        except TransientError as error:
            if isinstance(error.__cause__, QueryCanceled):
                message = "The search for products took too long and was stopped; ask with more filters."
                raise TransientError("product search", message) from error
            raise


def _found(row: TupleRow) -> FoundProduct:
    product = Product(
        id=row[0],
        data_set_id=row[1],
        entry_id=row[2],
        name=row[3],
        slug=row[4],
        sku=row[5],
        description=row[6],
        properties=row[7],
        categories=row[8],
        price=row[9],
    )
    if row[13] is None:
        return FoundProduct(product=product, passage=None)
    passage = Passage(
        id=row[13],
        document_id=row[14],
        title=row[15],
        address=row[16],
        start=row[17],
        end=row[18],
        text=row[19],
        score=0.0,
    )
    return FoundProduct(product=product, passage=passage)
