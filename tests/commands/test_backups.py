"""What was backed up while a server ran can be restored, whole or not at all."""

import subprocess
import urllib.request
from pathlib import Path

import msgspec

from tests.fakes.forked_commands import ran
from tests.patience import PROCESS_PATIENCE
from tests.server_process import clean_environment, started_server


def run(*words: str, data_dir: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return ran(*words, "--data-dir", str(data_dir), **clean_environment(**environment))


def ask(
    address: str, key: str, path: str, body: bytes | None = None, kind: str = "application/json"
) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": kind}
    with urllib.request.urlopen(
        urllib.request.Request(address + path, body, headers), timeout=PROCESS_PATIENCE
    ) as answer:
        return msgspec.json.decode(answer.read(), type=dict[str, object])


def test_a_backup_of_a_running_server_is_restored_with_keys_and_files(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    first, copy, second = data_dir / "first", data_dir / "copy", data_dir / "second"
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="note.txt"\r\n\r\nhello\r\n--x--\r\n'
    with started_server("--no-demo", "--data-dir", str(first)) as server:
        key = server.key
        file = ask(server.address, key, "/v1/files", part, "multipart/form-data; boundary=x")
        made = run("backup", str(copy), data_dir=first)
        again = run("backup", str(copy), data_dir=first)

    restored = run("restore", str(copy), data_dir=second)
    onto_data = run("restore", str(copy), data_dir=second)

    assert (made.returncode, restored.returncode) == (0, 0), made.stderr + restored.stderr
    assert (again.returncode, onto_data.returncode) == (2, 2)
    assert "exists already" in again.stderr
    assert "holds data already" in onto_data.stderr
    with started_server("--no-demo", "--data-dir", str(second)) as server:
        assert server.key == ""  # no first start
        assert ask(server.address, key, f"/v1/files/{file['id']}") == file
        with urllib.request.urlopen(
            urllib.request.Request(
                f"{server.address}/v1/files/{file['id']}/content", headers={"Authorization": f"Bearer {key}"}
            ),
            timeout=PROCESS_PATIENCE,
        ) as answer:
            assert answer.read() == b"hello"


def test_what_cannot_be_restored_leaves_nothing_behind(data_dir: Path) -> None:
    data_dir.chmod(0o755)
    broken, target = data_dir / "broken", data_dir / "target"
    broken.mkdir()
    (broken / "database.dump").write_bytes(b"no dump at all")

    result = run("restore", str(broken), data_dir=target)

    assert result.returncode == 2
    assert "could not be restored" in result.stderr
    assert not (target / "postgres").exists()


def test_an_external_database_is_left_to_its_own_tools(tmp_path: Path) -> None:
    result = run("backup", str(tmp_path / "x"), data_dir=tmp_path, TURNKEEPER_DATABASE_URL="postgresql://db/turnkeeper")

    assert (result.returncode, result.stdout) == (2, "")
    assert "pg_dump" in result.stderr
