"""Sets the refund agent up and asks it for a refund: python examples/refund-agent/run.py

Run it with the Python that Turnkeeper is installed in. It starts a server for itself, unless TURNKEEPER_URL and
TURNKEEPER_KEY name one that runs on this machine already.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import scripted_model

HERE = Path(__file__).resolve().parent
TURNKEEPER = (sys.executable, "-m", "turnkeeper")
QUESTION = "Refund the failed charge for customer cus_123."
START_SECONDS = 120
WAITING = """
  The turn waits for a person, without holding a worker; it would for days. In another terminal:

    .venv/bin/turnkeeper approvals list
    .venv/bin/turnkeeper approvals approve ID          (or: deny ID --note "Not this one")
"""


@dataclass
class Server:
    """Where the server is, and a key for it."""

    url: str
    key: str

    def call(self, path: str, body: object = None) -> dict[str, object]:
        """One request of the Nairi dialect."""
        request = urllib.request.Request(
            f"{self.url}/api/public/v1{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}", "Content-Type": "application/json", "Prefer": "wait=5"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("question", nargs="?", default=QUESTION, help=f"what is asked: {QUESTION!r} when left out")
    options.add_argument(
        "--payments", type=Path, default=HERE / "payments.sqlite", help="the file of the payments service"
    )
    given = options.parse_args()
    with ExitStack() as stack:
        environment = stack.enter_context(model_environment())
        slug = apply_agent(given.payments.resolve(), environment)
        server = stack.enter_context(running_server(environment))
        return ask(server, slug, given.question)


@contextmanager
def model_environment() -> Generator[dict[str, str]]:
    """The environment of the server: with the model that is configured, else with the script that plays one."""
    environment = dict(os.environ)
    configured = any(environment.get(name) for name in ("OPENAI_API_KEY", "TURNKEEPER_MODEL", "TURNKEEPER_URL"))
    if configured:
        if not environment.get("TURNKEEPER_MODEL") and not environment.get("TURNKEEPER_URL"):
            environment["TURNKEEPER_MODEL"] = "openai:gpt-4.1-mini"
        yield environment
        return
    print("No model is configured, so a script plays one (scripted_model.py). Set OPENAI_API_KEY for a real one.")
    model = scripted_model.started()
    threading.Thread(target=model.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{model.server_address[1]}/v1"
        yield environment | {"TURNKEEPER_MODEL": "openai:scripted", "TURNKEEPER_OPENAI_BASE_URL": address}
    finally:
        model.shutdown()


def command_environment(environment: dict[str, str]) -> dict[str, str]:
    """Without the names that are this script's own, which Turnkeeper would refuse."""
    return {name: value for name, value in environment.items() if name not in ("TURNKEEPER_URL", "TURNKEEPER_KEY")}


def apply_agent(payments: Path, environment: dict[str, str]) -> str:
    """Make the agent, or change it; its slug."""
    definition = (HERE / "agent.toml").read_text().replace('"./payments.sqlite"', json.dumps(str(payments)))
    return turnkeeper("agents", "apply", "-", environment=environment, typed=definition)


def turnkeeper(*words: str, environment: dict[str, str], typed: str = "") -> str:
    """What a command prints; its complaint ends the script."""
    done = subprocess.run(
        [*TURNKEEPER, *words],
        cwd=HERE,
        env=command_environment(environment),
        input=typed,
        stdout=subprocess.PIPE,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.stdout.strip()


@contextmanager
def running_server(environment: dict[str, str]) -> Generator[Server]:
    """The server that is named, else one of our own, stopped at the end."""
    if environment.get("TURNKEEPER_URL"):
        yield Server(environment["TURNKEEPER_URL"].rstrip("/"), environment["TURNKEEPER_KEY"])
        return
    process = subprocess.Popen(
        [*TURNKEEPER, "serve", "--port", "0"], env=command_environment(environment), stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        address = next((found[0] for line in process.stdout if (found := re.search(r"http://[\d.]+:\d+", line))), None)
        if address is None:
            raise SystemExit(
                "The server did not start. If one runs already, name it: TURNKEEPER_URL and TURNKEEPER_KEY."
            )
        threading.Thread(target=process.stdout.read, daemon=True).start()
        key = turnkeeper(
            "keys", "create", f"refund-example-{os.getpid()}", "--expires-in", "1d", environment=environment
        )
        yield Server(address, key)
    finally:
        process.terminate()
        process.wait(60)


def ask(server: Server, slug: str, question: str) -> int:
    """Start a conversation and print what comes of it."""
    print(f"\n> {question}")
    started = server.call("/conversations/start", {"agent_id": slug, "prompt": question, "ask_mode": False})
    told, since = False, time.monotonic()
    # Each of these requests waits up to five seconds for the end (`Prefer: wait=5`).
    while (status := server.call(f"/messages/{started['message_id']}")["status"]) not in ("completed", "failed"):
        if not told and time.monotonic() - since > 10:
            print(WAITING)
            told = True
    rows = server.call(f"/conversations/{started['job_id']}/messages")["messages"]
    assert isinstance(rows, list)
    print(rows[-1]["content"])
    return 0 if status == "completed" else 1


if __name__ == "__main__":
    sys.exit(main())
