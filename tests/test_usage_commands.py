"""`turnkeeper usage` and `turnkeeper limits`, as an operator uses them."""

import csv
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from tests.fakes.postgres import TestPostgres
from tests.test_command_line import Operator


@pytest.fixture(scope="module")
def operator(test_postgres: TestPostgres) -> Generator[Operator]:
    """An operator of a server with one agent, which spent something yesterday and today."""
    url = test_postgres.make_database()
    operator = Operator(url)
    assert operator.types_into("agents", "create", "Shop").returncode == 0
    today = datetime.now(UTC).date()
    with psycopg.connect(url, autocommit=True) as connection:
        for day, model, slot, cost in (
            (today, "openai:a", 0, "0.25"),
            (today, "openai:a", 1, "0.000000000001"),
            (today, "openai:b", 0, None),
            (today - timedelta(days=1), "openai:a", 0, "1.5"),
            (today - timedelta(days=40), "openai:a", 0, "9"),
        ):
            connection.execute(
                "INSERT INTO usage_days SELECT o.id, %s, a.id, 4711, %s, %s, 2, 100000, 20, 3, 4, %s, %s"
                " FROM organizations o JOIN agents a ON a.organization_id = o.id WHERE a.slug = 'shop'",
                (day, model, slot, cost, 0 if cost else 2),
            )
    yield operator
    test_postgres.drop(url)


def test_usage_is_told_apart_by_agent_with_a_total(operator: Operator) -> None:
    result = operator.types("usage")
    lines = [line.split() for line in result.stdout.splitlines()]
    assert lines[0][:4] == ["AGENT", "TURNS", "INPUT", "TOKENS"]
    assert lines[1] == ["shop", "8", "400,000", "80", "12", "16", "1.750000000001", "2"]
    assert lines[2] == ["total", *lines[1][1:]]
    assert "in UTC" in result.stderr


def test_usage_is_told_apart_by_model_account_and_day_the_costliest_first(operator: Operator) -> None:
    def told(*words: str) -> list[tuple[object, object, object]]:
        by = words[-1]
        return [(row[by], row["turns"], row["cost_usd"]) for row in operator.reads("usage", *words)]

    today = datetime.now(UTC).date()
    assert told("--by", "model") == [("openai:a", 6, "1.750000000001"), ("openai:b", 2, None)]
    assert told("--days", "1", "--by", "model") == [("openai:a", 4, "0.250000000001"), ("openai:b", 2, None)]
    assert told("--by", "account") == [("#4711", 8, "1.750000000001")]
    assert told("--by", "day") == [
        ((today - timedelta(days=1)).isoformat(), 2, "1.5"),
        (today.isoformat(), 6, "0.250000000001"),
    ]


def test_usage_comes_as_csv_for_a_spreadsheet(operator: Operator) -> None:
    result = operator.types("usage", "--by", "model", "--csv")
    rows = list(csv.DictReader(result.stdout.splitlines()))
    assert [(row["model"], row["input_tokens"], row["cost_usd"]) for row in rows] == [
        ("openai:a", "300000", "1.750000000001"),
        ("openai:b", "100000", ""),
    ]


def test_where_nothing_was_spent_a_sentence_says_so(operator: Operator) -> None:
    operator.types("accounts", "create-organization", "Thrifty")
    result = operator.types("usage", "--organization", "Thrifty")
    assert (result.returncode, result.stdout) == (0, "")
    assert "No turn took any tokens from" in result.stderr


@pytest.mark.parametrize("words", [("--days", "0"), ("--days", "99999999")])
def test_a_number_of_days_out_of_bounds_is_refused(operator: Operator, words: tuple[str, ...]) -> None:
    result = operator.types("usage", *words)
    assert result.returncode == 1
    assert "from 1 to 3,660" in result.stderr


def test_limits_of_the_organization_and_of_an_agent_are_set_apart_from_each_other(operator: Operator) -> None:
    operator.types("limits", "set", "--cost-usd-a-day", "20", "--tokens", "50000")
    changed = operator.types("limits", "set", "--agent", "shop", "--tokens", "1000", "--seconds", "2.5")
    taken = operator.types("limits", "set", "--tokens", "none")
    assert (changed.returncode, taken.returncode) == (0, 0)
    ceilings = {row["limit"]: row["value"] for row in operator.reads("limits", "show")}
    own = {row["limit"]: row["value"] for row in operator.reads("limits", "show", "--agent", "shop")}
    assert (ceilings["cost_usd_a_day"], ceilings["tokens"]) == ("20", None)
    assert (own["tokens"], own["seconds"], own["model_calls"], own["cost_usd_a_day"]) == (1_000, 2.5, 12, None)
    assert "none" in operator.types("limits", "show").stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "No limit was named"),
        (("--tokens", "many"), "cannot be 'many'; give a number, or none"),
        (("--tokens", "NaN"), "cannot be 'NaN'"),
        (("--tokens", "1.5"), "must be a whole number from 1 to"),
        (("--cost-usd", "-1"), "must be a number from 0 to"),
        (("--agent", "nobody", "--tokens", "5"), "There is no agent 'nobody'"),
    ],
)
def test_a_limit_that_cannot_be_is_refused_with_a_sentence(
    operator: Operator, words: tuple[str, ...], sentence: str
) -> None:
    result = operator.types("limits", "set", *words)
    assert result.returncode == 1
    assert sentence in result.stderr
