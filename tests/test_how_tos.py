"""The pages do as they say: every curl of README and docs runs as written against a real server, every command parses."""

import os
import re
import shlex
import subprocess
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from tests.fakes.demo import copied_server
from tests.fakes.postgres import TestPostgres
from tests.retrieval.samples.builders import pdf
from tests.server_process import ServerProcess, clean_environment
from turnkeeper.commands.table import build

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
SECONDS = 300
NOT_RUN: Mapping[str, str] = {
    'curl -s "$SERVER/v1/approvals/$ID/decide"': "a model that calls tools must have asked for something",
}
"""How commands begin that cannot run here, and why."""
STANDS_FOR: Mapping[str, str] = {
    "http://127.0.0.1:8000": "$SERVER",
    "export KEY=tk_…": "true",
    "tk_…": "$KEY",
    "key_…": "$KEY_ID",
    "file_…": "$FILE_ID",
    "sync_…": "$(curl -s $TK/data-sets/handbook/syncs -H \"Authorization: Bearer $KEY\" | jq -r '.items[0].id')",
    "doc_…": "$(curl -s $TK/data-sets/handbook/documents -H \"Authorization: Bearer $KEY\" | jq -r '.items[0].id')",
    # Who follows a log for ever never comes to the next line.
    '/events"\n': '/events?follow=false"\n',
}
"""What a reader puts in the place of what stands on a page."""
PRELUDE = """
    curl() { command curl --silent --show-error --fail-with-body --max-time 60 "$@"; }
    zip() { "$PYTHON" -m zipfile -c "$2" "$3"; }
    export CT="Content-Type: application/json" AUTH="Authorization: Bearer $KEY" V1=$SERVER/v1
    made() { curl -X POST -H "$AUTH" -H "$CT" "$V1$1" -d "$2"; }
    # These are parsed by another test: run, they would go to the data folder of this machine.
    turnkeeper() { true; }
    begun() { made /conversations '{"agent": "fiberup-support"}' | jq -r .id; }
    asked() { made "/conversations/$1/messages" '{"text": "Does FiberUP Business Duplex include an SLA?"}' | jq -r .id; }
    answered() { curl -H "$AUTH" -H "Prefer: wait=30" "$V1/messages/$1" | jq -r .reply.id; }
"""
THINGS: Mapping[str, str] = {
    "CONV": "CONV=$(begun); answered $(asked $CONV)",
    "CONVERSATION": "CONVERSATION=$(begun); answered $(asked $CONVERSATION)",
    "MESSAGE": "MESSAGE=$(asked $(begun)); REPLY=$(answered $MESSAGE)",
    "MESSAGE_OR_REPLY": "MESSAGE_OR_REPLY=$(answered $(asked $(begun)))",
    "KEY_ID": "KEY_ID=$(made /keys '{\"name\": \"'$RANDOM$RANDOM'\"}' | jq -r .id)",
    "FILE_ID": 'FILE_ID=$(curl -H "$AUTH" -F file=@report.pdf "$V1/files" | jq -r .id)',
}
"""What a page's variables are set to, where it uses them."""
AGENTS_NEED = """
    for name in OPENAI_API_KEY PAYMENTS_TOKEN; do
        curl -X PUT -H "$AUTH" -H "$CT" "$V1/secrets/$name" -d '{"value": "none"}'
    done
    made /data-sets '{"name": "shop"}'
"""
BEFORE: Mapping[str, str] = {
    "agents.md": AGENTS_NEED,
    "attachments.md": 'made /agents \'{"name": "Helper"}\'',
    "conversations.md": 'made /agents \'{"name": "Helper"}\' || true',
    "data-sets.md": 'made /data-sets \'{"name": "shop"}\' || true',
}
"""What a page takes for granted beyond the demo."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A part of a page that is meant to be typed."""

    page: Path
    text: str

    @property
    def commands(self) -> list[str]:
        """One by one, with what they go on with on other lines."""
        text = re.sub(r"^\$ ", "", self.text, flags=re.MULTILINE)
        found: list[str] = []
        for line in text.splitlines():
            if found and not _is_whole(found[-1]):
                found[-1] += "\n" + line
            elif line.strip():
                found.append(line)
        return found


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:
        return False
    return not command.rstrip().endswith("\\")


