"""Migrations run once, whoever starts, and a database that cannot carry Turnkeeper is refused in one sentence."""

import hashlib
from collections.abc import Generator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest
from procrastinate.schema import SchemaManager

from tests.fakes.postgres import TestPostgres
from tests.fakes.postgres_users import PostgresUser, copy_packages, start
from tests.patience import PROCESS_PATIENCE
from turnkeeper.core.errors import StartError
from turnkeeper.store.embedded import join
from turnkeeper.store.migrate import LOCK, TABLE, VERSIONS, applied_revision, connect, migrate, revisions
from turnkeeper.store.migrations.upgrade import upgrade


def refusal(url: str, *, wait_seconds: float = 5) -> str:
    """The sentence with which migrating is refused."""
    with pytest.raises(StartError) as refused:
        migrate(url, wait_seconds=wait_seconds)
    return refused.value.message


def as_user(url: str, name: str) -> str:
    return url.replace("//turnkeeper@", f"//{name}@")


@pytest.fixture
def plain_user(empty_database_url: str) -> Generator[str]:
    """A role that may connect and nothing else, to the empty database."""
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN")
        yield "plain"
        connection.execute("DROP OWNED BY plain")
        connection.execute("DROP ROLE plain")


def test_revisions_form_one_chain_of_numbers() -> None:
    names = revisions()
    assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]
    assert max(map(len, names)) <= 32, "the database keeps 32 characters"


def test_an_empty_database_gets_everything_and_a_second_run_changes_nothing(empty_database_url: str) -> None:
    migrate(empty_database_url)
    migrate(empty_database_url)
    with connect(empty_database_url) as connection:
        assert applied_revision(connection) == revisions()[-1]
        found = connection.execute("SELECT extname FROM pg_extension WHERE extname = 'vector'").fetchone()
        assert found == ("vector",)


SHAPE = """
    SELECT 'column', c.table_name, c.column_name, c.data_type, c.column_default, c.is_nullable
    FROM information_schema.columns c WHERE c.table_schema = current_schema()
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL SELECT 'index', tablename, indexname, indexdef, NULL, NULL FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), tgenabled::text, NULL
    FROM pg_trigger WHERE NOT tgisinternal
    UNION ALL SELECT 'function', proname, pg_get_function_identity_arguments(oid), prosrc, NULL, NULL
    FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND probin IS NULL
    ORDER BY 1, 2, 3, 4
"""


def shape_of(url: str) -> list[tuple[object, ...]]:
    """All that migrations made, in an order of its own; not the order of columns, which no statement of ours relies on."""
    with connect(url) as connection:
        return connection.execute(SHAPE.encode()).fetchall()


def test_a_database_from_before_revisions_had_their_numbers_becomes_as_all_others(
    empty_database_url: str, database_url: str
) -> None:
    early = [name for name in revisions() if name <= "0020_schedules"] + ["0023_reservations"]
    with connect(empty_database_url) as connection:
        upgrade(connection, VERSIONS, early, table=TABLE)
        connection.execute(f"UPDATE {TABLE} SET version_num = '0029_reservations'".encode())

    migrate(empty_database_url)

    assert shape_of(empty_database_url) == shape_of(database_url)
    with connect(empty_database_url) as connection:
        assert applied_revision(connection) == revisions()[-1]


def test_eight_processes_at_once_migrate_once(empty_database_url: str) -> None:
    crowd = start("migrate", empty_database_url, "8")
    assert crowd.communicate(timeout=PROCESS_PATIENCE)[1] == ""
    assert crowd.returncode == 0
    with connect(empty_database_url) as connection:
        assert connection.execute(f"SELECT * FROM {TABLE}".encode()).fetchall() == [(revisions()[-1],)]


def test_whoever_waits_too_long_for_the_one_that_migrates_is_told(empty_database_url: str) -> None:
    with connect(empty_database_url) as other:
        other.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        assert "Another process has been migrating the database" in refusal(empty_database_url, wait_seconds=0.05)
    migrate(empty_database_url)


def test_a_failed_revision_leaves_the_database_as_it_was(empty_database_url: str) -> None:
    with connect(empty_database_url) as connection:
        connection.execute("CREATE FUNCTION defer_task(text, text, jsonb, text, timestamptz) RETURNS bigint RETURN 1")
        with pytest.raises(psycopg.errors.DuplicateFunction):
            migrate(empty_database_url)
        assert applied_revision(connection) is None
        assert connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone() == (None,)
        connection.execute("DROP FUNCTION defer_task")
    migrate(empty_database_url)


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    with connect(database_url) as connection:
        connection.execute(f"UPDATE {TABLE} SET version_num = '9999_future'".encode())
    told = refusal(database_url)
    assert "belongs to a newer Turnkeeper" in told
    assert "'9999_future'" in told


