"""Bring a database to the newest revision: our SQL files in their order, each in a transaction of its own."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psycopg
from procrastinate.schema import SchemaManager
from psycopg import sql
from psycopg.rows import TupleRow

APPLIED_FIRST: Mapping[str, Callable[[], str]] = {"0001_queue": SchemaManager.get_schema}
"""What is applied before a revision's own file. A newer Procrastinate schema becomes a later revision of ours."""


def upgrade(connection: psycopg.Connection[TupleRow], folder: Path, missing: Sequence[str], *, table: str) -> None:
    """Apply these files of `folder` in their order; `table` names the last one that was, in the same transaction."""
    note = sql.Identifier(table)
    with connection.transaction():
        connection.execute(
            sql.SQL("CREATE TABLE IF NOT EXISTS {} (version_num varchar(32) NOT NULL PRIMARY KEY)").format(note)
        )
    for name in missing:
        with connection.transaction():
            # Without parameters the driver takes a whole file, and `%` means itself.
            first = APPLIED_FIRST.get(name)
            if first is not None:
                connection.execute(first().encode())
            connection.execute((folder / f"{name}.sql").read_bytes())
            connection.execute(sql.SQL("DELETE FROM {}").format(note))
            connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(note), (name,))
