"""A word that stands nowhere else, and where it is looked for: in every row of every table, and in every file."""

from pathlib import Path

import psycopg
from psycopg import sql

CANARY = "xylophoneczar"


def rows_with(database_url: str, word: str = CANARY) -> dict[str, int]:
    """How many rows of which tables have the word in any column, in any case."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        found = {f"{table}": _count(connection, str(schema), str(table), word) for schema, table in tables}
    return {table: count for table, count in found.items() if count}


def files_with(folder: Path, word: str = CANARY) -> list[str]:
    """Files below the folder that have the word, in their bytes or their name."""
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and (word.encode() in path.read_bytes() or word in path.name)
    ]


def _count(connection: psycopg.Connection[tuple[object, ...]], schema: str, table: str, word: str) -> int:
    row = connection.execute(
        sql.SQL("SELECT count(*) FROM {} t WHERE to_jsonb(t)::text ILIKE %s").format(sql.Identifier(schema, table)),
        (f"%{word}%",),
    ).fetchone()
    assert row is not None
    assert isinstance(row[0], int)
    return row[0]
