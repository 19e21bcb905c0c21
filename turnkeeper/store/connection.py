"""One connection to PostgreSQL. A statement that it has prepared before takes a short way through the driver.

The driver's cursors can do far more than run one statement and hand its rows over, and that costs more than the statement
itself. Here the driver still parses, prepares and converts; the cursor, and the generator that waits for what comes, are
left out: one callback reads the results from the socket, one future tells that they are whole.
"""

import asyncio
import struct
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import psycopg
from psycopg import abc, adapt, errors, generators, sql, waiting
from psycopg._queries import _query2pg  # pyright: ignore[reportPrivateUsage] - the driver's own parsing
from psycopg.abc import Params, QueryNoTemplate
from psycopg.adapt import PyFormat
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.rows import TupleRow

_MOST_PARSED = 500
"""Texts of statements of which this process remembers how they are parsed."""
_CANCEL_SECONDS = 5.0
_TEXT, _TEXT_ARRAY = 25, 1009
"""The numbers of these types in every PostgreSQL."""
_ARRAY_HEAD, _LENGTH = struct.Struct("!iiIii"), struct.Struct("!i")
_EMPTY_ARRAY = struct.pack("!iiI", 0, 0, _TEXT)


class Texts(tuple[str, ...]):
    """Texts for a parameter `%(name)b::text[]`, without what the driver asks of each element of a list."""

    __slots__ = ()


class _TextsDumper(adapt.Dumper):
    """The binary form of an array of texts, one dimension, no nulls. Source: `array_recv` of PostgreSQL."""

    format = Format.BINARY
    oid = _TEXT_ARRAY

    def dump(self, obj: Texts) -> bytes:
        """The bytes of the parameter."""
        if not obj:
            return _EMPTY_ARRAY
        parts = [_ARRAY_HEAD.pack(1, 0, _TEXT, len(obj), 1)]
        for text in obj:
            item = text.encode()
            parts += (_LENGTH.pack(len(item)), item)
        return b"".join(parts)


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
            converter = self._converter or self._first_converter()
            text, formats, order, count = _parsed(query, converter.encoding)
            values = _in_order(params, order, count)
            if values is not None:
                dumped = converter.dump_sequence(values, formats)
                name = self._name_of((text, converter.types or ()))
                if name is not None:
                    return await self._execute_prepared(name, dumped, converter)
        cursor = await super().execute(query, params, prepare=prepare, binary=binary)
        return Rows(await cursor.fetchall() if cursor.description else (), cursor.rowcount)

    async def listen(
        self, channels: Sequence[str], heard: Callable[[str, str], None], begun: Callable[[], None]
    ) -> None:
        """Hand each notification's channel and payload to `heard`, until it is cancelled; `begun` is called when it listens.

        The socket wakes; the driver's own `notifies` looks ten times a second, a third of what a process does that has
        nothing to do.

        Raises:
            psycopg.Error: the connection broke.
        """
        self.add_notify_handler(lambda notice: heard(notice.channel, notice.payload))  # what comes beside a statement
        for channel in channels:
            await self.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        begun()
        loop, socket = asyncio.get_running_loop(), self.pgconn.socket
        broke: asyncio.Future[None] = loop.create_future()
        _hear(loop, socket, self.pgconn, broke, heard)
        try:
            await broke
        finally:
            if broke.cancelled():  # else nothing reads there any more
                loop.remove_reader(socket)

    def _first_converter(self) -> abc.Transformer:
        self.adapters.register_dumper(Texts, _TextsDumper)
        self._converter = adapt.Transformer(self)
        return self._converter

    def _name_of(self, key: tuple[bytes, tuple[int, ...]]) -> bytes | None:
        """How the statement is called that was prepared for this text and these types, if it was; it is used now."""
        names = self._prepared._names  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the driver forgets the oldest
        name = names.get(key)
        if name is not None:
            names.move_to_end(key)
        return name

    async def _execute_prepared(
        self, name: bytes, values: Sequence[abc.Buffer | None], converter: abc.Transformer
    ) -> Rows:
        lock = self.lock
        await lock.acquire()
        try:
            result = await self._result_of(name, values, converter)
        finally:
            lock.release()
        if result.status == ExecStatus.TUPLES_OK:
            converter.set_pgresult(result)
            count = result.ntuples
            return Rows(converter.load_rows(0, count, tuple), count)
        if result.status == ExecStatus.COMMAND_OK:
            count = result.command_tuples
            return Rows((), -1 if count is None else count)
        raise errors.error_from_result(result, encoding=self.info.encoding)

    async def _result_of(
        self, name: bytes, values: Sequence[abc.Buffer | None], converter: abc.Transformer
    ) -> PGresult:
        pgconn = self.pgconn
        pgconn.send_query_prepared(name, values, param_formats=converter.formats)
        if pgconn.flush():  # more than the socket takes at once: the driver writes and reads in turns
            (result,) = await self.wait(generators.execute(pgconn))
            return result
        loop, socket = asyncio.get_running_loop(), pgconn.socket
        came: asyncio.Future[PGresult] = loop.create_future()
        results: list[PGresult] = []
        loop.add_reader(socket, _read, loop, socket, pgconn, came, results)
        try:
            return await came
        except asyncio.CancelledError:
            if came.cancelled():  # else it was told, and nothing reads there any more
                loop.remove_reader(socket)
            await self._cancel_statement()
            raise

    async def _cancel_statement(self) -> None:
        """End what runs there; the connection is closed where that does not work."""
        if self.pgconn.transaction_status != TransactionStatus.ACTIVE:
            return
        try:
            await self.cancel_safe(timeout=_CANCEL_SECONDS)
            await waiting.wait_async(
                generators.fetch_many(self.pgconn), self.pgconn.socket, interval=0.1, timeout=_CANCEL_SECONDS
            )
        except psycopg.Error:
            self.pgconn.finish()
        except BaseException:
            self.pgconn.finish()
            raise


