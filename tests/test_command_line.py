"""The command line as an operator uses it: each command a process of its own, over a real database."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import requests

from tests.fakes.forked_commands import ran
from tests.fakes.postgres import TestPostgres
from tests.patience import PATIENCE, PROCESS_PATIENCE
from tests.server_process import COMMAND, clean_environment, started_server
from turnkeeper.__main__ import run as run_here
from turnkeeper.commands.keys import span
from turnkeeper.commands.reference import page
from turnkeeper.core.errors import InvalidError
from turnkeeper.settings import all_settings

ROOT = Path(__file__).parent.parent
SLOW = (
    "litestar",
    "psycopg",
    "onnxruntime",
    "tokenizers",
    "alembic",
    "pypdfium2",
    "docx",
    "openpyxl",
    "aiohttp",
    "genai_prices",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


class Operator:
    """Who types commands, on one database."""

    def __init__(self, url: str) -> None:
        self.url = url

    def types(self, *words: str) -> Told:
        """Run one command in this process: loading everything anew for each would take minutes."""
        out, errors = StringIO(), StringIO()
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        try:
            with redirect_stdout(out), redirect_stderr(errors):
                code = run_here([*words, "--database-url", self.url])
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)  # forgets what loggers remember of the other one
        return Told(returncode=code, stdout=out.getvalue(), stderr=errors.getvalue())

    def types_into(self, *words: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        """Run one command in a process of its own, with something to read."""
        return run(*words, typed=typed, TURNKEEPER_DATABASE_URL=self.url, TURNKEEPER_DEMO="false")

    def reads(self, *words: str) -> list[dict[str, object]]:
        """What a list command prints for machines."""
        result = self.types(*words, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)


@pytest.fixture(scope="module")
def operator(test_postgres: TestPostgres) -> Generator[Operator]:
    """An operator whose database was used once before, without the demo."""
    url = test_postgres.make_database()
    operator = Operator(url)
    assert operator.types_into("keys", "list").returncode == 0
    yield operator
    test_postgres.drop(url)


def run(*words: str, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run one command in a process of its own."""
    return ran(*words, typed=typed, **clean_environment(COLUMNS="200", **environment))


def test_every_command_explains_itself_with_an_example() -> None:
    code = (
        "import typer\n"
        "from turnkeeper.commands.table import build\n"
        "def walk(command, path):\n"
        "    children = getattr(command, 'commands', {})\n"
        "    for name, child in children.items():\n"
        "        walk(child, [*path, name])\n"
        "    if not children and 'turnkeeper ' not in (command.help or '') and path != ['version']:\n"
        "        print(' '.join(path))\n"
        "walk(typer.main.get_command(build()), [])\n"
    )

    without = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=True
    )

    assert without.stdout == ""


def test_help_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys\n"
        "from turnkeeper.commands.table import build\n"
        "try:\n    build()(['serve', '--help'])\nexcept SystemExit:\n    pass\n"
        f"print('LOADED', [name for name in {SLOW!r} if name in sys.modules])\n"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=True
    )

    assert "LOADED []" in result.stdout


def test_every_setting_is_a_flag_of_serve_or_of_what_talks_to_it() -> None:
    serve = set(re.findall(r"--[a-z-]+", run("serve", "--help").stdout))
    tail = set(re.findall(r"--[a-z-]+", run("tail", "--help").stdout))

    assert {setting.flag for setting in all_settings() if setting.group != "client"} <= serve
    assert {setting.flag for setting in all_settings() if setting.group == "client"} <= tail - serve


def test_the_reference_of_settings_is_up_to_date() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text() == page(), "Run `make docs`."


def test_locks_name_no_index_and_no_file() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        assert "--index" not in text
        assert "--find-links" not in text
        pinned = re.findall(r"^[a-z0-9][^\n]*==[^\n]* \\$", text, re.MULTILINE)
        assert len(pinned) > (0 if lock.name == "fuzz.txt" else 50)
        assert text.count("==") - text.count("_version ==") >= len(pinned)