def test_a_task_is_deferred_inside_any_statement(database_url: str) -> None:
    with connect(database_url) as connection:
        with connection.transaction(force_rollback=True):
            connection.execute("SELECT defer_task('answer', 'undone', '{}')")
        made = connection.execute(
            "WITH fact AS (SELECT 7 AS id) SELECT defer_task('answer', 'c1', jsonb_build_object('id', id)) FROM fact"
        ).fetchone()
        later = "SELECT defer_task('deliver', NULL, '{}', queue => 'slow', run_at => '2099-01-01Z')"
        connection.execute(later.encode())
        jobs = connection.execute(
            "SELECT id, task_name, lock, args, queue_name, status::text, scheduled_at::date::text FROM procrastinate_jobs"
            " ORDER BY id"
        ).fetchall()
    assert made is not None
    assert jobs == [
        (made[0], "answer", "c1", {"id": 7}, "default", "todo", None),
        (made[0] + 1, "deliver", None, {}, "slow", "todo", "2099-01-01"),
    ]


def test_the_queues_schema_is_the_one_that_was_released() -> None:
    """When this fails, Procrastinate changed its schema: keep the old text as the first revision, and add a new one."""
    schema = hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest()
    assert schema == "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


def test_an_unreachable_database_is_told_without_its_password() -> None:
    told = refusal("postgresql://me:s3cret@127.0.0.1:1/shop")
    assert told.startswith("The database at 127.0.0.1:1 cannot be reached: ")
    assert "s3cret" not in told


def test_an_address_that_is_none_is_told_without_its_text() -> None:
    assert refusal("s3cret garbage").startswith("TURNKEEPER_DATABASE_URL is not a PostgreSQL address")


def test_an_unknown_database_is_told(test_postgres: TestPostgres, empty_database_url: str) -> None:
    del test_postgres
    absent = empty_database_url.replace("@/test_", "@/absent_")
    assert refusal(absent).startswith("There is no database 'absent_")


def test_a_wrong_password_is_told_without_it(data_dir: Path) -> None:
    with join(data_dir, durable=False) as lease, connect(lease.url) as connection:
        rules = data_dir / "postgres" / "pg_hba.conf"
        rules.write_text("local all secured scram-sha-256\n" + rules.read_text())
        connection.execute("CREATE ROLE secured LOGIN PASSWORD 'right'")
        connection.execute("SELECT pg_reload_conf()")
        # A new connection is made by a postmaster that has read the file: the reload is in its signals' order.
        told = refusal(as_user(lease.url, "secured:s3cret"))
    assert "refuses the user 'secured'" in told
    assert "s3cret" not in told


def test_a_server_without_pgvector_is_told(data_dir: Path) -> None:
    # Not in pytest's folder: PostgreSQL's account would not reach it, and programs may not run from memory.
    with TemporaryDirectory(prefix="turnkeeper-test-") as folder:
        packages = Path(folder)
        packages.chmod(0o755)
        installation = copy_packages(packages)
        with PostgresUser(data_dir, packages=packages) as user:
            (installation / "share" / "extension" / "vector.control").unlink()
            assert "does not have the extension pgvector; install it there" in refusal(user.facts["url"])
        with pytest.raises(StartError, match="has no pgvector extension; install pgvector for version 18"):
            join(data_dir / "other", postgres_bin=installation / "bin")


def test_a_user_without_rights_is_told_which_one_is_missing(empty_database_url: str, plain_user: str) -> None:
    url = as_user(empty_database_url, plain_user)
    assert "may not create tables" in refusal(url)
    with connect(empty_database_url) as connection:
        connection.execute("GRANT CREATE ON SCHEMA public TO plain")
        assert "may not create the extension pgvector" in refusal(url)
        connection.execute("CREATE EXTENSION vector")
    migrate(url)


def test_a_database_that_is_not_in_utf8_is_refused(test_postgres: TestPostgres) -> None:
    options = "TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'"
    url = test_postgres.make_empty_database(options)
    assert "stores text as LATIN1; create one with the encoding UTF8" in refusal(url)
    test_postgres.drop(url)
