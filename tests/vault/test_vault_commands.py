"""`turnkeeper vault` and `data-sets embed` as an operator types them."""

import asyncio
import base64
import json
import logging
import os
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

from tests.fakes.embedding_server import EmbeddingServer
from tests.fakes.postgres import TestPostgres
from turnkeeper.__main__ import run
from turnkeeper.core.errors import StartError
from turnkeeper.settings import load

SECRET = "sk-of-the-operator-0123456789"


def new_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Operator:
    """Who types commands, on one database and with one key."""

    url: str
    key: str

    def types(self, *words: str, typed: str | bytes = "", **environment: str) -> Told:
        """Run one command in this process: loading everything anew for each would take too long."""
        settings = {"TURNKEEPER_DATABASE_URL": self.url, "TURNKEEPER_VAULT_KEY": self.key, "TURNKEEPER_DEMO": "false"}
        out, errors = StringIO(), StringIO()
        root = logging.getLogger()
        handlers, level, stdin, before = root.handlers[:], root.level, sys.stdin, dict(os.environ)
        try:
            os.environ.update(settings | environment)
            sys.stdin = TextIOWrapper(BytesIO(typed if isinstance(typed, bytes) else typed.encode()))
            with redirect_stdout(out), redirect_stderr(errors):
                code = run([*words])
        finally:
            sys.stdin, root.handlers[:] = stdin, handlers
            root.setLevel(level)  # forgets what loggers remember of the other one
            os.environ.clear()
            os.environ.update(before)
        return Told(returncode=code, stdout=out.getvalue(), stderr=errors.getvalue())


@pytest.fixture(scope="module")
def operator(test_postgres: TestPostgres) -> Generator[Operator]:
    url = test_postgres.make_database()
    yield Operator(url=url, key=new_key())
    test_postgres.drop(url)


@pytest.fixture
async def server() -> AsyncGenerator[EmbeddingServer]:
    async with EmbeddingServer(key=SECRET, dimensions=1536) as server:
        yield server


def test_a_secret_is_set_listed_checked_rotated_and_deleted(operator: Operator) -> None:
    done = operator.types("vault", "set", "PAYMENTS_TOKEN", typed=f"{SECRET}\n")
    assert done.returncode == 0, done.stderr
    listed = operator.types("vault", "list", "--json")
    assert [row["name"] for row in json.loads(listed.stdout)] == ["PAYMENTS_TOKEN"]
    new = new_key()
    checked = operator.types("check", TURNKEEPER_VAULT_KEY=new)
    assert checked.returncode == 1
    (line,) = [line for line in checked.stdout.splitlines() if "WRONG" in line]
    assert "does not have" in line
    rotated = operator.types("vault", "rotate", TURNKEEPER_VAULT_KEY=new, TURNKEEPER_VAULT_OLD_KEYS=operator.key)
    assert rotated.stdout == "1 secret(s) were encrypted with the new key.\n"
    deleted = operator.types("vault", "delete", "PAYMENTS_TOKEN", "--yes")
    assert deleted.returncode == 0
    for each in (done, listed, checked, rotated, deleted):
        assert SECRET not in each.stdout + each.stderr


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("token", "x", "A–Z"),
        ("TOKEN", "", "blank"),
        ("TOKEN", "x" * 16_385, "at most 16,384"),
        ("TOKEN", b"\xff\xfe", "UTF-8"),
    ],
)
def test_what_cannot_be_kept_is_refused_before_anything_is_opened(name: str, typed: str | bytes, words: str) -> None:
    nowhere = Operator(url="postgresql://nobody@127.0.0.1:1/nothing", key=new_key())

    done = nowhere.types("vault", "set", name, typed=typed)

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert words in done.stderr


@pytest.mark.parametrize("variable", ["TURNKEEPER_VAULT_KEY", "TURNKEEPER_VAULT_OLD_KEYS"])
@pytest.mark.parametrize("value", ["nonsense", "c2hvcnQ=", "ä" * 44])
def test_a_setting_that_is_no_key_is_told_without_it(variable: str, value: str) -> None:
    with pytest.raises(StartError, match="openssl rand -base64 32") as caught:
        load({variable: value})
    assert value not in caught.value.message
    assert variable in caught.value.message


async def test_a_data_set_is_embedded_by_another_model_with_the_key_of_the_vault(
    operator: Operator, server: EmbeddingServer, tmp_path: Path
) -> None:
    (tmp_path / "lamp.md").write_text("# Lamp\n\nThe lamp is red.")

    async def types(*words: str, typed: str = "") -> Told:
        address = server.openai_address
        return await asyncio.to_thread(operator.types, *words, typed=typed, TURNKEEPER_OPENAI_BASE_URL=address)

    await types("data-sets", "import", "shop", str(tmp_path), "--no-agent", "--leave-vectors")
    refused = await types("data-sets", "embed", "shop", "--model", "openai:model")
    await types("vault", "set", "OPENAI_API_KEY", typed=SECRET)
    done = await types("data-sets", "embed", "shop", "--model", "openai:model")
    (listed,) = json.loads((await types("data-sets", "list", "--json")).stdout)
    found = await types("data-sets", "search", "shop", "a red lamp", "--json")

    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "turnkeeper vault set OPENAI_API_KEY" in refused.stderr
    assert done.returncode == 0, done.stderr
    assert done.stdout == "The data set 'shop' is embedded by openai:model.\n"
    assert (listed["embedding_model"], listed["next_model"], listed["without_vector"]) == ("openai:model", None, 0)
    assert json.loads(found.stdout)[0]["address"] == "lamp.md"
