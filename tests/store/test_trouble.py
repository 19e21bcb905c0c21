"""Trouble with the connection is what is worth another try, however the driver calls it."""

import psycopg
import pytest

from turnkeeper.core.errors import TransientError
from turnkeeper.store.database import Database


@pytest.mark.parametrize("kind", [psycopg.OperationalError, psycopg.InterfaceError, psycopg.DatabaseError])
async def test_a_broken_connection_is_worth_another_try(kind: type[psycopg.Error], database: Database) -> None:
    with pytest.raises(TransientError):
        async with database.connection():
            raise kind("server closed the connection unexpectedly")
