"""Bodies that cannot be used: refused with what to mend, and nothing is left behind."""

import json

import pytest
from inline_snapshot import snapshot
from litestar.types import HTTPReceiveMessage

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import UNKNOWN, Nairi
from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.body import body_of

BODIES: dict[str, bytes] = {
    "empty": b"",
    "cut": b'{"agent_id": "helper", "prompt": "Hel',
    "two": b"{} {}",
    "list": b"[]",
    "text": b'"Hello"',
    "null": b"null",
    "no UTF-8": b'{"agent_id": "helper", "prompt": "\xff"}',
    "lone surrogate": b'{"agent_id": "helper", "prompt": "\\ud800 and on"}',
    "low surrogate": b'{"agent_id": "helper", "prompt": "\\udc00"}',
    "deep": b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "not a number": b'{"agent_id": "helper", "prompt": NaN}',
    "huge number": b'{"agent_id": "helper", "prompt": 1e9999}',
    "nothing": b"{}",
    "nulls": b'{"agent_id": null, "prompt": null}',
    "blank": b'{"agent_id": "  ", "prompt": " \\n\\t"}',
    "wrong types": b'{"agent_id": 1, "prompt": ["Hello"], "ask_mode": "yes"}',
    "text of attachments": b'{"agent_id": "helper", "prompt": "Hello", "attachment_ids": "att"}',
    "wrong attachments": b'{"agent_id": "helper", "prompt": "Hello", "attachment_ids": [1]}',
    "NUL": b'{"agent_id": "helper", "prompt": "Hel\\u0000lo"}',
    "NUL in the agent": b'{"agent_id": "helper\\u0000", "prompt": "Hello"}',
    "too long": b'{"agent_id": "helper", "prompt": "' + b"x" * 1_000_001 + b'"}',
}


@pytest.mark.requirement("nairi.errors.bad-bodies")
async def test_a_body_that_cannot_be_used_is_refused_and_writes_nothing(stage: Stage, admin: Nairi) -> None:
    job = (await admin.start("Hello")).job_id
    before = stage.rows()
    told: dict[str, str] = {}
    for name, body in BODIES.items():
        for path in ("/conversations/start", f"/conversations/{job}/continue"):
            if name == "NUL in the agent" and path.endswith("continue"):
                continue  # there it is an unknown member, and ignored
            answer = await admin.ask(
                "POST",
                path,
                data=body,
                headers={"Content-Type": "application/json", "Idempotency-Key": f"{name}{path}".replace(" ", "-")},
            )
            assert answer.status == 400, (name, path, answer.body)
            if path.endswith("start"):
                told[name] = answer.error
    assert told == snapshot(
        {
            "empty": "invalid JSON: Input data was truncated",
            "cut": "invalid JSON: Input data was truncated",
            "two": "invalid JSON: JSON is malformed: trailing characters (byte 4)",
            "list": "the body must be a JSON object: Expected `object`, got `array`",
            "text": "the body must be a JSON object: Expected `object`, got `str`",
            "null": "the body must be a JSON object: Expected `object`, got `null`",
            "no UTF-8": "invalid JSON: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
            "lone surrogate": "invalid JSON: JSON is malformed: unexpected end of escaped utf-16 surrogate pair (byte 40)",
            "low surrogate": "invalid JSON: JSON is malformed: invalid utf-16 surrogate pair (byte 40)",
            "deep": "the body is nested too deep",
            "not a number": "invalid JSON: JSON is malformed: invalid character (byte 33)",
            "huge number": "the body must be a JSON object: Number out of range - at `$[...]`",
            "nothing": "agent_id is required; prompt is required",
            "nulls": "agent_id is required; prompt is required",
            "blank": "agent_id is required; prompt is required",
            "wrong types": "agent_id must be a string; prompt must be a string; ask_mode must be true or false",
            "text of attachments": "attachment_ids must be a list of strings",
            "wrong attachments": "attachment_ids must be a list of strings",
            "NUL": "prompt contains a NUL character, which cannot be stored",
            "NUL in the agent": "agent_id contains a NUL character, which cannot be stored",
            "too long": "The message has 1,000,001 characters; the most is 1,000,000.",
        }
    )
    # A key whose request was refused is not used up: nothing was stored for it.
    assert stage.rows() == before


@pytest.mark.requirement("nairi.errors.bad-bodies")
async def test_a_body_must_be_json_and_say_so(stage: Stage, admin: Nairi) -> None:
    before = stage.rows()
    body = b'{"agent_id": "helper", "prompt": "Hello"}'
    kinds = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "nonsense", "")
    for kind in kinds:
        answer = await admin.ask("POST", "/conversations/start", data=body, headers={"Content-Type": kind})
        assert (answer.status, answer.error) == (
            400,
            "the body must be JSON: send `Content-Type: application/json`",
        ), kind
    assert stage.rows() == before
    good = [
        await admin.ask("POST", "/conversations/start", data=body, headers={"Content-Type": kind})
        for kind in ("application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.api+json")
    ]
    bare = await admin.ask("POST", "/conversations/start", data=body)
    assert [answer.status for answer in (*good, bare)] == [201] * 4


@pytest.mark.requirement("nairi.errors.bad-bodies")
async def test_the_longest_text_is_accepted_however_it_is_escaped(admin: Nairi) -> None:
    body = json.dumps({"agent_id": "helper", "prompt": "я" * 1_000_000}).encode()
    assert len(body) > 6_000_000
    answer = await admin.ask("POST", "/conversations/start", data=body, headers={"Content-Type": "application/json"})
    assert answer.status == 201


@pytest.mark.requirement("nairi.errors.large-bodies")
async def test_a_body_of_ten_megabytes_is_refused_with_an_answer(stage: Stage, admin: Nairi) -> None:
    before = stage.rows()
    body = b'{"agent_id": "helper", "prompt": "' + b"x" * 10_000_000 + b'"}'
    for path in ("/conversations/start", f"/conversations/job_{UNKNOWN}/continue", "/agents", "/agents/helper/deploy"):
        answer = await admin.ask("POST", path, data=body, headers={"Content-Type": "application/json"})
        assert (answer.status, answer.error) == (400, "The body is too large; the most is 8,000,000 bytes.")
    assert stage.rows() == before


@pytest.mark.requirement("nairi.errors.large-bodies")
async def test_a_body_is_joined_up_to_its_bound_and_a_client_that_leaves_is_noticed() -> None:
    async def read(*messages: HTTPReceiveMessage) -> bytes:
        waiting = iter(messages)

        async def receive() -> HTTPReceiveMessage:
            return next(waiting)

        return await body_of(receive, most_bytes=6)

    def piece(body: bytes, *, more: bool = False) -> HTTPReceiveMessage:
        return {"type": "http.request", "body": body, "more_body": more}

    assert await read(piece(b"abc", more=True), piece(b"def")) == b"abcdef"
    assert await read(piece(b"")) == b""
    with pytest.raises(InvalidError) as too_large:
        await read(piece(b"abc", more=True), piece(b"defg", more=True), piece(b""))
    with pytest.raises(InvalidError) as cut:
        await read(piece(b"abc", more=True), {"type": "http.disconnect"})
    assert (too_large.value.code, cut.value.code) == ("too_large", "cut")
