"""The files of the PostgreSQL we start: its data (the cluster), made once, and its configuration, written each start."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from turnkeeper.core.errors import StartError
from turnkeeper.store.postgres_programs import Account, Programs, run_program

ROLE = "turnkeeper"
PORT = 5432
"""Names the socket only; nothing listens on the network."""
CLUSTER = "postgres"
INITDB_SECONDS = 60.0

SETTINGS = {
    "listen_addresses": "''",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    # Small enough that the server and its database together stay below 300 MiB.
    "shared_buffers": "32MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "random_page_cost": "1.1",
    "max_worker_processes": "4",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    # Parallel workers would need /dev/shm, which containers keep small.
    "max_parallel_maintenance_workers": "0",
    "jit": "off",
    "min_wal_size": "32MB",
    "max_wal_size": "512MB",
    "autovacuum_max_workers": "2",
    "autovacuum_naptime": "30s",
    # The queue's rows live for seconds: dead ones must not pile up.
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.05",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "log_line_prefix": "'%m [%p] '",
    "log_checkpoints": "off",
    # What people say must not stand in the log: no statements, no parameters, no values of rows.
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "lc_messages": "'C'",
}
SETTINGS_SINCE_18 = {
    # No helper processes for reading: one conversation reads little, and each costs memory.
    "io_method": "sync",
}
DURABLE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "on"}
"""For tests: safe against killed processes, not against a power cut."""


def make_cluster(data_dir: Path, programs: Programs, account: Account | None, *, durable: bool) -> Path:
    """The folder of the database's files, made if absent: whole or not at all, whenever we are killed.

    The caller holds the keeper's lock. Raises: StartError for another major version, or when initdb fails.
    """
    cluster = data_dir / CLUSTER
    for stale in data_dir.glob(f"{CLUSTER}.new-*"):
        shutil.rmtree(stale, ignore_errors=True)
    if cluster.exists():
        check_version(cluster, programs)
        return cluster
    work = Path(tempfile.mkdtemp(prefix=f"{CLUSTER}.new-", dir=data_dir))
    try:
        if account is not None:
            os.chown(work, account.uid, account.gid)
        _run_initdb(work, programs, account, durable=durable)
        work.rename(cluster)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    _flush(data_dir)
    return cluster


def check_version(cluster: Path, programs: Programs) -> None:
    """Raises: StartError when the files were written by another major version of PostgreSQL than `programs`."""
    try:
        written = (cluster / "PG_VERSION").read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StartError(
            f"The folder {cluster} is not a PostgreSQL data folder (it has no PG_VERSION); "
            "restore it from a backup or give Turnkeeper another --data-dir."
        ) from error
    if written != str(programs.major):
        raise StartError(
            f"The data folder {cluster} was written by PostgreSQL {written}, but the programs in {programs.folder} are "
            f"version {programs.major}; run with PostgreSQL {written}, or dump there and restore here."
        )


def _run_initdb(work: Path, programs: Programs, account: Account | None, *, durable: bool) -> None:
    character_type = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
    arguments = [
        str(programs.folder / "initdb"),
        "-D",
        str(work),
        "-U",
        ROLE,
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--data-checksums",
    ]
    # The text parser of full text search asks LC_CTYPE what a letter is: with plain C, “quoted” is one word with its quotes.
    arguments += ["--no-instructions", "--locale=C", f"--lc-ctype={character_type}"]
    if programs.major >= 17:
        arguments += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if not durable:
        arguments.append("--no-sync")
    try:
        answer = run_program(arguments, account, seconds=INITDB_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise StartError(f"PostgreSQL's initdb did not finish in {INITDB_SECONDS:.0f} s; look at the disk.") from error
    if answer.returncode != 0:
        signs = ("error:", "FATAL:", "PANIC:", "could not")
        lines = [line.strip() for line in answer.stderr.splitlines() if any(sign in line for sign in signs)]
        why = "; ".join(lines[-2:]) or f"initdb ended with status {answer.returncode}"
        raise StartError(f"The database files in {work.parent} could not be made: {why}")


def write_configuration(
    data_dir: Path, socket_dir: Path, account: Account | None, *, major: int, durable: bool
) -> None:
    """Write `postgresql.conf` beside the cluster, not in it: its owner there is not trusted by root."""
    settings = SETTINGS | (SETTINGS_SINCE_18 if major >= 18 else {}) | (DURABLE if durable else FORGETFUL)
    settings |= {"port": str(PORT)}
    settings |= {"unix_socket_directories": f"'{_quoted(socket_dir)}'"}
    lines = ["# Written by Turnkeeper at every start; to change a setting use ALTER SYSTEM, which wins over this file."]
    lines += [f"{name} = {value}" for name, value in settings.items()]
    work = data_dir / "postgresql.conf.new"
    work.write_text("\n".join(lines) + "\n", encoding="utf-8")
    work.chmod(0o640)
    if account is not None:
        os.chown(work, 0, account.gid)
    work.replace(data_dir / "postgresql.conf")


def _quoted(path: Path) -> str:
    # A comma parts folders in this setting unless the name stands in double quotes.
    return '"' + str(path).replace("\\", "\\\\").replace("'", "''").replace('"', '""') + '"'


def _flush(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
