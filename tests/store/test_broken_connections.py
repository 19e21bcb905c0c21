"""A connection that breaks under a statement: whoever waits hears of it, and nobody else is disturbed."""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest
import uvloop

from tests.patience import PATIENCE
from turnkeeper.store.connection import Connection

TIMES_UNTIL_PREPARED = 8
UNREAD = b"S\0\0\0\4" * 20_000
"""More than the server reads at once of a message that does nothing."""


async def test_who_gets_the_number_of_a_broken_socket_is_still_told_what_comes_there(database_url: str) -> None:
    loop = asyncio.get_running_loop()
    told = asyncio.Event()
    async with await Connection.connect(database_url, autocommit=True) as broken:
        for _ in range(TIMES_UNTIL_PREPARED):
            await broken.execute("SELECT pg_sleep(%s)", (0,))
        number, backend = broken.pgconn.socket, broken.info.backend_pid

        def take_the_number() -> None:
            """Be, as soon as the socket is closed, the one that has its number and reads there."""
            try:
                os.fstat(number)
            except OSError:
                os.dup2(ours, number)
                loop.add_reader(number, told.set)
            else:
                loop.call_soon(take_the_number)

        ours, theirs = os.pipe()
        waiting = asyncio.create_task(broken.execute("SELECT pg_sleep(%s)", (PATIENCE,)))
        take_the_number()
        async with await Connection.connect(database_url, autocommit=True) as other:
            await other.execute("SELECT pg_terminate_backend(%s)", (backend,))
        with pytest.raises(psycopg.OperationalError):
            await waiting
        os.write(theirs, b"x")
        async with asyncio.timeout(PATIENCE):
            await told.wait()
        loop.remove_reader(number)
    for each in (ours, theirs, number):
        os.close(each)


async def statement(connection: Connection, begun: asyncio.Event) -> None:
    begun.set()
    await connection.execute("SELECT pg_sleep(%s)", (2.0 * PATIENCE,))


async def listening(connection: Connection, begun: asyncio.Event) -> None:
    await connection.listen(["test"], lambda _channel, _payload: None, begun.set)


@pytest.mark.parametrize(("wait", "server_waits_for"), [(statement, "PgSleep"), (listening, "ClientRead")])
def test_who_waits_hears_of_an_end_that_comes_together_with_an_error_of_the_socket(
    database_url: str, wait: Callable[[Connection, asyncio.Event], Awaitable[None]], server_waits_for: str
) -> None:
    """What the server leaves unread makes the error; its last words and its end are there when the loop looks."""

    async def broken_off() -> None:
        begun = asyncio.Event()
        async with (
            asyncio.timeout(PATIENCE),
            await Connection.connect(database_url, autocommit=True) as broken,
            await Connection.connect(database_url, autocommit=True) as other,
        ):
            for _ in range(TIMES_UNTIL_PREPARED):
                await broken.execute("SELECT pg_sleep(%s)", (0.0,))
            backend = broken.info.backend_pid
            waiting = asyncio.ensure_future(wait(broken, begun))
            await begun.wait()
            event = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event = %s"
            while await (await other.execute(event, (backend, server_waits_for))).fetchone() is None:
                pass
            os.kill(backend, signal.SIGSTOP)
            os.write(broken.pgconn.socket, UNREAD)
            await other.execute("SELECT pg_terminate_backend(%s)", (backend,))
            os.kill(backend, signal.SIGCONT)
            _stand_still_until_gone(backend)
            await waiting

    with pytest.raises(psycopg.OperationalError):
        uvloop.run(broken_off())


def _stand_still_until_gone(process: int) -> None:
    until = time.monotonic() + PATIENCE
    with contextlib.suppress(ProcessLookupError):
        while time.monotonic() < until:
            os.kill(process, 0)