def test_an_unknown_setting_in_the_environment_is_named() -> None:
    result = subprocess.run(
        [*COMMAND, "migrate"],
        env=clean_environment(TURNKEEPER_PROT="9000"),
        capture_output=True,
        text=True,
        timeout=PROCESS_PATIENCE,
        check=False,
    )

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "There is no setting TURNKEEPER_PROT; `turnkeeper serve --help` lists them all.\n"


def test_a_setting_out_of_range_is_one_sentence() -> None:
    result = run("serve", "--port", "99999")

    assert (result.returncode, result.stderr) == (2, "TURNKEEPER_PORT is 99999; it must be from 0 to 65535.\n")


def test_a_port_that_is_taken_is_one_sentence(database_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        result = run("serve", "--port", port, "--database-url", database_url)

    assert result.returncode == 2
    assert port in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_database_that_does_not_answer_is_one_sentence_without_the_password() -> None:
    result = run("keys", "list", "--database-url", "postgresql://someone:s3cret@127.0.0.1:1/nothing")

    assert result.returncode == 2
    assert "s3cret" not in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_new_key_stands_alone_on_standard_output(operator: Operator) -> None:
    result = operator.types("keys", "create", "laptop", "--expires-in", "90d")

    assert re.fullmatch(r"tk_[A-Za-z0-9_-]{43}\n", result.stdout)
    (listed,) = [key for key in operator.reads("keys", "list") if key["name"] == "laptop"]
    expires_at = datetime.fromisoformat(str(listed["expires_at"]))
    assert timedelta(days=89) < expires_at - datetime.now(UTC) <= timedelta(days=90)
    assert result.stdout.startswith(str(listed["prefix"]))


def test_a_key_is_made_for_some_scopes_and_a_rate(operator: Operator) -> None:
    made = operator.types("keys", "create", "board", "--scope", "read", "--requests-per-minute", "60")
    unknown = operator.types("keys", "create", "x", "--scope", "fly")
    operator.types("accounts", "create-service", "weak")
    too_much = operator.types("keys", "create", "x", "--account", "weak", "--scope", "admin")

    assert "for read;" in made.stderr
    assert [key["scopes"] for key in operator.reads("keys", "list") if key["name"] == "board"] == ["read"]
    assert (unknown.returncode, too_much.returncode) == (1, 1)
    assert unknown.stderr.startswith("There is no scope 'fly'. There are: admin, converse,")
    assert "cannot give a key 'admin'" in too_much.stderr


def test_a_rotated_key_has_a_new_secret_and_its_old_name(operator: Operator) -> None:
    old = operator.types("keys", "create", "turning").stdout
    new = operator.types("keys", "rotate", "turning", "--grace", "1h")
    too_long = operator.types("keys", "rotate", "turning", "--grace", "8d")
    operator.types("keys", "create", "turning")
    ambiguous = operator.types("keys", "rotate", "turning")

    assert re.fullmatch(r"tk_[A-Za-z0-9_-]{43}\n", new.stdout)
    assert new.stdout != old
    assert "good for 1h more" in new.stderr
    assert (too_long.returncode, ambiguous.returncode) == (1, 1)
    assert "name one by its prefix" in ambiguous.stderr


def test_operators_of_the_server_are_named_and_unnamed(operator: Operator) -> None:
    def operators() -> list[object]:
        return [row["name"] for row in operator.reads("accounts", "list") if row["operator"]]

    before = operators()
    operator.types("accounts", "create-service", "root", "--admin")
    operator.types("accounts", "create-service", "plain")
    named = operator.types("accounts", "operator", "root")
    refused = operator.types("accounts", "operator", "plain")

    assert before == ["admin@localhost"]
    assert (named.returncode, refused.returncode) == (0, 1)
    assert operators() == [*before, "root"]
    operator.types("accounts", "operator", "root", "--revoke")
    assert operators() == before


def test_a_revoked_key_is_listed_as_revoked(operator: Operator) -> None:
    operator.types("keys", "create", "old")

    first = operator.types("keys", "revoke", "old")
    second = operator.types("keys", "revoke", "old")

    assert (first.returncode, second.returncode) == (0, 1)
    assert second.stderr == "There is no live key 'old'.\n"
    assert [key["state"] for key in operator.reads("keys", "list") if key["name"] == "old"] == ["revoked"]


def test_the_first_command_on_a_new_database_shows_the_first_key_beside_its_result(database_url: str) -> None:
    operator = Operator(database_url)

    result = operator.types_into("keys", "create", "mine")

    assert re.fullmatch(r"tk_[A-Za-z0-9_-]{43}\n", result.stdout)
    assert "an API key were made" in result.stderr
    assert [key["name"] for key in operator.reads("keys", "list")] == ["first key", "mine"]


def test_people_and_programs_are_added_and_shut_out(operator: Operator) -> None:
    user = operator.types_into("accounts", "create-user", "jo@example.com", "--password-stdin", typed="correct horse\n")
    service = operator.types("accounts", "create-service", "shop", "--admin")
    out = operator.types("accounts", "deactivate", "shop")

    assert (user.returncode, service.returncode, out.returncode) == (0, 0, 0)
    rows = {row["name"]: (row["kind"], row["role"], row["active"]) for row in operator.reads("accounts", "list")}
    assert rows["jo@example.com"] == ("user", "member", True)
    assert rows["shop"] == ("service", "admin", False)


@pytest.mark.parametrize("words", [("create-user", "short@example.com"), ("password", "admin@localhost")])
def test_a_password_that_is_too_short_is_refused(operator: Operator, words: tuple[str, str]) -> None:
    result = operator.types_into("accounts", *words, "--password-stdin", typed="short\n")

    assert result.returncode == 1
    assert "at least 8 characters" in result.stderr


def test_the_last_way_in_is_not_shut(operator: Operator) -> None:
    result = operator.types("accounts", "deactivate", "admin@localhost")

    assert result.returncode == 1
    assert "make another admin before" in result.stderr


def test_an_organization_is_apart_from_the_others(operator: Operator) -> None:
    operator.types("accounts", "create-organization", "Second")
    key = operator.types("keys", "create", "theirs", "--organization", "Second")

    assert key.returncode == 0
    assert "theirs" not in [row["name"] for row in operator.reads("keys", "list")]
    unknown = operator.types("keys", "list", "--organization", "Third")
    assert unknown.stderr == "There is no organization 'Third'. There are: 'Default', 'Second'.\n"


def test_an_import_makes_a_data_set_with_an_agent_and_names_what_it_could_not_read(
    operator: Operator, tmp_path: Path
) -> None:
    (tmp_path / "opening.md").write_text("# Opening hours\n\nThe shop is open from nine to five.")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 nothing follows")

    result = operator.types("data-sets", "import", "shop", str(tmp_path))
    (data_set,) = [row for row in operator.reads("data-sets", "list") if row["name"] == "shop"]
    (found, *_) = operator.reads("data-sets", "search", "shop", "When is the shop open?")
    (run,) = operator.reads("data-sets", "syncs", "list", "shop")
    shown = operator.types("data-sets", "syncs", "show", "shop", str(run["id"]))

    assert result.returncode == 0, result.stderr
    assert "broken.pdf" in result.stdout
    assert (run["state"], run["origin"], run["added"], run["unreadable"]) == ("completed", "command", 2, 1)
    assert "broken.pdf" in shown.stdout
    assert (data_set["documents"], data_set["without_vector"]) == (1, 0)
    assert [agent["data_set_id"] for agent in operator.reads("agents", "list") if agent["slug"] == "shop"] == [
        data_set["id"]
    ]
    assert found["address"] == "opening.md"


def test_importing_again_touches_only_what_changed(operator: Operator, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# One\n\nThe first page.")
    (tmp_path / "b.md").write_text("# Two\n\nThe second page.")
    operator.types("data-sets", "import", "again", str(tmp_path), "--leave-vectors", "--no-agent")
    (tmp_path / "a.md").unlink()
    (tmp_path / "c.md").write_text("# Three\n\nThe third page.")

    result = operator.types("data-sets", "import", "again", str(tmp_path), "--leave-vectors")

    assert "1 sources added, 0 changed, 1 removed, 1 unchanged" in result.stdout


def test_an_import_of_a_path_that_is_not_there_makes_nothing(operator: Operator, tmp_path: Path) -> None:
    result = operator.types("data-sets", "import", "nothing", str(tmp_path / "missing"))

    assert result.returncode == 1
    assert "There is no file or folder" in result.stderr
    assert "nothing" not in [row["name"] for row in operator.reads("data-sets", "list")]


def test_a_data_set_is_opened_to_a_member_and_closed_again(operator: Operator) -> None:
    operator.types("data-sets", "create", "members only")
    operator.types("accounts", "create-service", "reader")

    operator.types("data-sets", "members", "add", "members only", "reader")
    opened = operator.reads("data-sets", "members", "list", "members only")
    operator.types("data-sets", "members", "remove", "members only", "reader")

    assert [row["name"] for row in opened] == ["reader"]
    assert operator.reads("data-sets", "members", "list", "members only") == []


def test_a_data_set_is_deleted_only_on_purpose(operator: Operator) -> None:
    operator.types("data-sets", "create", "doomed")

    asked = operator.types_into("data-sets", "delete", "doomed", typed="n\n")
    meant = operator.types("data-sets", "delete", "doomed", "--yes")

    assert (asked.returncode, meant.returncode) == (1, 0)
    assert "doomed" not in [row["name"] for row in operator.reads("data-sets", "list")]


def test_an_agent_with_an_unknown_model_is_refused(operator: Operator) -> None:
    result = operator.types("agents", "create", "Poet", "--model", "nobody:poem")

    assert result.returncode == 1
    assert result.stderr.count("\n") == 1


def test_check_says_what_is_there(operator: Operator) -> None:
    result = operator.types("check")

    assert result.returncode == 0, result.stdout
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["ok", name] for name in ("settings", "model", "disk", "database", "migrations", "keys", "vault", "embedder")
    ]


def test_check_says_what_to_do_about_missing_migrations(empty_database_url: str) -> None:
    result = Operator(empty_database_url).types("check")

    assert result.returncode == 1
    assert "WRONG   migrations" in result.stdout
    assert "run: turnkeeper migrate" in result.stdout


def test_commands_join_the_database_of_a_running_server(data_dir: Path) -> None:
    with started_server("--no-demo", TURNKEEPER_DATA_DIR=str(data_dir)) as server:
        created = run("keys", "create", "beside", TURNKEEPER_DATA_DIR=str(data_dir))
        answer = requests.get(
            f"{server.address}/api/public/v1/agents",
            headers={"Authorization": f"Bearer {created.stdout.strip()}"},
            timeout=PATIENCE,
        )
        link = run("accounts", "link", "admin@localhost", TURNKEEPER_DATA_DIR=str(data_dir))
        second = run("serve", "--port", "0", TURNKEEPER_DATA_DIR=str(data_dir))

    assert link.stdout.startswith(f"{server.address}/sign-in#code=tkc_")
    assert (answer.status_code, answer.json()) == (200, [])
    assert second.returncode == 2
    assert "in use by another Turnkeeper server" in second.stderr


def test_the_key_is_printed_at_the_first_start_only_and_ctrl_c_ends_in_order(database_url: str) -> None:
    with started_server("--no-demo", "--database-url", database_url) as first:
        pass
    with started_server("--no-demo", "--database-url", database_url, command=COMMAND) as second:
        os.kill(second.process.pid, signal.SIGINT)
        assert second.process.wait(PROCESS_PATIENCE) == 0

    assert first.key
    assert second.words.splitlines() == [f"Turnkeeper serves on {second.address}; stop it with Ctrl-C."]


@pytest.mark.parametrize(
    ("text", "length"), [("12h", timedelta(hours=12)), ("90d", timedelta(days=90)), (" 1Y ", timedelta(days=365))]
)
def test_a_span_of_time_is_understood(text: str, length: timedelta) -> None:
    assert span(text) == length


@pytest.mark.parametrize("text", ["", "90", "d", "0d", "-1d", "1.5h", "101y", "９d " * 9])
def test_what_is_no_span_of_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidError):
        span(text)
