"""The embedded PostgreSQL lives exactly as long as its users, however they and its keeper end."""

import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Generator
from pathlib import Path

import psycopg
import pytest

from tests.fakes.postgres import make_data_dir, remove_data_dir, wait_until_free
from tests.fakes.postgres_users import PostgresUser, copy_packages, start
from tests.patience import PATIENCE, PROCESS_PATIENCE
from turnkeeper.core.errors import StartError
from turnkeeper.store.data_folder import default_data_dir, hold_server_lock, noted_address
from turnkeeper.store.embedded import join

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")


@pytest.fixture(scope="module")
def prepared_dir() -> Generator[Path]:
    """A data folder whose database was made once, to be copied: making one takes half a second."""
    folder = make_data_dir()
    join(folder, durable=False).close()
    wait_until_stopped(folder)
    yield folder
    remove_data_dir(folder)


@pytest.fixture
def made_dir(prepared_dir: Path, data_dir: Path) -> Path:
    """A data folder of the test's own with a database in it."""
    subprocess.run(["cp", "-a", f"{prepared_dir}/.", str(data_dir)], check=True)
    return data_dir


def wait_until_stopped(data_dir: Path) -> None:
    """Wait for the end of the keeper and of every process of PostgreSQL."""
    for name in ("cluster.lock", "keeper.lock"):
        assert wait_until_free(data_dir / name), f"{name} is still held"
    lines = subprocess.check_output(["ps", "-eo", "pid,args"], text=True).splitlines()
    assert [line for line in lines if str(data_dir) in line and "postgres" in line] == []


def wait_for_another_postmaster(data_dir: Path, old: int) -> None:
    """Wait until a server other than `old` runs in the folder."""
    file = data_dir / "postgres" / "postmaster.pid"
    deadline = time.monotonic() + PATIENCE
    while not file.exists() or not (text := file.read_text()) or int(text.splitlines()[0]) == old:
        assert time.monotonic() < deadline, "no other server was started"
        threading.Event().wait(0.01)


