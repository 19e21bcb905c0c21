"""One connection to PostgreSQL. A statement that it has prepared before takes a short way through the driver.

The driver's cursors can do far more than run one statement and hand its rows over, and that costs more than the statement
itself. Here the driver still parses, prepares, waits and converts; only the cursor between is left out.
"""

from collections.abc import Sequence

import psycopg
from psycopg import abc, adapt, errors, generators
from psycopg._queries import PostgresQuery  # pyright: ignore[reportPrivateUsage] - the driver's own parsing and cache
from psycopg.abc import Params, PQGen, QueryNoTemplate
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

_PREPARED = "YES"


class Rows:
    """What a statement returned, all of it, to be fetched like from a cursor."""

    __slots__ = ("_place", "_rows", "rowcount")

    def __init__(self, rows: Sequence[TupleRow], rowcount: int) -> None:
        self._rows = rows
        self._place = 0
        self.rowcount = rowcount
        """How many rows were returned or changed; -1 where that means nothing."""

    async def fetchone(self) -> TupleRow | None:
        """The next row."""
        if self._place >= len(self._rows):
            return None
        self._place += 1
        return self._rows[self._place - 1]

    async def fetchall(self) -> list[TupleRow]:
        """All rows that are left."""
        left = list(self._rows[self._place :])
        self._place = len(self._rows)
        return left


class Connection(psycopg.AsyncConnection[TupleRow]):
    """A connection whose `execute` fetches what it finds; for everything else there are the driver's cursors."""

    _converter: abc.Transformer | None = None

    async def execute(  # pyright: ignore[reportIncompatibleMethodOverride] - rows in place of a cursor that has them
        self, query: QueryNoTemplate, params: Params | None = None, *, prepare: bool | None = None, binary: bool = False
    ) -> Rows:
        """Run a statement."""
        if prepare is None and not binary and params and isinstance(query, str) and self._pipeline is None:
            converter = self._converter
            if converter is None:
                converter = self._converter = adapt.Transformer(self)
            wanted = PostgresQuery(converter)
            wanted.convert(query, params)
            how, name = self._prepared.get(wanted)
            if how.name == _PREPARED:
                self._prepared.maybe_add_to_cache(wanted, how, name)  # it was used just now
                return await self._execute_prepared(wanted, name, converter)
        cursor = await super().execute(query, params, prepare=prepare, binary=binary)
        return Rows(await cursor.fetchall() if cursor.description else (), cursor.rowcount)

    async def _execute_prepared(self, wanted: PostgresQuery, name: bytes, converter: abc.Transformer) -> Rows:
        async with self.lock:
            (result,) = await self.wait(self._sent(wanted, name))
        if result.status == ExecStatus.TUPLES_OK:
            converter.set_pgresult(result)
            count = result.ntuples
            return Rows(converter.load_rows(0, count, tuple), count)
        if result.status == ExecStatus.COMMAND_OK:
            count = result.command_tuples
            return Rows((), -1 if count is None else count)
        raise errors.error_from_result(result, encoding=self.info.encoding)

    def _sent(self, wanted: PostgresQuery, name: bytes) -> PQGen[list[PGresult]]:
        self.pgconn.send_query_prepared(name, wanted.params, param_formats=wanted.formats)
        return (yield from generators.execute(self.pgconn))
