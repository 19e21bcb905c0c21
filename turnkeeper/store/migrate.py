"""Bring the database to the shape this version needs, once, however many processes start together."""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from turnkeeper.core.errors import StartError

VERSIONS = Path(__file__).with_name("migrations") / "versions"
TABLE = "turnkeeper_revision"
LOCK = 0x7475726E6B656570
"""The advisory lock of whoever migrates, the letters `turnkeep`: its own number, so that no other program waits for it."""
WAIT_SECONDS = 120.0
CONNECT_SECONDS = 10
OLDEST_SERVER = 150_000
OLDEST_VECTOR = (0, 8)
"""The first pgvector whose index scans go on until enough rows pass a filter."""

_EARLY = "0029_reservations"
"""The last revision before revisions had their numbers for good: all up to `_EARLY_HAS`, and reservations, which now are
`0023_reservations`."""
_EARLY_HAS = "0020_schedules"

Connection = psycopg.Connection[TupleRow]


def revisions() -> list[str]:
    """All revisions of this version, oldest first."""
    return sorted(path.stem for path in VERSIONS.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(url: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
    """Apply the revisions that are missing; at once done when there are none. Blocks: call it in a thread.

    Others that migrate the same database are waited for, at most `wait_seconds`.
    Raises: StartError with one sentence for the operator: the database cannot be reached, refuses us, is too old, lacks
    pgvector, or belongs to a Turnkeeper that this one does not know.
    """
    known = revisions()
    with connect(url) as connection:
        if applied_revision(connection) == known[-1]:
            return
        check_server(connection)
        _wait_for_turn(connection, wait_seconds)
        missing = missing_after(applied_revision(connection), known)
        if missing:
            _upgrade(url, missing)


def missing_after(applied: str | None, known: Sequence[str]) -> Sequence[str]:
    """Those of the `known` revisions that a database still needs whose last one is `applied`; None: it has none.

    Raises: StartError when the database has a revision that this version does not know.
    """
    if applied is None:
        return known
    if applied == _EARLY:
        return [name for name in known[known.index(_EARLY_HAS) + 1 :] if name[5:] != _EARLY[5:]]
    if applied not in known:
        raise StartError(
            f"The database belongs to a newer Turnkeeper, or to one that was never released: this version does not know its "
            f"revision, {applied!r}, and has {known[-1]!r} as the last. Install that version, or restore a backup of before."
        )
    return known[known.index(applied) + 1 :]


@contextmanager
def connect(url: str) -> Generator[Connection]:
    """One connection in autocommit mode for work at start. Raises: StartError that never shows the password."""
    try:
        connection = psycopg.connect(
            url, autocommit=True, connect_timeout=CONNECT_SECONDS, application_name="turnkeeper"
        )
    except psycopg.Error as error:
        raise StartError(_why_unreachable(url, error)) from error
    with connection:
        yield connection


def applied_revision(connection: Connection) -> str | None:
    """The database's revision; None when Turnkeeper never touched it."""
    if connection.execute("SELECT to_regclass(%s)", (TABLE,)).fetchone() == (None,):
        return None
    row = connection.execute(f"SELECT version_num FROM {TABLE}".encode()).fetchone()
    return None if row is None else str(row[0])


def check_server(connection: Connection) -> None:
    """Raises: StartError when this server cannot carry Turnkeeper: version, encoding, rights, pgvector."""
    where = _where(connection.info.host, connection.info.port)
    version = connection.info.server_version
    if version < OLDEST_SERVER:
        raise StartError(f"The database at {where} is PostgreSQL {version // 10_000}; Turnkeeper needs 15 or newer.")
    row = connection.execute(
        """
        SELECT pg_is_in_recovery(), current_setting('server_encoding'), current_schema(),
               has_schema_privilege(current_schema(), 'CREATE'), current_database(), current_user
        """
    ).fetchone()
    assert row is not None
    standby, encoding, schema, may_create, database, user = row
    if standby:
        raise StartError(f"The database at {where} is a read-only standby; point Turnkeeper at the primary server.")
    if encoding != "UTF8":
        raise StartError(f"The database {database!r} stores text as {encoding}; create one with the encoding UTF8.")
    if schema is None or not may_create:
        raise StartError(
            f"The user {user!r} may not create tables in the database {database!r}; make it the owner of the database."
        )
    _check_vector(connection, where)


def _check_vector(connection: Connection, where: str) -> None:
    row = connection.execute(
        """
        SELECT a.default_version, a.installed_version,
               (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
               OR (bool_or(v.trusted) AND has_database_privilege(current_database(), 'CREATE'))
        FROM pg_available_extensions a JOIN pg_available_extension_versions v
            ON v.name = a.name AND v.version = a.default_version
        WHERE a.name = 'vector' GROUP BY 1, 2
        """
    ).fetchone()
    if row is None:
        raise StartError(
            f"The PostgreSQL at {where} does not have the extension pgvector; install it there (Debian: "
            "postgresql-NN-pgvector from apt.postgresql.org), or leave TURNKEEPER_DATABASE_URL empty to use our own."
        )
    default, installed, may_create = row
    version = installed or default
    if tuple(int(part) for part in str(version).split(".")[:2]) < OLDEST_VECTOR:
        raise StartError(
            f"The pgvector at {where} is version {version}, and Turnkeeper needs 0.8 or newer; upgrade it there"
            + (" and run ALTER EXTENSION vector UPDATE." if installed else ".")
        )
    if installed is None and not may_create:
        raise StartError(
            "The user of the database may not create the extension pgvector; let an administrator run "
            "CREATE EXTENSION vector in it once."
        )


def _wait_for_turn(connection: Connection, wait_seconds: float) -> None:
    """Take the lock of whoever migrates; it is given back with the connection."""
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{int(wait_seconds * 1000)}ms",))
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    except psycopg.errors.LockNotAvailable as error:
        raise StartError(
            f"Another process has been migrating the database for {wait_seconds:.0f} s; wait for it and start again."
        ) from error


def _upgrade(url: str, missing: Sequence[str]) -> None:
    from turnkeeper.store.migrations.upgrade import upgrade  # noqa: PLC0415 - slow import, and seldom needed

    with connect(url) as connection:
        # What an administrator set for ordinary work must not cut a long step; a table in use is not waited for for ever.
        connection.execute("SET statement_timeout = 0")
        connection.execute("SET lock_timeout = '60s'")
        try:
            upgrade(connection, VERSIONS, missing, table=TABLE)
        except psycopg.errors.LockNotAvailable as error:
            raise StartError(
                "The database's tables have been in use for 60 s and cannot be changed; stop the other Turnkeeper servers "
                "and start again."
            ) from error
        except psycopg.errors.DiskFull as error:
            raise StartError("The disk of the database is full; free some space there and start again.") from error
        except psycopg.errors.InsufficientPrivilege as error:
            raise StartError(
                f"The user of the database may not change its tables ({str(error).splitlines()[0]}); "
                "make it the owner of the database."
            ) from error


def _why_unreachable(url: str, error: psycopg.Error) -> str:
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The driver's message quotes the text, which may hold the password.
        return (
            "TURNKEEPER_DATABASE_URL is not a PostgreSQL address; write postgresql://user:password@host:port/database."
        )
    where = _where(str(parts.get("host") or "localhost"), parts.get("port") or 5432)
    user, database = parts.get("user"), parts.get("dbname")
    said = str(error)
    if "authentication failed" in said or "no password supplied" in said or "pg_hba.conf" in said:
        return f"The database at {where} refuses the user {user!r}; correct the name or password in TURNKEEPER_DATABASE_URL."
    if "does not exist" in said and "database" in said:
        return f"There is no database {database!r} at {where}; create it, or correct TURNKEEPER_DATABASE_URL."
    password = str(parts.get("password") or "")
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["no answer"]
    why = lines[0].replace(password, "…") if password else lines[0]
    return f"The database at {where} cannot be reached: {why}; start it, or correct TURNKEEPER_DATABASE_URL."


def _where(host: str, port: object) -> str:
    return host if host.startswith("/") else f"{host}:{port}"