def write_row(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE promises AS SELECT 'kept' AS word")


def read_rows(url: str) -> list[tuple[str]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT word FROM promises").fetchall()


def test_the_first_user_makes_it_and_the_last_one_stops_it(data_dir: Path) -> None:
    with join(data_dir) as first:
        write_row(first.url)
        second = join(data_dir)
    assert read_rows(second.url) == [("kept",)]
    second.close()
    wait_until_stopped(data_dir)
    with join(data_dir) as again:
        assert read_rows(again.url) == [("kept",)]


def test_it_listens_nowhere_but_on_a_socket_that_others_cannot_enter(made_dir: Path) -> None:
    with join(made_dir, durable=False) as lease, psycopg.connect(lease.url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
        assert (made_dir / "socket").stat().st_mode & 0o077 == 0
        assert (made_dir / "postgres").stat().st_mode & 0o077 == 0


def test_what_is_durable_and_what_is_in_utf8(data_dir: Path) -> None:
    with join(data_dir) as lease, psycopg.connect(lease.url) as connection:
        settings = ("fsync", "synchronous_commit", "full_page_writes", "data_checksums", "server_encoding")
        assert [connection.execute(f"SHOW {name}".encode()).fetchone() for name in settings] == [
            ("on",),
            ("on",),
            ("on",),
            ("on",),
            ("UTF8",),
        ]
        # The parser of full text search knows typographic quotes from letters.
        assert connection.execute("SELECT to_tsvector('simple', '“Überall”')::text").fetchone() == ("'überall':1",)


def test_a_killed_user_leaves_no_postgresql_and_its_commits_are_kept(made_dir: Path) -> None:
    with PostgresUser(made_dir) as user:
        write_row(user.facts["url"])
        user.process.kill()
        wait_until_stopped(made_dir)
    with join(made_dir) as lease:
        assert read_rows(lease.url) == [("kept",)]


def test_killed_together_user_and_keeper_leave_no_postgresql_and_commits_are_kept(made_dir: Path) -> None:
    with PostgresUser(made_dir) as user:
        write_row(user.facts["url"])
        user.process.kill()
        os.kill(user.facts["keeper"], signal.SIGKILL)
        wait_until_stopped(made_dir)
    with join(made_dir) as lease:
        assert read_rows(lease.url) == [("kept",)]


def test_a_user_gets_a_new_keeper_when_the_keeper_is_killed(made_dir: Path) -> None:
    with PostgresUser(made_dir) as user:
        write_row(user.facts["url"])
        os.kill(user.facts["keeper"], signal.SIGKILL)
        wait_for_another_postmaster(made_dir, user.facts["postmaster"])
        # To join is to wait until it accepts connections.
        with PostgresUser(made_dir) as other:
            assert other.facts["keeper"] != user.facts["keeper"]
            other.leave()
        # Whoever started the new keeper may be gone: it stays for the one that is left.
        assert read_rows(user.facts["url"]) == [("kept",)]
        user.leave()
    wait_until_stopped(made_dir)


def test_a_killed_postmaster_is_started_again_for_its_users(made_dir: Path) -> None:
    with PostgresUser(made_dir) as user:
        write_row(user.facts["url"])
        os.kill(user.facts["postmaster"], signal.SIGKILL)
        with PostgresUser(made_dir) as other:
            assert other.facts["keeper"] == user.facts["keeper"]
            assert other.facts["postmaster"] != user.facts["postmaster"]
            assert read_rows(other.facts["url"]) == [("kept",)]


def test_twenty_users_at_once_share_one_postgresql(made_dir: Path) -> None:
    with join(made_dir, durable=False) as lease:
        with psycopg.connect(lease.url) as connection:
            connection.execute("CREATE TABLE visits (started_at timestamptz)")
        lease.close()
        wait_until_stopped(made_dir)
        crowd = start("crowd", str(made_dir), "20", "1")
        # Started once for all of them, or twice if the first ones left before the last ones came.
        assert crowd.communicate(timeout=PROCESS_PATIENCE)[1] == ""
        assert crowd.returncode == 0
    with join(made_dir, durable=False) as lease, psycopg.connect(lease.url) as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT started_at) <= 2 FROM visits").fetchone()
        assert row == (20, True)


def test_joining_while_others_leave_never_fails(made_dir: Path) -> None:
    with join(made_dir, durable=False) as lease, psycopg.connect(lease.url) as connection:
        connection.execute("CREATE TABLE visits (started_at timestamptz)")
    crowd = start("crowd", str(made_dir), "4", "8")
    assert crowd.communicate(timeout=PROCESS_PATIENCE)[1] == ""
    with join(made_dir, durable=False) as lease, psycopg.connect(lease.url) as connection:
        assert connection.execute("SELECT count(*) FROM visits").fetchone() == (32,)
    wait_until_stopped(made_dir)


def test_the_last_user_can_wait_for_the_stop(made_dir: Path) -> None:
    lease = join(made_dir, durable=False)
    lease.close(wait_seconds=PATIENCE)
    lease.close()
    assert not (made_dir / "postgres" / "postmaster.pid").exists()


def test_what_an_interrupted_start_left_is_removed(data_dir: Path) -> None:
    left = data_dir / "postgres.new-left"
    left.mkdir()
    (left / "PG_VERSION").write_text("18\n")
    with join(data_dir, durable=False):
        assert not left.exists()


def test_a_data_folder_with_a_long_or_odd_name_works(prepared_dir: Path, data_dir: Path) -> None:
    for name in ("long" * 30, 'it\'s, "odd" \\ 100%41'):
        folder = data_dir / name
        subprocess.run(["cp", "-a", str(prepared_dir), str(folder)], check=True)
        data_dir.chmod(0o711)
        with join(folder, durable=False) as lease, psycopg.connect(lease.url) as connection:
            socket_dir = Path(connection.info.host)
        wait_until_stopped(folder)
        shutil.rmtree(socket_dir)


def test_a_socket_folder_of_somebody_else_is_refused(prepared_dir: Path, data_dir: Path) -> None:
    folder = data_dir / ("long" * 30)
    subprocess.run(["cp", "-a", str(prepared_dir), str(folder)], check=True)
    data_dir.chmod(0o711)
    with join(folder, durable=False) as lease, psycopg.connect(lease.url) as connection:
        socket_dir = Path(connection.info.host)
    wait_until_stopped(folder)
    shutil.rmtree(socket_dir)
    socket_dir.symlink_to(data_dir)
    with pytest.raises(StartError, match="belongs to somebody else"):
        join(folder, durable=False)
    socket_dir.unlink()


def test_its_log_is_bounded(made_dir: Path) -> None:
    with join(made_dir, durable=False) as lease, psycopg.connect(lease.url) as connection:
        connection.execute("DO $$ BEGIN FOR i IN 1..14 LOOP RAISE LOG '%', repeat('x', 1000000); END LOOP; END $$")
    wait_until_stopped(made_dir)
    sizes = [path.stat().st_size for path in made_dir.glob("postgres.log*")]
    assert len(sizes) == 2
    assert max(sizes) < 6_000_000


def test_a_second_server_is_refused_and_may_start_when_the_first_has_ended(data_dir: Path) -> None:
    with hold_server_lock(data_dir, address="http://127.0.0.1:9000"), pytest.raises(StartError) as refusal:
        hold_server_lock(data_dir, address="http://127.0.0.1:9001")
    assert refusal.value.message == (
        f"The data folder {data_dir} is in use by another Turnkeeper server (process {os.getpid()}); "
        "stop it, or give this one its own --data-dir."
    )
    hold_server_lock(data_dir, address="http://127.0.0.1:9001").close()


def test_a_server_notes_where_it_is_for_as_long_as_it_is_there(data_dir: Path) -> None:
    assert noted_address(data_dir) is None

    with hold_server_lock(data_dir, address="http://127.0.0.1:9000"):
        assert noted_address(data_dir) == "http://127.0.0.1:9000"

    assert noted_address(data_dir) is None


def test_files_of_another_major_version_are_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartError, match=r"was written by PostgreSQL 17, but the programs in .* are version 18"):
        join(data_dir)


def test_a_folder_that_is_not_postgresqls_is_refused(data_dir: Path) -> None:
    (data_dir / "postgres").mkdir()
    with pytest.raises(StartError, match="is not a PostgreSQL data folder"):
        join(data_dir)


def test_a_reason_postgresql_gives_is_told(made_dir: Path) -> None:
    with (made_dir / "postgres" / "postgresql.auto.conf").open("a") as file:
        file.write("shared_buffers = 'plenty'\n")
    with pytest.raises(StartError, match=r"did not start in .*: configuration file .* contains errors. See .*log"):
        join(made_dir)


def test_a_start_that_takes_too_long_is_told_and_undone(made_dir: Path) -> None:
    # As if a process of an earlier PostgreSQL were stuck.
    earlier = os.open(made_dir / "cluster.lock", os.O_RDWR)
    fcntl.flock(earlier, fcntl.LOCK_EX)
    with pytest.raises(StartError, match="did not accept connections in time"):
        join(made_dir, durable=False, start_seconds=0.2)
    os.close(earlier)
    wait_until_stopped(made_dir)


def test_a_folder_that_cannot_be_written_is_told() -> None:
    with pytest.raises(StartError, match="The data folder /sys/turnkeeper cannot be written by this user"):
        join(Path("/sys/turnkeeper"))


def test_a_file_in_the_place_of_the_folder_is_told(data_dir: Path) -> None:
    file = data_dir / "file"
    file.touch()
    with pytest.raises(StartError, match="cannot be used"):
        join(file)


def test_programs_that_are_not_there_are_told(data_dir: Path) -> None:
    with pytest.raises(StartError, match=f"The folder {data_dir} has no PostgreSQL programs"):
        join(data_dir, postgres_bin=data_dir)


def test_a_disk_with_too_little_room_is_told_before_anything_is_written(data_dir: Path) -> None:
    with pytest.raises(StartError, match=r"has .* MB free, and PostgreSQL needs .* MB"):
        join(data_dir, room_bytes=1 << 60)
    assert not (data_dir / "postgres").exists()


@AS_ROOT
def test_a_disk_that_is_full_is_told_and_works_again_when_there_is_room(prepared_dir: Path, data_dir: Path) -> None:
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m,mode=711", "turnkeeper", str(data_dir)], check=True)
    try:
        fill(data_dir / "filler", leave=20_000_000)
        with pytest.raises(StartError, match="new is full"):
            join(data_dir / "new", room_bytes=0)
        shutil.rmtree(data_dir / "new")
        (data_dir / "filler").unlink()
        folder = data_dir / "old"
        subprocess.run(["cp", "-a", str(prepared_dir), str(folder)], check=True)
        fill(data_dir / "filler", leave=0)
        with pytest.raises(StartError, match="old is full"):
            join(folder, room_bytes=0)
        (data_dir / "filler").unlink()
        join(folder, room_bytes=0).close()
        wait_until_stopped(folder)
    finally:
        subprocess.run(["umount", str(data_dir)], check=True)


def fill(path: Path, *, leave: int) -> None:
    """Write until `leave` bytes are left on the disk."""
    with path.open("wb", buffering=0) as file:
        while (free := shutil.disk_usage(path.parent).free - leave) > 0:
            file.write(bytes(min(free, 1 << 20)))


@AS_ROOT
def test_a_parent_that_postgresqls_account_cannot_enter_is_named(data_dir: Path) -> None:
    closed = data_dir / "closed"
    data_dir.chmod(0o711)
    closed.mkdir(mode=0o700)
    with pytest.raises(StartError, match=rf"cannot enter the folder {closed}; choose a --data-dir"):
        join(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_programs_that_postgresqls_account_cannot_reach_are_copied_once(tmp_path: Path, made_dir: Path) -> None:
    """As with a virtual environment below /root, which is as closed as pytest's own folders."""
    copy_packages(tmp_path)
    with PostgresUser(made_dir, packages=tmp_path) as user:
        program = Path(f"/proc/{user.facts['postmaster']}/exe").readlink()
        assert program.is_relative_to(made_dir / "programs")
        copied_at = program.stat().st_ctime_ns
        user.leave()
    wait_until_stopped(made_dir)
    with PostgresUser(made_dir, packages=tmp_path):
        assert program.stat().st_ctime_ns == copied_at


def test_root_keeps_its_data_where_postgresqls_account_can_go() -> None:
    assert default_data_dir() == Path("/var/lib/turnkeeper") or os.geteuid() != 0
