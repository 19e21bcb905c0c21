"""A connection that breaks under a statement: whoever waits hears of it, and nobody else is disturbed."""

import asyncio
import os

import psycopg
import pytest

from tests.patience import PATIENCE
from turnkeeper.store.connection import Connection

TIMES_UNTIL_PREPARED = 8


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
