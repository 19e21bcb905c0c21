"""A real PgBouncer before the tests' PostgreSQL, pooling transactions; where the program is installed."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from psycopg import OperationalError, connect

from bench.ports import free_port
from tests.patience import PATIENCE

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def pooler_before(url: str, *, server_connections: int = 2) -> Generator[str]:
    """The address of the same database through a pooler that shares so few connections."""
    assert PROGRAM is not None
    parts = urlsplit(url)
    socket_dir = Path(parse_qs(parts.query)["host"][0])
    owner = socket_dir.stat()
    name = parts.path.lstrip("/")
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="tk-pooler-") as folder:
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(
            f"[databases]\n{name} = host={socket_dir} port=5432 dbname={name} user={parts.username or 'turnkeeper'}\n"
            f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\npool_mode = transaction\n"
            f"unix_socket_dir =\ndefault_pool_size = {server_connections}\n",
            encoding="utf-8",
        )
        Path(folder).chmod(0o755)
        # It refuses to be root, and PostgreSQL's socket is for its own account.
        user, group = (owner.st_uid, owner.st_gid) if os.geteuid() == 0 else (None, None)
        process = subprocess.Popen([PROGRAM, "--quiet", str(file)], stderr=subprocess.PIPE, user=user, group=group)
        try:
            through = f"postgresql://turnkeeper@127.0.0.1:{port}/{name}"
            _wait_for_words(process, through)
            yield through
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert process.stderr is not None
            process.stderr.close()


def _wait_for_words(process: subprocess.Popen[bytes], url: str) -> None:
    for _ in range(100):
        try:
            connect(url, connect_timeout=int(PATIENCE)).close()
        except OperationalError:
            try:
                process.wait(0.05)
            except subprocess.TimeoutExpired:
                continue
            assert process.stderr is not None
            raise AssertionError(process.stderr.read()) from None
        else:
            return
    raise AssertionError("The pooler does not answer.")
