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
