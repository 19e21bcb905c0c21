"""The pool of connections to PostgreSQL: single statements, transactions, and listening.

Connections are in autocommit mode: a single statement is its own transaction, and `transaction()` joins several. Trouble
with the connection itself becomes a `TransientError`, so that callers need not know the driver.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg_pool import PoolTimeout

from turnkeeper.core.errors import TransientError
from turnkeeper.store.connection import Connection
from turnkeeper.store.pool import Pool

_WAIT_FOR_CONNECTION_SECONDS = 10.0
_LONGEST_RECONNECT_WAIT_SECONDS = 2.0


_OF_A_VALUE = "22"
"""How the states of errors begin whose sentence may quote the value."""

LISTENER = "turnkeeper listener"
"""The name by which PostgreSQL knows the connection of a process that listens."""

AT_ONCE_A_PROCESSOR = 6
"""Statements of all processes together that one processor has under way: with more, all of them only take longer."""
FEWEST_AT_ONCE = 3
"""Of one process, however many there are: of an import that takes long and one that waits for it, others notice nothing."""

_SILENT_LINK_SECONDS = 15
"""A network that carries nothing for so long is given up, at both ends; left to itself, TCP waits for hours.

Ours would hang, and what PostgreSQL has locked for us would stay locked. It is the network that is judged: a statement or a
transaction may take its time, and a database that stands still answers on this level too.
"""
_OUR_END: dict[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 5,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": _SILENT_LINK_SECONDS * 1000,
}
_THEIR_END = """
    SELECT set_config('tcp_keepalives_idle', '5', false), set_config('tcp_keepalives_interval', '5', false),
           set_config('tcp_keepalives_count', '3', false), set_config('tcp_user_timeout', %s, false)
"""


class Database:
    """A bounded pool of connections; opened and closed by the one that builds it.

    `direct_url` leads to the same database past a pooler that gives connections away between transactions; listening needs
    one that stays. Such a pooler may not be able to carry statements that were prepared: then `prepares` is false.
    """

    def __init__(
        self,
        url: str,
        *,
        max_connections: int = 16,
        name: str = "turnkeeper",
        direct_url: str | None = None,
        prepares: bool = True,
        processors: int | None = None,
    ) -> None:
        """`processors` is how many this machine has; None looks."""
        self.url = url
        self._direct_url = direct_url or url
        self._processors = processors or os.cpu_count() or 1
        self.pool = Pool(
            _with_our_end(url),
            most=max_connections,
            seconds=_WAIT_FOR_CONNECTION_SECONDS,
            name=name,
            prepares=prepares,
            # A pooler looks after its own connections, and would hand ours to others as we changed them.
            configure=_set_autocommit if direct_url else _set_up,
        )

    async def open(self) -> None:
        """Connect once, so that trouble shows now and not at the first request.

        Raises:
            TransientError: the database does not answer.
        """
        with _translated():
            await self.pool.open(wait=True, timeout=_WAIT_FOR_CONNECTION_SECONDS)

    async def close(self) -> None:
        """Give all connections back."""
        await self.pool.close()

    def work_for(self, owner: Hashable) -> None:
        """From now on the current task, and those that it begins, work for this one; None is the server itself.

        Where connections are waited for, owners take turns.
        """
        self.pool.owner.set(owner)

    def connection(self) -> "_Lent":
        """A connection for single statements, each committed by itself: `async with database.connection() as connection`."""
        return _Lent(self.pool)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Connection]:
        """A connection inside a transaction: committed at the end, rolled back when an exception leaves it."""
        with _translated():
            async with self.pool.connection() as connection, connection.transaction():
                yield connection
        _raise_if_cancelled()

    def share_processors(self, processes: int) -> None:
        """Leave room for the others of so many processes on one machine with the database.

        Whoever waits for a connection waits in a line where organizations take turns. Of statements that wait for a
        processor the system takes any, and a crowd's are many.
        """
        self.pool.limit(max(FEWEST_AT_ONCE, AT_ONCE_A_PROCESSOR * self._processors // max(1, processes)))

    async def listen(
        self, channels: Sequence[str], *, heard: Callable[[str, str], None], connected: Callable[[bool], None]
    ) -> None:
        """Hand each notification's channel and payload to `heard`, for ever; runs until it is cancelled.

        `connected(True)` is called when listening began anew: what was sent before is lost, so read the tables again.
        `connected(False)` is called when the connection is gone.
        """
        wait = 0.05

        def begun() -> None:
            nonlocal wait
            connected(True)
            wait = 0.05

        while True:
            try:
                async with await self._connection_to_listen_on() as connection:
                    await connection.listen(channels, heard, begun)
            except psycopg.Error:
                wait = min(wait * 2, _LONGEST_RECONNECT_WAIT_SECONDS)
            finally:
                connected(False)
            await asyncio.sleep(wait)

    async def _connection_to_listen_on(self) -> Connection:
        # A listener only waits: nothing but the keepalives tells it that the other side is gone.
        return await Connection.connect(_with_our_end(self._direct_url), autocommit=True, application_name=LISTENER)


def _raise_if_cancelled() -> None:
    """End a task that was cancelled although nobody told it: Python 3.11's `wait_for`, inside the pool, may forget it.

    A loop in the background would go on for ever otherwise, and whoever waits for its end with it.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling() > 0:
        raise asyncio.CancelledError


