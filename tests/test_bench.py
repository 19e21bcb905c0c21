"""The benchmark measures a real server: so that it still does when somebody needs it."""

import subprocess
import sys
from pathlib import Path

import msgspec

from bench.cost import Cost
from bench.figures import Figures

SECONDS = 600

MOST_CALLS = 4_050
"""Of Python's and C's functions for one message: what the version of 2026-11-22 takes, and a fifth."""
MOST_STATEMENTS = 10.5
"""The same of statements: eight with one client, whose jobs are taken and ended alone, and what is done regularly."""


def test_a_quick_run_measures_whole_conversations_without_an_error(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    arguments = ["--quick", "--clients", "1", "--modes", "wait", "--conversations", "3", "--once", "--json", str(file)]

    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    figures = msgspec.json.decode(file.read_bytes(), type=Figures)
    (case,) = figures.cases
    assert (case.outcome.count, case.outcome.errors) == (3, 0)
    assert case.outcome.whole.p50 >= case.outcome.answer.p50 > 0
    assert figures.loaded.python_mib > 0
    assert figures.loaded.postgres_mib > 0
    assert figures.limits.commits_of_sixteen > 0
    assert figures.limits.requests > 0
    assert "| 1       | 0 ms  | wait=30" in done.stdout


def test_a_message_costs_no_more_calls_and_statements_than_it_did(database_url: str) -> None:
    arguments = ["--database-url", database_url, "--conversations", "20", "--clients", "1", "--json"]

    done = subprocess.run(
        [sys.executable, "-m", "bench.cost", *arguments], capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert done.returncode == 0, done.stderr
    cost = msgspec.json.decode(done.stdout, type=Cost)
    assert cost.calls <= MOST_CALLS, "see `python -m bench.cost`, and docs/benchmarks.md for what a message is made of"
    assert cost.statements <= MOST_STATEMENTS
