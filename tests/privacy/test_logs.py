"""Logs: neither PostgreSQL's nor ours has anything of what people said, of keys or of passwords, whatever goes wrong."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from psycopg.errors import QueryCanceled

from tests.dialects.conftest import Stage, staged
from tests.dialects.native.client import Native, Shop, open_shop
from tests.fakes.people import Company, make_company
from tests.fakes.rooms import open_pool
from tests.patience import PATIENCE
from tests.privacy.canary import CANARY, rows_with
from tests.privacy.planting import erased, person, planted
from turnkeeper.store.database import Database
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import migrate
from turnkeeper.telemetry.logs import JsonLines

# Each fails, with the word in its text, in its parameters, or in the row that it would have made.
FAILING = (
    (psycopg.errors.UniqueViolation, "INSERT INTO canaries VALUES (1, %(word)s), (2, %(word)s)"),
    (psycopg.errors.CheckViolation, "INSERT INTO canaries VALUES (0, %(word)s)"),
    (psycopg.errors.NotNullViolation, "INSERT INTO canaries VALUES (NULL, %(word)s)"),
    (psycopg.errors.ForeignKeyViolation, "INSERT INTO canaries VALUES (3, %(word)s || '3', %(word)s)"),
    (psycopg.errors.DivisionByZero, "SELECT length(%(word)s) / 0"),
    (psycopg.errors.UndefinedTable, f"SELECT '{CANARY}' FROM nowhere"),
    (psycopg.errors.RaiseException, f"DO $$ BEGIN RAISE EXCEPTION 'no' USING DETAIL = '{CANARY}'; END $$"),
)
TABLE = """
    CREATE TABLE canaries (
        number bigint NOT NULL CHECK (number > 0), word text UNIQUE, mate text REFERENCES canaries (word))
"""


@pytest.fixture
def own_database_url(data_dir: Path) -> Iterator[str]:
    """The database of a PostgreSQL of the test's own, as the server starts one."""
    lease = join(data_dir, durable=False)
    migrate(lease.url)
    yield lease.url
    lease.close()


@pytest.fixture
def own_company(own_database_url: str) -> Company:
    """The people in it."""
    return make_company(own_database_url)


@pytest.fixture
async def stage(own_company: Company, data_dir: Path) -> AsyncGenerator[Stage]:
    """A server over it."""
    async with staged(own_company.database_url, own_company, data_dir) as stage:
        yield stage


@pytest.fixture
async def shop(stage: Stage) -> Shop:
    return await open_shop(stage)


@pytest.fixture
def admin(stage: Stage) -> Native:
    return Native(stage, stage.keys.admin)


async def fail_in_every_way(url: str) -> None:
    """Statements that fail as bugs would make them fail."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(TABLE)
        for kind, statement in FAILING:
            with pytest.raises(kind):
                await connection.execute(statement.encode(), {"word": CANARY} if "%(" in statement else None)
        await connection.execute("SET statement_timeout = 50")
        with pytest.raises(QueryCanceled):
            await connection.execute(f"SELECT '{CANARY}', pg_sleep(20)".encode())
        await connection.execute("RESET statement_timeout")
        await connection.execute("DROP TABLE canaries")


async def die_in_the_middle(url: str) -> None:
    """A process of PostgreSQL is killed, which says then what it was doing, and begins anew."""
    async with (
        await psycopg.AsyncConnection.connect(url, autocommit=True) as connection,
        await psycopg.AsyncConnection.connect(url, autocommit=True) as watching,
    ):
        pid = connection.info.backend_pid
        asleep = asyncio.create_task(connection.execute(f"SELECT '{CANARY}', pg_sleep(20)".encode()))
        sleeps = "SELECT FROM pg_stat_activity WHERE pid = %s AND wait_event = 'PgSleep'"
        while await (await watching.execute(sleeps, (pid,))).fetchone() is None:
            continue
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(psycopg.OperationalError):
            await asleep
    while True:
        with suppress(psycopg.OperationalError):
            await (await psycopg.AsyncConnection.connect(url)).close()
            return


def logs_in(folder: Path) -> dict[str, str]:
    """The log files of a data folder, by name."""
    return {path.name: path.read_text() for path in folder.glob("*.log*")}


async def test_what_is_erased_stands_in_no_log_and_no_secret_ever_does(
    stage: Stage, shop: Shop, admin: Native, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "turnkeeper")
    account, own, key = await person(stage, admin)
    await planted(stage, shop, own, key)
    await Native(stage, f"tk_{CANARY}").get("/me")
    await erased(stage, admin, {"account_id": account})
    assert rows_with(stage.database_url) == {}
    async with asyncio.timeout(2 * PATIENCE):
        await fail_in_every_way(stage.database_url)
        await die_in_the_middle(stage.database_url)

    logs = logs_in(data_dir)

    # PostgreSQL does say what went wrong, so that this proves something.
    assert "duplicate key value violates unique constraint" in logs["postgres.log"]
    assert "was terminated by signal 9" in logs["postgres.log"]
    for text in (*logs.values(), caplog.text):
        for word in (CANARY, key, stage.keys.admin, "correct horse battery"):
            assert word not in text


@pytest.mark.parametrize(("kind", "statement"), FAILING, ids=[kind.__name__ for kind, _ in FAILING])
async def test_an_error_of_the_database_is_logged_without_the_row(
    database_url: str, kind: type[psycopg.Error], statement: str
) -> None:
    text = await logged(database_url, kind, statement)

    assert CANARY not in text.replace(statement, "")
    assert kind.__name__ in text


async def test_a_value_that_does_not_fit_is_not_quoted(database_url: str) -> None:
    text = await logged(database_url, psycopg.errors.InvalidTextRepresentation, "SELECT %(word)s::bigint")

    assert CANARY not in text
    assert "22P02" in text


async def logged(url: str, kind: type[psycopg.Error], statement: str) -> str:
    """The line of an unexpected error."""
    async with open_pool(Database(url, max_connections=1)) as database:
        async with database.connection() as connection:
            await connection.execute(TABLE)
        with pytest.raises(kind) as raised:
            async with database.connection() as connection:
                await connection.execute(statement.encode(), {"word": CANARY} if "%(" in statement else None)
    trace = (raised.type, raised.value, raised.tb)
    return JsonLines().format(logging.LogRecord("x", logging.ERROR, "x", 1, "unexpected", None, trace))
