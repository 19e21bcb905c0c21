"""Both dialects' pages as a user would follow them: in bash, in Python and in Node, against a started server."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.left_out import not_installed
from tests.patience import PROCESS_PATIENCE
from tests.server_process import ServerProcess, clean_environment

HERE = Path(__file__).parent
SLA = "Does FiberUP Business Duplex include an SLA?"
UNKNOWABLE = "Who won the football world cup in 1998?"
RUNNERS = {".sh": ("bash", "curl", "jq"), ".py": (sys.executable,), ".mjs": ("node",)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a walkthrough printed."""

    state: str
    roles: list[str]
    answer: str
    follow_up: str


@pytest.mark.parametrize("language", [".sh", ".py", ".mjs"])
def test_the_enthusiast_page_runs_and_the_answer_cites_its_source(server: ServerProcess, language: str) -> None:
    outcome = walk("enthusiast", language, server, SLA)

    assert (outcome.state, outcome.roles) == ("SUCCESS", ["user", "agent"])
    assert_answers_the_sla(outcome.answer)


@pytest.mark.parametrize("language", [".sh", ".py", ".mjs"])
def test_the_nairi_page_runs_and_the_answer_cites_its_source(server: ServerProcess, language: str) -> None:
    outcome = walk("nairi", language, server, SLA)

    assert (outcome.state, outcome.roles) == ("completed", ["user", "assistant", "user", "assistant"])
    assert_answers_the_sla(outcome.answer)
    assert "89 euros" in outcome.follow_up


@pytest.mark.parametrize("dialect", ["enthusiast", "nairi"])
def test_a_question_that_the_data_set_cannot_answer_gets_an_honest_no(server: ServerProcess, dialect: str) -> None:
    outcome = walk(dialect, ".py", server, UNKNOWABLE)

    assert outcome.state in {"SUCCESS", "completed"}
    assert "not found in the data set" in outcome.answer.lower()


def test_the_commands_that_the_first_start_prints_work_when_they_are_pasted(server: ServerProcess) -> None:
    lines = [
        line[4:]
        for line in server.words.splitlines()
        if line.startswith("    ") and not line[4:].startswith(("tk_", "http:"))
    ]

    output = run(["bash", "-euo", "pipefail"], "\n".join(lines), server, SLA, needs=("bash", "curl", "jq"))

    assert '"state":"SUCCESS"' in output.replace(" ", "")
    assert '"completed"' in output
    assert output.count("99.9 %") >= 2


def assert_answers_the_sla(answer: str) -> None:
    assert "SLA" in answer
    assert "99.9 %" in answer
    assert "[1]" in answer
    assert "plans/business-duplex.md" in answer


def walk(dialect: str, language: str, server: ServerProcess, question: str) -> Outcome:
    needs = RUNNERS[language]
    printed = json.loads(run([needs[0], str(HERE / f"{dialect}{language}")], "", server, question, needs=needs))
    return Outcome(
        state=printed["state"],
        roles=printed["roles"],
        answer=printed["answer"],
        follow_up=printed.get("follow_up", ""),
    )


def run(command: list[str], typed: str, server: ServerProcess, question: str, *, needs: tuple[str, ...]) -> str:
    missing = [program for program in needs if shutil.which(program) is None]
    if missing:
        pytest.skip(not_installed(", ".join(missing)))
    environment = clean_environment(SERVER=server.address, KEY=server.key, QUESTION=question)
    result = subprocess.run(
        command, input=typed, env=environment, capture_output=True, text=True, timeout=PROCESS_PATIENCE, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