def blocks_of(page: Path) -> list[Block]:
    """Those in fences for a shell or without a language, and those that are indented."""
    text = page.read_text()
    fenced = [
        body for kind, body in re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE) if kind in _SHELLS
    ]
    rest = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    indented = [
        re.sub(r"^    ", "", body, flags=re.MULTILINE) for body in re.findall(r"(?<=\n\n)(?:    [^\n]*\n)+", rest)
    ]
    return [Block(page=page, text=body) for body in (*fenced, *indented)]


_SHELLS = ("", "sh", "bash", "console")
_CURL = re.compile(r"(?:^|\()curl ", re.MULTILINE)
WITH_CURL = [page for page in PAGES if any(_CURL.search(block.text) for block in blocks_of(page))]


@pytest.fixture(scope="module")
def readers_server(test_postgres: TestPostgres) -> Generator[ServerProcess]:
    """What readers of the pages try things on; their agents stand before the demo's."""
    with copied_server(test_postgres) as server:
        yield server


@pytest.mark.parametrize("page", WITH_CURL, ids=lambda page: page.name)
def test_the_requests_of_a_page_run_as_they_are_written(
    readers_server: ServerProcess, page: Path, tmp_path: Path
) -> None:
    commands = [command for block in blocks_of(page) if _CURL.search(block.text) for command in block.commands]
    run = [command for command in commands if not command.startswith(tuple(NOT_RUN))]
    exports = [
        command
        for block in blocks_of(page)
        if not _CURL.search(block.text)
        for command in block.commands
        if command.startswith("export ")
    ]
    typed = "\n".join(map(_with_real_things, [*exports, *run])) + "\n"
    things = [made for name, made in THINGS.items() if re.search(rf"\${name}\b", typed)]
    script = "\n".join([PRELUDE, *things, BEFORE.get(page.name, ""), typed])
    for name in ("report.pdf", "receipt.pdf", "r5.pdf"):
        (tmp_path / name).write_bytes(pdf([["The lamp blinks red when the line is down.", name]]))
    (tmp_path / "handbook").mkdir()
    (tmp_path / "handbook" / "r6.md").write_text("# Router R6\n\nIts lamp does not blink.")

    environment = clean_environment(
        SERVER=readers_server.address, KEY=readers_server.key, PYTHON=os.environ.get("PYTHON", "python3")
    )

    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-x"],
        input=script,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, (done.stdout[-2_000:], done.stderr[-2_000:])


def _with_real_things(command: str) -> str:
    for written, real in STANDS_FOR.items():
        command = (command + "\n").replace(written, real).removesuffix("\n")
    return command


def test_what_is_not_run_is_still_there() -> None:
    commands = [command for page in PAGES for block in blocks_of(page) for command in block.commands]
    assert [name for name in NOT_RUN if not any(command.startswith(name) for command in commands)] == []


def lines_of_turnkeeper() -> list[tuple[str, str]]:
    """Every command of ours on any page, with the page."""
    found: list[tuple[str, str]] = []
    for page in PAGES:
        for block in blocks_of(page):
            for command in block.commands:
                words = re.sub(r"^(?:[A-Z_]+=\S+ )+", "", command)
                if words.startswith("turnkeeper ") and not words.startswith("turnkeeper/"):
                    found.append((page.name, words))
    return found


def test_the_commands_of_all_pages_are_such_as_there_are() -> None:
    commands = lines_of_turnkeeper()
    root = get_command(build())

    for page, command in commands:
        shell = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars="|<>")
        shell.whitespace_split = True
        words = list(shell)
        end = next((place for place, word in enumerate(words) if word[0] in "|<>"), len(words))
        _parse(root, words[1:end], f"{page}: {command}")

    assert len(commands) > 40


def _parse(root: object, words: list[str], where: str) -> None:
    """Read a command line to its end, and do nothing."""
    assert isinstance(root, TyperGroup)
    group, context = root, root.make_context("turnkeeper", words)
    while True:
        # The library tells it to nobody else.
        rest = [*context._protected_args, *context.args]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        _, command, rest = group.resolve_command(context, rest)
        assert command is not None, where
        context = command.make_context(command.name, rest, parent=context)
        if not isinstance(command, TyperGroup):
            return
        group = command
