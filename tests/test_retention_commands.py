"""Deciding how long things are kept, from the command line."""

from collections.abc import Generator

import pytest

from tests.fakes.postgres import TestPostgres
from tests.test_command_line import Operator

OWN = {"conversations_days": None, "text_days": None, "files_days": None}
REST = {"webhook_deliveries_days": None, "idempotency_hours": None}


@pytest.fixture(scope="module")
def operator(test_postgres: TestPostgres, tmp_path_factory: pytest.TempPathFactory) -> Generator[Operator]:
    url = test_postgres.make_database()
    operator = Operator(url)
    file = tmp_path_factory.mktemp("retention") / "agent.toml"
    file.write_text('name = "Refunds"\n[retention]\ntext_days = 7\n')
    assert operator.types_into("agents", "apply", str(file)).returncode == 0
    yield operator
    test_postgres.drop(url)


def test_times_are_decided_for_the_organization_and_for_an_agent(operator: Operator) -> None:
    first = operator.reads("retention", "show")
    operator.reads("retention", "set", "--conversations-days", "365", "--idempotency-hours", "24")
    both = operator.reads("retention", "set", "--agent", "Refunds", "--conversations-days", "30")
    back = operator.reads("retention", "set", "--agent", "refunds", "--text-days", "0")
    name = first[0]["of"]
    assert first == [{"of": name, **OWN, **REST}, {"of": "agent refunds", **OWN, "text_days": 7, **REST}]
    assert both[0] == {"of": name, **OWN, **REST, "conversations_days": 365, "idempotency_hours": 24}
    assert both[1] == {"of": "agent refunds", **OWN, **REST, "conversations_days": 30, "text_days": 7}
    assert back[1] == {"of": "agent refunds", **OWN, **REST, "conversations_days": 30}
    assert "[retention]\nconversations_days = 30\n" in operator.types("agents", "show", "refunds").stdout
    assert [row["number"] for row in operator.reads("agents", "revisions", "refunds")] == [3, 2, 1]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "Say what is to be decided"),
        (("--agent", "refunds", "--idempotency-hours", "24"), "are the organization's, not an agent's"),
        (("--idempotency-hours", "5"), "are kept for 24 hours at least"),
        (("--agent", "nobody", "--text-days", "3"), "There is no agent 'nobody'"),
    ],
)
def test_what_cannot_be_decided_is_one_sentence(operator: Operator, words: tuple[str, ...], told: str) -> None:
    result = operator.types("retention", "set", *words)
    assert result.returncode == 1
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


def test_the_help_has_examples(operator: Operator) -> None:
    assert "turnkeeper retention set --agent refunds" in operator.types("retention", "set", "--help").stdout
    assert "turnkeeper retention show" in operator.types("retention", "show", "--help").stdout
