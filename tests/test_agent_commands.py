"""Agents and tools from the command line, over a real database and a real MCP server."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.fakes.postgres import TestPostgres
from tests.test_command_line import Operator

SERVER = Path(__file__).parent / "tools" / "plain_server.py"


@pytest.fixture(scope="module")
def operator(test_postgres: TestPostgres) -> Generator[Operator]:
    url = test_postgres.make_database()
    operator = Operator(url)
    assert operator.types_into("keys", "list").returncode == 0
    yield operator
    test_postgres.drop(url)


def definition(folder: Path, text: str) -> str:
    file = folder / "agent.toml"
    file.write_text(text)
    return str(file)


def refunds(folder: Path, calls: int = 5) -> str:
    text = f"""
name = "Refund Helper"
tools = ["search_products"]
limits = {{model_calls = {calls}}}
[[mcp_servers]]
name = "pay"
command = ["python", "{SERVER}"]
tools = ["list", "pay"]
[[mcp_servers]]
name = "gone"
command = ["/no/such/program"]
[[http]]
host = "api.example.com"
methods = ["GET", "POST"]
"""
    return definition(folder, text)


def test_the_help_of_apply_shows_its_example_as_a_file(operator: Operator) -> None:
    shown = operator.types("agents", "apply", "--help").stdout
    assert '\n      name = "Shop Support"\n      data_set = "shop"\n' in shown
    assert "turnkeeper agents show refunds | turnkeeper agents apply - --organization Second" in shown


def test_a_file_makes_an_agent_once_and_then_changes_it(operator: Operator, tmp_path: Path) -> None:
    first = operator.types("agents", "apply", refunds(tmp_path))
    second = operator.types("agents", "apply", refunds(tmp_path, calls=7))

    assert (first.returncode, first.stdout) == (0, "refund-helper\n"), first.stderr
    assert "was made" in first.stderr
    assert (second.returncode, second.stdout) == (0, "refund-helper\n")
    assert "was changed" in second.stderr
    rows = operator.reads("agents", "list")
    assert [row["slug"] for row in rows] == ["refund-helper"]


def test_what_is_shown_can_be_applied(operator: Operator, tmp_path: Path) -> None:
    operator.types("agents", "apply", refunds(tmp_path))
    shown = operator.types("agents", "show", "Refund Helper")
    operator.types("agents", "apply", definition(tmp_path, shown.stdout))

    assert operator.types("agents", "show", "refund-helper").stdout == shown.stdout
    assert 'tools = ["list", "pay"]' in shown.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('name = "A"\nmodle = "x"', "There is no field 'modle'"),
        ('name = "A"\nmodel = "extractive"\nmemory = "summary"', "'extractive' cannot write summaries"),
        ('name = "A"\nmodel = "nobody:x"', "There is no model provider 'nobody'"),
        ('name = "A"\ntools = ["nothing"]', "There is no tool 'nothing'"),
        ('name = "A"\ntools = ["http_get"]', "add rules for HTTP"),
        ('name = "A"\ndata_set = "nothing"', "There is no data set 'nothing'"),
        ('name = "A"\n[[mcp_servers]]\nname = "p"', "either a command or a url"),
        ('name = "A"\n[[http]]\nhost = "http://x/"', "is no host"),
        ('name = "A"\n[[http]]\nhost = "x"\nheaders = {A = "vault:NONE"}', "has no secret 'NONE'"),
        ('name = "A"\nslug = "Not A Slug"', "write it like 'not-a-slug'"),
        ('name = "A"\ninstructions = "x\\u0000y"', "'instructions' contains a NUL character"),
        ('name = "A"\n[[approvals.rules]]\ntool = "x\\u0000y"', "'settings' contains a NUL character"),
        ('name = "A"\n[limits]\nmodel_calls = -1', "model_calls must be a whole number from 1 to 1,000"),
        ('name = "A"\n[limits]\noutput_tokens = 0', "output_tokens must be a whole number from 1"),
        ('name = "A"\n[limits]\nseconds = nan', "seconds must be a number from 1 to 86,400"),
        ('name = "A"\n[[approvals.rules]]\nargument = "amount"\nabove = 5', "write it like '/amount'"),
        ('name = "A"\n[[approvals.rules]]\nabove = 5', "need an 'argument'"),
        ('name = "A"\n[[approvals.rules]]\nargument = "/a"\nabove = nan', "'above' must be a number"),
        ('name = "A"\n[[approvals.rules]]\nargument = "/a"\nabove = 5\none_of = ["x"]', "make two rules"),
        ('name = "A"\n[[approvals.rules]]\ntool = "pay*refund"', "can only stand at the end"),
        ('name = "A"\n[approvals]\nexpires_after_seconds = -5', "must be from 1 to 315,360,000"),
        ('name = "A"\n[approvals]\nexpires_after_seconds = 1e15', "must be from 1 to 315,360,000"),
    ],
)
def test_what_cannot_work_is_one_sentence_and_makes_no_agent(
    operator: Operator, tmp_path: Path, text: str, words: str
) -> None:
    result = operator.types("agents", "apply", definition(tmp_path, text))

    assert result.returncode == 1
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert "a" not in [row["slug"] for row in operator.reads("agents", "list")]


def test_a_file_that_is_not_there_is_one_sentence(operator: Operator, tmp_path: Path) -> None:
    result = operator.types("agents", "apply", str(tmp_path / "nothing.toml"))

    assert (result.returncode, result.stderr.count("\n")) == (1, 1)
    assert "cannot be read" in result.stderr


def test_tools_are_listed_with_what_is_missing(operator: Operator, tmp_path: Path) -> None:
    operator.types("agents", "apply", refunds(tmp_path))

    everything = operator.reads("tools", "list")
    result = operator.types("tools", "list", "--agent", "refund-helper", "--json")

    assert {"search_documents", "search_products"} <= {str(row["name"]) for row in everything}
    assert [(row["name"], row["kind"]) for row in json.loads(result.stdout)] == [
        ("search_products", "pure"),
        ("http_get", "pure"),
        ("http_request", "at_most_once"),
        ("pay__list", "pure"),
        ("pay__pay", "at_most_once"),
    ]
    assert "The server 'gone' does not answer" in result.stderr


def test_a_tool_is_tried(operator: Operator, tmp_path: Path) -> None:
    operator.types("agents", "apply", refunds(tmp_path))

    done = operator.types("tools", "test", "refund-helper", "pay__pay", '{"amount": 5}')
    malformed = operator.types("tools", "test", "refund-helper", "pay__pay", "{")
    missing = operator.types("tools", "test", "refund-helper", "gone__pay")
    unknown = operator.types("tools", "test", "refund-helper", "nothing")

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("pay done by ")
    assert "not valid JSON" in malformed.stderr
    assert "'gone' does not answer" in missing.stderr
    assert unknown.stderr.endswith("There is no tool 'nothing'.\n")


@pytest.fixture(scope="module")
def changed(operator: Operator, tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """An agent with three revisions, of which the last one answers."""
    folder = tmp_path_factory.mktemp("changed")
    for words in ("Be short.", "Be short.\nBe kind.", "Be long."):
        text = f'name = "Changed"\ninstructions = {json.dumps(words)}\n'
        assert operator.types("agents", "apply", definition(folder, text)).returncode == 0
    return operator


def test_the_revisions_of_an_agent_are_listed_newest_first(changed: Operator) -> None:
    rows = changed.reads("agents", "revisions", "changed")
    assert [(row["number"], row["based_on"]) for row in rows[-3:]] == [(3, 2), (2, 1), (1, None)]
    assert [row["number"] for row in rows if row["answers"]] == [rows[0]["number"]]
    assert rows[-2]["note"] == "Applied from a file."
    assert len(changed.reads("agents", "revisions", "changed", "--limit", "1")) == 1


def test_revisions_are_compared_line_by_line(changed: Operator) -> None:
    before, against = (
        changed.types("agents", "diff", "Changed", "2"),
        changed.types("agents", "diff", "changed", "3", "--against", "1"),
    )
    assert before.returncode == 0, before.stderr
    assert before.stderr == "Revision 2 against revision 1:\n"
    assert before.stdout.startswith("/instructions:\n")
    assert "+Be kind." in before.stdout
    assert against.stdout == '/instructions: "Be short." → "Be long."\n'
    assert changed.reads("agents", "diff", "changed", "2") == [
        {"pointer": "/instructions", "old": "Be short.", "new": "Be short.\nBe kind."}
    ]
    assert changed.types("agents", "diff", "changed", "2", "--against", "2").stderr.endswith("They are the same.\n")


def test_an_agent_is_rolled_back_and_another_revision_deployed(changed: Operator) -> None:
    rolled_back = changed.types("agents", "rollback", "changed", "1", "--note", "Too long.")
    newest = changed.reads("agents", "revisions", "changed")[0]
    assert (rolled_back.returncode, rolled_back.stdout) == (0, f"{newest['number']}\n"), rolled_back.stderr
    assert (newest["note"], newest["based_on"], newest["answers"]) == ("Too long.", 1, True)
    assert 'instructions = "Be short."' in changed.types("agents", "show", "changed").stdout

    deployed, again = (
        changed.types("agents", "deploy", "changed", "2"),
        changed.types("agents", "deploy", "changed", "2"),
    )
    assert (deployed.stdout, again.stdout) == ("2\n", "2\n")
    assert deployed.stderr.endswith("answers with revision 2.\n")
    assert again.stderr.endswith("answers with revision 2, as before.\n")
    assert "Be kind." in changed.types("agents", "show", "changed").stdout
    assert changed.types("agents", "deploy", "changed").stdout == f"{newest['number']}\n"


@pytest.mark.parametrize(
    "words", [("diff", "changed", "99"), ("rollback", "changed", "99"), ("deploy", "changed", "99")]
)
def test_a_revision_that_is_not_there_is_one_sentence(changed: Operator, words: tuple[str, ...]) -> None:
    result = changed.types("agents", *words)
    assert (result.returncode, result.stderr) == (1, "There is no revision 99.\n")
    assert changed.types("agents", words[0], "nobody", *words[2:]).stderr == "There is no agent 'nobody'.\n"


@pytest.mark.parametrize("command", ["revisions", "diff", "rollback", "deploy"])
def test_the_help_of_each_command_on_revisions_has_an_example(operator: Operator, command: str) -> None:
    assert f"turnkeeper agents {command} refunds" in operator.types("agents", command, "--help").stdout
