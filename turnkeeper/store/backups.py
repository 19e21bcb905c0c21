"""A copy of all that a data folder holds, made while the server runs, and a new data folder made from one.

The database is copied first, as it is at one moment, and then the files: whatever a row names is there, and a file too much
does no harm. A copy appears under its name when it is whole.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from turnkeeper.core.errors import StartError
from turnkeeper.store.data_folder import make_data_dir
from turnkeeper.store.embedded import STOP_SECONDS, join
from turnkeeper.store.migrate import migrate
from turnkeeper.store.postgres_cluster import CLUSTER
from turnkeeper.store.postgres_programs import choose_account, find_programs
from turnkeeper.store.vault_keys import KEY_FILE

DUMP = "database.dump"
FILES = "files"
INCOMING = "incoming"
"""Below the files: what is only on its way in."""


def back_up(data_dir: Path, target: Path, *, postgres_bin: Path | None) -> int:
    """Copy everything into the folder `target`, which must not exist; returns its size in bytes. Blocks.

    Raises:
        StartError: one sentence says why there is no copy.
    """
    if target.exists():
        raise StartError(f"{target} exists already; name a folder that does not, such as one with today's date.")
    if not (data_dir / CLUSTER).exists():
        raise StartError(f"There is no database in {data_dir}; name the data folder with --data-dir.")
    unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        with join(data_dir, postgres_bin=postgres_bin) as lease:
            _run(data_dir, postgres_bin, ["pg_dump", "--format=custom", f"--file={unfinished / DUMP}", lease.url])
        _copy(data_dir / FILES, unfinished / FILES)
        if (data_dir / KEY_FILE).exists():
            shutil.copy2(data_dir / KEY_FILE, unfinished / KEY_FILE)
        _make_lasting(unfinished)
        unfinished.rename(target)
    except OSError as error:
        raise StartError(f"The backup could not be written to {target}: {error.strerror}.") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return sum(each.stat().st_size for each in target.rglob("*") if each.is_file())


def restore(source: Path, data_dir: Path, *, postgres_bin: Path | None) -> None:
    """Make a data folder from a copy, with all migrations of this version. The folder must not hold a database. Blocks.

    Raises:
        StartError: one sentence says why there is none; what was made of it is removed again.
    """
    if not (source / DUMP).is_file():
        raise StartError(f"{source} is no backup: it has no {DUMP}.")
    if any((data_dir / each).exists() for each in (CLUSTER, FILES, KEY_FILE)):
        raise StartError(f"{data_dir} holds data already; name an empty folder with --data-dir, or move that one away.")
    try:
        make_data_dir(data_dir)
        _copy(source / FILES, data_dir / FILES)
        if (source / KEY_FILE).exists():
            shutil.copy2(source / KEY_FILE, data_dir / KEY_FILE)
        with ExitStack() as stack:
            lease = join(data_dir, postgres_bin=postgres_bin)
            # Should it fail, what PostgreSQL holds open cannot be removed.
            stack.callback(lease.close, wait_seconds=STOP_SECONDS)
            arguments = ["pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", f"--dbname={lease.url}"]
            _run(data_dir, postgres_bin, [*arguments, str(source / DUMP)])
            migrate(lease.url)
    except (StartError, OSError) as error:
        _forget(data_dir)
        why = error.message if isinstance(error, StartError) else f"{error.strerror}."
        raise StartError(f"The backup could not be restored to {data_dir}: {why}") from error


def _run(data_dir: Path, postgres_bin: Path | None, command: Sequence[str]) -> None:
    """Run a program that comes with the PostgreSQL of the data folder; it takes as long as it takes, as ourselves."""
    programs = find_programs(postgres_bin, data_dir, choose_account(data_dir / CLUSTER))
    program = programs.folder / command[0]
    if not program.is_file():
        raise StartError(
            f"The PostgreSQL in {programs.folder} comes without {command[0]}; install its client programs."
        )
    done = subprocess.run(
        [str(program), *command[1:]], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise StartError(f"{command[0]} failed: {said[0] if said else f'it ended with {done.returncode}'}")


def _copy(source: Path, target: Path) -> None:
    """Copy a folder of files, of which some may be deleted meanwhile."""
    for path in sorted(source.rglob("*")):
        place = path.relative_to(source)
        if place.parts[0] == INCOMING:
            continue
        try:
            if path.is_dir():
                (target / place).mkdir(parents=True, exist_ok=True)
            else:
                (target / place).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(path, target / place)
        except FileNotFoundError:
            if path.exists():
                raise


def _make_lasting(folder: Path) -> None:
    if sys.platform == "linux":
        for path in (*folder.rglob("*"), folder):
            handle = os.open(path, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _forget(data_dir: Path) -> None:
    for each in (CLUSTER, FILES):
        shutil.rmtree(data_dir / each, ignore_errors=True)
    (data_dir / KEY_FILE).unlink(missing_ok=True)
