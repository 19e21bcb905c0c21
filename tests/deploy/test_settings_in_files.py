"""Secrets come in files: `TURNKEEPER_…_FILE` names one."""

from pathlib import Path

import pytest

from turnkeeper.core.errors import StartError
from turnkeeper.settings import load


def test_a_setting_is_read_from_the_file_that_is_named(tmp_path: Path) -> None:
    file = tmp_path / "database_url"
    file.write_text("postgresql://turnkeeper@db/turnkeeper\n", encoding="utf-8")

    settings = load({"TURNKEEPER_DATABASE_URL_FILE": str(file)})

    assert settings.database_url == "postgresql://turnkeeper@db/turnkeeper"


def test_the_variable_itself_and_the_flag_win_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "port"
    file.write_text("7000", encoding="utf-8")

    assert load({"TURNKEEPER_PORT_FILE": str(file)}).port == 7000
    assert load({"TURNKEEPER_PORT_FILE": str(file), "TURNKEEPER_PORT": "7001"}).port == 7001
    assert load({"TURNKEEPER_PORT_FILE": str(file)}, {"port": 7002}).port == 7002


def test_a_file_that_cannot_be_read_is_named_without_its_content(tmp_path: Path) -> None:
    large, binary = tmp_path / "large", tmp_path / "binary"
    large.write_text("x" * 70_000, encoding="utf-8")
    binary.write_bytes(b"\xff\xfe\x00secret")

    for path, why in ((tmp_path / "absent", "No such file"), (large, "larger than"), (binary, "no text")):
        with pytest.raises(StartError, match=why) as caught:
            load({"TURNKEEPER_OPENAI_API_KEY_FILE": str(path)})
        assert str(path) in caught.value.message
        assert "secret" not in caught.value.message.replace(str(path), "")


def test_the_way_past_a_pooler_needs_the_way_through_it() -> None:
    with pytest.raises(StartError, match="TURNKEEPER_DATABASE_URL, which is not set"):
        load({"TURNKEEPER_DIRECT_DATABASE_URL": "postgresql://db/turnkeeper"})
