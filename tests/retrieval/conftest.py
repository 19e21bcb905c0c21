"""A data set to import into and to search."""

from collections.abc import AsyncGenerator

import pytest

from tests.fakes.people import Crew
from tests.retrieval.house import House
from turnkeeper.store.database import Database


@pytest.fixture
async def house(database_url: str, crew: Crew) -> AsyncGenerator[House]:
    database = Database(database_url)
    await database.open()
    yield House(database, crew.people)
    await database.close()
