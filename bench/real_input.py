"""Real input: import a real handbook, ask it questions through both dialects, and look at what is cited.

    apt-get download postgresql-doc-15 && dpkg -x postgresql-doc-15_*.deb handbook
    .venv/bin/python -m bench.real_input handbook/usr/share/doc/postgresql-doc-15/html

The questions are every fourth of those that `bench/retrieval_questions.jsonl` has for PostgreSQL: chosen by a rule, not by
their answers. The key-less model answers.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.processes import memory_mib, tree_of
from bench.server import Server

QUESTIONS = Path(__file__).with_name("retrieval_questions.jsonl")
EVERY = 4
MOST = 20
NAME = "handbook"
NOT_FOUND = "not found in the data set"


class Question(msgspec.Struct, frozen=True):
    """One question and the pages that answer it."""

    corpus: str
    question: str
    addresses: list[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """How a question was answered."""

    seconds: float
    verdict: str
    """`right`, `wrong` or `abstained`."""
    first: str
    """The address that was cited first."""


class Client:
    """Asks questions, in the words of one dialect or the other."""

    def __init__(self, server: Server, data_set_id: int, slug: str) -> None:
        self._server = server
        self._data_set_id = data_set_id
        self._slug = slug

    def by_enthusiast(self, question: str) -> str:
        """The last entry of the history."""
        talk = self._ask("POST", "/api/conversations", {"data_set_id": self._data_set_id})["id"]
        sent = self._ask("POST", f"/api/conversations/{talk}", {"question_message": question})
        self._ask("GET", f"/api/task_status/{sent['task_id']}", None)
        history = self._ask("GET", f"/api/conversations/{talk}", None)["history"]
        assert isinstance(history, list)
        return str(history[-1]["text"])  # pyright: ignore[reportUnknownArgumentType] - JSON

    def by_nairi(self, question: str) -> str:
        """The last message of the job."""
        base = "/api/public/v1"
        started = self._ask("POST", f"{base}/conversations/start", {"agent_id": self._slug, "prompt": question})
        self._ask("GET", f"{base}/messages/{started['message_id']}", None)
        rows = self._ask("GET", f"{base}/conversations/{started['job_id']}/messages", None)["messages"]
        assert isinstance(rows, list)
        return str(rows[-1]["content"])  # pyright: ignore[reportUnknownArgumentType] - JSON

    def _ask(self, method: str, path: str, body: dict[str, object] | None) -> dict[str, object]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._server.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self._server.key}",
                "Content-Type": "application/json",
                "Prefer": "wait=30",
            },
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="the handbook's folder of HTML pages")
    folder: Path = parser.parse_args().folder
    lines = QUESTIONS.read_bytes().splitlines()
    questions = [msgspec.json.decode(line, type=Question) for line in lines]
    chosen = [question for question in questions if question.corpus == "postgresql"][::EVERY][:MOST]
    server = Server(None, log_level="warning")
    server.start()
    try:
        _import(server, folder)
        data_sets = json.loads(_command(server, "data-sets", "list", "--json"))
        agents = json.loads(_command(server, "agents", "list", "--json"))
        data_set_id = next(each["id"] for each in data_sets if each["name"] == NAME)
        slug = next(each["slug"] for each in agents if each["data_set_id"] == data_set_id)
        _ask_all(Client(server, data_set_id, slug), chosen)
        print(f"memory after the answers: {_memory(server)}")
    finally:
        server.remove()


def _import(server: Server, folder: Path) -> None:
    for title in ("first import", "again, nothing changed"):
        began = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "turnkeeper", "data-sets", "import", NAME, str(folder)],
            env=_environment(server),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, memory_mib(tree_of(process.pid)))
            try:
                process.wait(timeout=1)
            except subprocess.TimeoutExpired:
                continue
        assert process.stdout is not None
        print(f"{title}: {time.monotonic() - began:.1f} s, the command's memory at most {peak:.0f} MiB (PSS)")
        print(process.stdout.read())


def _ask_all(client: Client, questions: list[Question]) -> None:
    for name, ask in (("Enthusiast", client.by_enthusiast), ("Nairi", client.by_nairi)):
        results: list[Answered] = []
        for question in questions:
            began = time.monotonic()
            text = ask(question.question)
            results.append(_judged(text, question, time.monotonic() - began))
            print(
                f"  {results[-1].verdict:9} {results[-1].seconds * 1000:5.0f} ms  {question.question}  {results[-1].first}"
            )
        times = sorted(result.seconds for result in results)
        counts = {
            verdict: sum(result.verdict == verdict for result in results) for verdict in ("right", "wrong", "abstained")
        }
        print(f"{name}: {counts}, p50 {times[len(times) // 2] * 1000:.0f} ms, slowest {times[-1] * 1000:.0f} ms")


def _judged(text: str, question: Question, seconds: float) -> Answered:
    cited = re.findall(r"^\[\d+\] .*\((\S+)\)$", text, re.MULTILINE)
    if NOT_FOUND in text.lower() or not cited:
        return Answered(seconds=seconds, verdict="abstained", first="")
    is_right = any(cited[0].endswith(address) for address in question.addresses)
    return Answered(seconds=seconds, verdict="right" if is_right else "wrong", first=cited[0])


def _command(server: Server, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "turnkeeper", *words],
        env=_environment(server),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


def _environment(server: Server) -> dict[str, str]:
    return {**os.environ, "TURNKEEPER_DATA_DIR": str(server.data_dir)}


def _memory(server: Server) -> str:
    python, postgres = server.memory_mib()
    return f"server {python:.0f} MiB, PostgreSQL {postgres:.0f} MiB (PSS)"


if __name__ == "__main__":
    main()