def _with_our_end(url: str) -> str:
    """The address, with what it does not say itself."""
    said = conninfo_to_dict(url)
    return make_conninfo(url, **{name: value for name, value in _OUR_END.items() if name not in said})


async def _set_up(connection: Connection) -> None:
    await _set_autocommit(connection)
    if not connection.info.host.startswith("/"):
        await connection.execute(_THEIR_END, (f"{_SILENT_LINK_SECONDS}s",), prepare=False)


async def _set_autocommit(connection: Connection) -> None:
    await connection.set_autocommit(True)


def _leave_values_out(error: psycopg.Error) -> None:
    """Have the error say what is wrong and not with what: its text may come into the log, and rows hold what people said.

    PostgreSQL's details quote whole rows; the sentence itself quotes a value only where a value is malformed.
    """
    state, sentence = error.diag.sqlstate, error.diag.message_primary
    if sentence is not None:
        if state is not None and state.startswith(_OF_A_VALUE):
            sentence = "a value is malformed or out of range"
        error.args = (f"{sentence} ({state})",)


class _Lent:
    """A connection for the length of a block; a class, because generators cost more on the hot path."""

    __slots__ = ("_connection", "_pool")

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._connection: Connection | None = None

    async def __aenter__(self) -> Connection:
        with _translated():
            self._connection = await self._pool.getconn()
        return self._connection

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        connection, self._connection = self._connection, None
        assert connection is not None
        with _translated():
            await self._pool.putconn(connection)
        if error is None:
            _raise_if_cancelled()
        else:
            _raise_translated(error)


class _translated:  # noqa: N801 - reads as a phrase: `with _translated():`
    """Turn the driver's connection trouble into our own; a class, because generators cost more on the hot path.

    A task that is cancelled in mid-statement may hear of trouble instead, because the driver then cuts the connection:
    it must end all the same, and not take the trouble for a reason to try again.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if error is not None:
            _raise_translated(error)


def _raise_translated(error: BaseException) -> None:
    """Raise what the trouble is in our words; nothing when it is none with the connection."""
    if isinstance(error, psycopg.Error):
        _leave_values_out(error)
        _raise_if_cancelled()
    if isinstance(error, PoolTimeout):
        raise TransientError("database", "All connections to the database are busy; try again soon.") from error
    # A connection that breaks while a result comes has no code, and is of no class of its own.
    is_broken_result = type(error) is psycopg.DatabaseError and error.sqlstate is None
    if is_broken_result or isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        raise TransientError("database", "The database does not answer; try again soon.") from error
