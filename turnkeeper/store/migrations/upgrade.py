"""Bring a database to the newest revision with alembic; slow to import, so loaded only when there is work to do."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

import psycopg
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import Script, ScriptDirectory
from procrastinate.schema import SchemaManager
from psycopg.rows import TupleRow
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

APPLIED_FIRST: Mapping[str, Callable[[], str]] = {"0001_queue": SchemaManager.get_schema}
"""What is applied before a revision's own file. A newer Procrastinate schema becomes a later revision of ours."""


class SqlFiles(ScriptDirectory):
    """Alembic's revisions, made from our SQL files instead of Python modules: each follows the one before it."""

    def __init__(self, folder: Path, names: list[str], connection: psycopg.Connection[TupleRow]) -> None:
        super().__init__(str(folder))
        self._folder = folder
        self._names = names
        self._connection = connection

    def _load_revisions(self) -> Iterator[Script]:
        for before, name in zip([None, *self._names], self._names, strict=False):
            path = self._folder / f"{name}.sql"
            module = ModuleType(name, doc=name)
            module.__dict__.update(revision=name, down_revision=before, upgrade=self._step(name, path))
            yield Script(module, name, str(path))

    def _step(self, name: str, path: Path) -> Callable[[], None]:
        def upgrade() -> None:
            # Without parameters the driver takes a whole file, and `%` means itself.
            first = APPLIED_FIRST.get(name)
            if first is not None:
                self._connection.execute(first().encode())
            self._connection.execute(path.read_bytes())

        return upgrade

    def steps(self, revision: tuple[str, ...] | str, context: MigrationContext) -> list[RevisionStep]:
        """The steps from `revision` to the newest."""
        del context
        current = revision if isinstance(revision, str) else "".join(revision)
        return list(self._upgrade_revs("head", current or "base"))


def upgrade(connection: psycopg.Connection[TupleRow], folder: Path, names: list[str], table: str) -> None:
    """Apply the files of `folder` that `table` does not yet name, each in its own transaction."""
    scripts = SqlFiles(folder, names, connection)
    engine = create_engine("postgresql+psycopg://", creator=lambda: connection, poolclass=NullPool)
    with engine.connect() as wrapped:
        options = {"fn": scripts.steps, "script": scripts, "version_table": table, "transaction_per_migration": True}
        MigrationContext.configure(wrapped, opts=options).run_migrations()
