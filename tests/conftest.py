"""Fixtures for every room: a fresh database for each test, in one real PostgreSQL that all test processes share."""

import gc
import os
from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.fakes.demo import copied_server
from tests.fakes.forked_workers import ForkedWorkers
from tests.fakes.people import Company, Crew, make_company, make_crew
from tests.fakes.postgres import TestPostgres, make_data_dir, remove_data_dir, shared_data_dir
from tests.fakes.rooms import open_pool, running
from tests.left_out import LeftOut
from tests.server_process import ServerProcess
from turnkeeper.store.database import Database
from turnkeeper.store.notices import Notices

# The machine may be busy; no property is about time.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")

OBJECTS_BETWEEN_COLLECTIONS = 50_000
"""Many: Python's default of 700 cost a tenth of the tests' time."""


ONE_AUTHORITY = Path(__file__).parent / "fakes" / "one_authority.pem"
"""All that is trusted of the world: tests reach nobody in it, and reading the usual 140 takes 25 ms a client."""


def pytest_configure(config: pytest.Config) -> None:
    """What is left out is told at the end; and what else all tests have in common is set."""
    config.pluginmanager.register(LeftOut())
    os.environ["SSL_CERT_FILE"] = str(ONE_AUTHORITY)
    gc.disable()  # until all is imported, of which nothing goes


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is imported stays for ever: the garbage collector need not look at it after each test."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS, *gc.get_threshold()[1:])


@pytest.fixture(scope="session")
def test_postgres() -> Generator[TestPostgres]:
    """The tests' PostgreSQL, running as long as any test process uses it."""
    postgres = TestPostgres(shared_data_dir())
    yield postgres
    postgres.close()


@pytest.fixture(scope="session")
def crew(test_postgres: TestPostgres) -> Generator[Crew]:
    """People; they are in the database of each test that asks for them."""
    crew = make_crew(test_postgres.make_database())
    yield crew
    test_postgres.drop(crew.database_url)


@pytest.fixture(scope="session")
def company(test_postgres: TestPostgres) -> Generator[Company]:
    """People with keys; they are in the database of each test that asks for them."""
    company = make_company(test_postgres.make_database())
    yield company
    test_postgres.drop(company.database_url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, test_postgres: TestPostgres) -> Generator[str]:
    """A fresh database with all migrations applied, and the people that the test asks for."""
    there = [name for name in ("company", "crew") if name in request.fixturenames]
    like: object = request.getfixturevalue(there[0]) if there else None
    url = test_postgres.make_database(like.database_url if isinstance(like, Company | Crew) else None)
    yield url
    test_postgres.drop(url)


@pytest.fixture
async def database(database_url: str) -> AsyncGenerator[Database]:
    """A pool over it."""
    async with open_pool(Database(database_url)) as database:
        yield database


@pytest.fixture
async def notices(database: Database) -> AsyncGenerator[Notices]:
    """Hints between this process and others."""
    notices = Notices(database)
    async with running(notices.run()):
        yield notices


@pytest.fixture
def empty_database_url(test_postgres: TestPostgres) -> Generator[str]:
    """A fresh database that Turnkeeper never saw."""
    url = test_postgres.make_empty_database()
    yield url
    test_postgres.drop(url)


@pytest.fixture
def data_dir() -> Generator[Path]:
    """An empty data folder of the test's own, where an embedded PostgreSQL can live even when root runs the tests."""
    folder = make_data_dir()
    yield folder
    remove_data_dir(folder)


@pytest.fixture
def forks() -> Generator[ForkedWorkers]:
    """Where workers come from that can be killed; those that still live at the test's end are."""
    forks = ForkedWorkers()
    yield forks
    forks.kill_all()


@pytest.fixture(scope="session")
def server(test_postgres: TestPostgres) -> Generator[ServerProcess]:
    """A server process after its first start, for tests that leave agents, keys and data sets as they are."""
    with copied_server(test_postgres) as server:
        yield server
