"""Every text of every body of every operation: what cannot be kept is a clear refusal, and never a failure of ours."""

import asyncio
import re
from collections.abc import Iterator, Mapping

import msgspec
import pytest
from yarl import URL

from tests.dialects.conftest import Stage
from tests.dialects.doors.described import DOORS, PARAMETER, Route, routes_of
from tests.dialects.doors.test_isolation import things
from tests.patience import PATIENCE

NUL, HALF = "NUL", "HALF A CHARACTER"
SPELLED = {NUL: rb"a\u0000b", HALF: rb"a\ud800b"}
HUGE = b"1" * 5_000
DEEP = b"[" * 5_000 + b"]" * 5_000
HOSTILE = ("%00", "%ed%a0%80", "..%2f..%2fetc%2fpasswd%0d%0aX-Evil:%20yes", "9" * 400)
Json = Mapping[str, object] | list[object] | str | int | float | bool | None


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.hostile_text")
async def test_what_cannot_be_kept_is_refused_wherever_it_stands(stage: Stage, door: str) -> None:
    known = {name: thing.id for name, thing in (await things(stage))[door].items()}
    failed: list[object] = []
    asked = 0
    for route, example in await bodies(stage, door):
        path = PARAMETER.sub(lambda name: known.get(name[1], "any"), route.path)
        for body in hostile(example):
            asked += 1
            status, said = await post(stage, route.method, path, body)
            if status >= 500 or (any(spelled in body for spelled in SPELLED.values()) and status < 400):
                failed.append((route.method, route.path, body[:200], status, said))
    assert asked >= 10
    assert not failed, "\n".join(map(repr, failed))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.requirement("native.hostile_text")
async def test_hostile_paths_and_queries_are_no_failure(stage: Stage, door: str) -> None:
    failed: list[object] = []
    for route in await routes_of(stage, door):
        for text in HOSTILE:
            named = PARAMETER.sub(text, route.path) + f"?limit={text}&cursor={text}&page={text}&after={text}"
            status, said = await post(stage, route.method, named, b"{}")
            if status >= 500 or "x-evil" in said.lower().partition("\r\n\r\n")[0]:
                failed.append((route.method, named, status, said))
    assert not failed, "\n".join(map(repr, failed))


async def bodies(stage: Stage, door: str) -> list[tuple[Route, object]]:
    """The operations of a door that take JSON, each with its example."""
    return [
        (route, body.content[kind].example)
        for route in await routes_of(stage, door)
        if (body := route.operation.request) is not None
        for kind in body.content
        if kind == "application/json" or kind.endswith("+json")
    ]


def hostile(example: object) -> Iterator[bytes]:
    """The example with each of its texts made unkeepable in turn, with its numbers huge, and bodies without end."""
    count = len(list(texts(example)))
    for number in range(count):
        for mark in (NUL, HALF) if number == 0 else (NUL,):
            yield msgspec.json.encode(marked(example, iter(range(count)), number, mark)).replace(
                mark.encode(), SPELLED[mark]
            )
    yield re.sub(rb"(?<=[:\[,])\d+(?=[,}\]])", HUGE, msgspec.json.encode(example))
    yield re.sub(rb"(?<=[:\[,])\d+(?=[,}\]])", b"1e400", msgspec.json.encode(example))
    yield DEEP
    if (members := members_of(example)) is not None:
        for name in members:
            yield msgspec.json.encode({**members, name: "HERE"}).replace(b'"HERE"', DEEP)
            break


def members_of(value: object) -> dict[str, object] | None:
    """The members, when the value is an object."""
    return msgspec.convert(value, dict[str, object]) if isinstance(value, dict) else None


def items_of(value: object) -> list[object]:
    """The items, when the value is an array."""
    return msgspec.convert(value, list[object]) if isinstance(value, list) else []


def texts(value: object) -> Iterator[str]:
    """Every text in a value, in order."""
    if isinstance(value, str):
        yield value
    for item in (*(members_of(value) or {}).values(), *items_of(value)):
        yield from texts(item)


def marked(value: object, numbers: Iterator[int], wanted: int, mark: str) -> object:
    """The value with the text of a number replaced."""
    if isinstance(value, str):
        return mark if next(numbers) == wanted else value
    if (members := members_of(value)) is not None:
        return {name: marked(item, numbers, wanted, mark) for name, item in members.items()}
    if items := items_of(value):
        return [marked(item, numbers, wanted, mark) for item in items]
    return value


async def post(stage: Stage, method: str, path: str, body: bytes) -> tuple[int, str]:
    """Ask with the admin's key; the status, and the head and body of the answer."""
    headers = {"Authorization": f"Bearer {stage.keys.admin}", "Content-Type": "application/json"}
    async with asyncio.timeout(PATIENCE):
        async with stage.http.request(
            method, URL(stage.address + path, encoded=True), data=body, headers=headers
        ) as answer:
            head = "\r\n".join(f"{name}: {value}" for name, value in answer.headers.items())
            said = "" if answer.content_type == "text/event-stream" else await answer.text(errors="replace")
            return answer.status, f"{head}\r\n\r\n{said[:300]}"
