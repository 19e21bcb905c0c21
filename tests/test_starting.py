"""What a start may load, and what is answered before everything is loaded: both are felt at every start."""

import asyncio
import json
import subprocess
import sys

import pytest
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from tests.patience import PATIENCE, PROCESS_PATIENCE
from turnkeeper.doors import LateDoor
from turnkeeper.http_kit.gate import Gate

NEVER_AT_THE_START = (
    "aiohttp",
    "alembic",
    "botocore",
    "cryptography",
    "docx",
    "fsspec",
    "genai_prices",
    "httpx",
    "mcp",
    "numpy",
    "obstore",
    "onnxruntime",
    "openpyxl",
    "procrastinate",
    "puremagic",
    "pydantic",
    "pydantic_ai",
    "pypdfium2",
    "rich",
    "selectolax",
    "sqlalchemy",
    "structlog",
    "tokenizers",
    "typer",
)
BEFORE_THE_DATABASE = ("asyncio", "click", "litestar", "psycopg", "typer", "uvicorn")
MOST_MODULES = {"turnkeeper.__main__": 130, "turnkeeper.serving": 300, "turnkeeper.opening": 1_020}
"""Modules that each of the three steps of a start may have loaded in all; each costs about half a millisecond."""


def loaded_by(*modules: str) -> set[str]:
    """What a fresh process has loaded when these are imported."""
    code = f"import json, sys, {', '.join(modules)}\nprint(json.dumps(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=PROCESS_PATIENCE, check=True)
    return set(json.loads(told.stdout))


def test_nothing_slow_is_loaded_before_the_flags_are_read() -> None:
    loaded = loaded_by("turnkeeper.__main__")
    assert loaded.intersection(BEFORE_THE_DATABASE + NEVER_AT_THE_START) == set()
    assert len(loaded) <= MOST_MODULES["turnkeeper.__main__"]


def test_the_process_can_say_that_it_lives_before_the_doors_are_loaded() -> None:
    loaded = loaded_by("turnkeeper.__main__", "turnkeeper.serving")
    assert loaded.intersection(("litestar", "psycopg", "turnkeeper.app", *NEVER_AT_THE_START)) == set()
    assert len(loaded) <= MOST_MODULES["turnkeeper.serving"]


def test_a_server_loads_no_library_that_it_does_not_need_yet() -> None:
    loaded = loaded_by("turnkeeper.__main__", "turnkeeper.serving", "turnkeeper.opening", "turnkeeper.telemetry.logs")
    assert loaded.intersection(NEVER_AT_THE_START) == set()
    assert len(loaded) <= MOST_MODULES["turnkeeper.opening"]


def scope(path: str) -> HTTPScope:
    """As much of a request as a gate looks at."""
    return {"type": "http", "method": "GET", "path": path}  # pyright: ignore[reportReturnType]


async def status_of(app: ASGIApp, path: str) -> int:
    """The status with which a GET is answered."""
    sent: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope(path), receive, send)  # pyright: ignore[reportArgumentType]
    assert sent[0]["type"] == "http.response.start"
    return sent[0]["status"]


async def teapot(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 418, "headers": []})


async def test_before_the_doors_are_open_only_life_is_answered_and_the_rest_waits() -> None:
    gate = Gate()
    waiting = asyncio.create_task(status_of(gate, "/api/conversations"))
    assert await status_of(gate, "/healthz") == 200
    assert not waiting.done()
    gate.open(teapot)
    assert await asyncio.wait_for(waiting, PATIENCE) == 418


async def test_who_waits_at_a_gate_that_will_not_open_is_asked_to_try_again() -> None:
    gate = Gate()
    waiting = asyncio.create_task(status_of(gate, "/api/conversations"))
    assert await status_of(gate, "/healthz") == 200
    gate.give_up()
    assert await asyncio.wait_for(waiting, PATIENCE) == 503
    assert await status_of(gate, "/") == 503


async def test_who_waits_at_the_gate_of_a_server_that_stops_is_asked_to_try_again() -> None:
    waiting = asyncio.create_task(status_of(Gate(), "/api/conversations"))
    await asyncio.wait({waiting}, timeout=0.01)
    waiting.cancel()
    assert await asyncio.wait_for(waiting, PATIENCE) == 503


@pytest.mark.parametrize("path", ["/healthz", "/"])
async def test_an_open_gate_lets_everything_through(path: str) -> None:
    gate = Gate()
    gate.open(teapot)
    assert await status_of(gate, path) == 418


async def test_a_door_that_is_made_late_is_made_once_for_all_who_wait() -> None:
    made: list[ASGIApp] = []

    def make() -> ASGIApp:
        made.append(teapot)
        return teapot

    door = LateDoor(make)
    assert await asyncio.gather(*(status_of(door, "/v1/approvals") for _ in range(5))) == [418] * 5
    assert len(made) == 1