def _read(
    loop: asyncio.AbstractEventLoop,
    socket: int,
    pgconn: PGconn,
    came: asyncio.Future[PGresult],
    results: list[PGresult],
) -> None:
    """Take what has come from the server; tell when it is whole, or when the connection broke.

    The socket is left alone at once then, not when whoever waits goes on: libpq closes it when the connection breaks, its
    number may be another connection's by then, and that one would wait for ever.
    """
    if came.done():
        return
    _take(pgconn, came, results)
    loop.remove_reader(socket)
    if not came.done():
        # Anew: libuv looks at a socket with an error only once, and then its end is still to be read.
        loop.add_reader(socket, _read, loop, socket, pgconn, came, results)


def _take(pgconn: PGconn, came: asyncio.Future[PGresult], results: list[PGresult]) -> None:
    try:
        pgconn.consume_input()
        while not pgconn.is_busy():
            result = pgconn.get_result()
            if result is None:
                came.set_result(results[0])
                return
            results.append(result)
    except Exception as error:  # noqa: BLE001 - whoever waits must hear of it, whatever it is
        if any(result.status == ExecStatus.FATAL_ERROR for result in results):
            came.set_result(results[0])  # why the server then closed the connection
        else:
            came.set_exception(error)


def _hear(
    loop: asyncio.AbstractEventLoop,
    socket: int,
    pgconn: PGconn,
    broke: asyncio.Future[None],
    heard: Callable[[str, str], None],
) -> None:
    """Tell of the notifications that have come, and wait for the next ones as `_read` does."""
    if broke.done():
        return
    try:
        pgconn.consume_input()
        while (notice := pgconn.notifies()) is not None:
            heard(notice.relname.decode(), notice.extra.decode())
    except Exception as error:  # noqa: BLE001 - whoever listens must hear of it, whatever it is
        broke.set_exception(error)
    loop.remove_reader(socket)
    if not broke.done():
        loop.add_reader(socket, _hear, loop, socket, pgconn, broke, heard)


def _in_order(params: Params, order: list[str] | None, count: int) -> Sequence[object] | None:
    """The parameters in the order of their places; None when they do not fit, which the driver explains."""
    if order is None:
        return params if isinstance(params, Sequence) and len(params) == count else None
    if not isinstance(params, dict | Mapping):  # a dict is one, and need not be asked for it
        return None
    try:
        return [params[name] for name in order]
    except KeyError:
        return None


@lru_cache(maxsize=_MOST_PARSED)
def _parsed(query: str, encoding: str) -> tuple[bytes, list[PyFormat], list[str] | None, int]:
    """The statement as PostgreSQL reads it, the formats and the order of its parameters, and how many there are."""
    text, formats, order, parts = _query2pg(query.encode(encoding), encoding)
    return text, formats, order, len(parts) - 1
