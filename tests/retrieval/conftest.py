"""A data set to import into and to search."""

import pytest

from tests.fakes.people import Crew
from tests.retrieval.house import House
from turnkeeper.store.database import Database


@pytest.fixture
def house(database: Database, crew: Crew) -> House:
    return House(database, crew.people)
