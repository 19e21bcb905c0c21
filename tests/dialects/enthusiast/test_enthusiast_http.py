"""Manners of HTTP: methods, unknown paths, slashes, browsers, repeated requests, the description."""

import asyncio

import aiohttp
import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import ORIGIN, Stage
from tests.dialects.enthusiast.client import Client, Json

KEY = {"Idempotency-Key": "order-1"}


@pytest.mark.requirement("enthusiast.http.methods")
async def test_a_method_that_a_path_does_not_have_is_refused_with_those_it_has(stage: Stage, member: Client) -> None:
    before = stage.rows()
    requests = [
        ("PUT", "/api/conversations"),
        ("DELETE", "/api/conversations/1"),
        ("PATCH", "/api/conversations/x"),
        ("POST", "/api/task_status/x/"),
        ("TRACE", "/api/conversations"),
    ]
    answers = [await member.call(method, path) for method, path in requests]
    assert {answer.status for answer in answers} == {405}
    assert [(answer.body, answer.headers["Allow"]) for answer in answers[:4]] == snapshot(
        [
            ({"detail": 'Method "PUT" not allowed.'}, "GET, POST, HEAD, OPTIONS"),
            ({"detail": 'Method "DELETE" not allowed.'}, "GET, POST, HEAD, OPTIONS"),
            ({"detail": 'Method "PATCH" not allowed.'}, "GET, POST, HEAD, OPTIONS"),
            ({"detail": 'Method "POST" not allowed.'}, "GET, HEAD, OPTIONS"),
        ]
    )
    assert answers[4].body == {"detail": 'Method "TRACE" not allowed.'}
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.http.unknown")
async def test_an_unknown_path_is_not_found_in_json(member: Client) -> None:
    paths = ["/api", "/api/nope", "/api/conversations/1/2", "/api/conversations/1/files", "/api/v1"]
    answers = [await member.get(path) for path in paths] + [await member.post(path, {}) for path in paths]
    assert [answer.plain for answer in answers] == [(404, {"detail": "Not found."})] * 2 * len(paths)


@pytest.mark.requirement("enthusiast.http.slashes")
async def test_every_path_may_end_with_a_slash_or_not(stage: Stage, member: Client) -> None:
    made = await member.post("/api/conversations/", {"agent_id": stage.people.agent.id})
    one = f"/api/conversations/{made.number('id')}"
    sent = await member.post(f"{one}/", {"question_message": "Hi"})
    status = f"/api/task_status/{sent.text('task_id')}"
    for path in ("/api/conversations", one, status):
        bare, slashed = await member.get(path), await member.get(f"{path}/")
        assert (bare.status, bare.raw) == (200, slashed.raw)


@pytest.mark.requirement("enthusiast.http.head")
async def test_head_answers_like_get_without_a_body(member: Client) -> None:
    for path in ("/api/conversations", f"/api/conversations/{await member.begin()}"):
        got, headed = await member.get(path), await member.call("HEAD", path)
        assert (headed.status, headed.raw) == (200, b"")
        assert headed.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.requirement("enthusiast.http.head")
async def test_options_tells_the_methods_of_a_path(member: Client, nobody: Client) -> None:
    many, task = [await member.call("OPTIONS", path) for path in ("/api/conversations", "/api/task_status/x/")]
    assert [(answer.status, answer.headers["Allow"]) for answer in (many, task)] == [
        (204, "GET, POST, HEAD, OPTIONS"),
        (204, "GET, HEAD, OPTIONS"),
    ]
    assert (await nobody.call("OPTIONS", "/api/conversations")).status == 401


@pytest.mark.requirement("enthusiast.http.cors")
async def test_a_browser_of_an_allowed_origin_may_call_and_read_errors(stage: Stage, nobody: Client) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = await nobody.call("OPTIONS", "/api/conversations/1", headers=asked)
    assert preflight.status in {200, 204}
    allowed = {name.lower() for name in preflight.headers["Access-Control-Allow-Headers"].split(", ")}
    assert allowed >= {"authorization", "content-type", "idempotency-key", "prefer", "x-api-key", "x-csrftoken"}
    assert preflight.headers["Access-Control-Allow-Methods"] == "DELETE, GET, OPTIONS, PATCH, POST, PUT"
    assert preflight.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert preflight.headers["Access-Control-Max-Age"] == "86400"
    for path, status in (("/api/conversations", 401), ("/api/nope", 404)):
        refused = await nobody.get(path, {"Origin": ORIGIN})
        assert (refused.status, refused.headers["Access-Control-Allow-Origin"]) == (status, ORIGIN)


@pytest.mark.requirement("enthusiast.http.cors")
async def test_a_browser_of_another_origin_gets_no_leave(nobody: Client) -> None:
    stranger = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    preflight = await nobody.call("OPTIONS", "/api/conversations", headers=stranger)
    read = await nobody.get("/api/conversations", {"Origin": "http://evil.example"})
    for answer in (preflight, read):
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.requirement("enthusiast.idempotency.replay")
async def test_a_repeated_request_gets_the_first_answer_and_does_nothing(stage: Stage, member: Client) -> None:
    body: Json = {"agent_id": stage.people.agent.id}
    made = await member.post("/api/conversations", body, KEY)
    one = f"/api/conversations/{made.number('id')}"
    sent = await member.post(one, {"question_message": "say once"}, KEY)
    rows = stage.rows()
    async with stage.working():
        assert await member.state(sent.text("task_id"), wait=30) == "SUCCESS"
    made_again = await member.post("/api/conversations/", body, KEY)
    sent_again = await member.post(f"{one}/", {"question_message": "say once"}, KEY)
    assert [(answer.status, answer.raw) for answer in (made_again, sent_again)] == [(201, made.raw), (202, sent.raw)]
    assert [answer.headers.get("Idempotency-Replayed") for answer in (made, sent)] == [None, None]
    assert [answer.headers.get("Idempotency-Replayed") for answer in (made_again, sent_again)] == ["true", "true"]
    assert (stage.rows()["conversations"], stage.rows()["messages"]) == (rows["conversations"], rows["messages"] + 1)


@pytest.mark.requirement("enthusiast.idempotency.replay")
async def test_the_same_request_many_times_at_once_is_done_once(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    answers = await asyncio.gather(*(member.post(one, {"question_message": "Hi"}, KEY) for _ in range(8)))
    assert len({(answer.status, answer.raw) for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", *["true"] * 7]
    assert stage.rows()["messages"] == 1


@pytest.mark.requirement("enthusiast.idempotency.replay")
async def test_a_form_may_be_encoded_anew_when_it_is_repeated(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"

    def form() -> aiohttp.FormData:
        return aiohttp.FormData({"question_message": "Hi"}, default_to_multipart=True)

    first, second = [await member.call("POST", one, data=form(), headers=KEY) for _ in range(2)]
    assert (first.status, second.status, second.raw) == (202, 202, first.raw)
    assert stage.rows()["messages"] == 1


@pytest.mark.requirement("enthusiast.idempotency.refused")
async def test_a_key_that_comes_with_another_body_is_refused(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    assert (await member.post(one, {"question_message": "Hi"}, KEY)).status == 202
    before = stage.rows()
    assert (await member.post(one, {"question_message": "Hello"}, KEY)).plain == snapshot(
        (422, {"detail": "The Idempotency-Key 'order-1' was used with another body before; take a new key."})
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.idempotency.refused")
async def test_a_malformed_key_is_refused(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    before = stage.rows()
    keys = ["", " ", "x" * 256, "two words", "ümlaut"]
    answers = [await member.post(one, {"question_message": "Hi"}, {"Idempotency-Key": key}) for key in keys]
    sentence = "An Idempotency-Key has 1 to 255 visible ASCII characters."
    assert [answer.plain for answer in answers] == [(400, {"detail": sentence})] * len(keys)
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.idempotency.refused")
async def test_a_refused_request_leaves_its_key_free(stage: Stage, member: Client) -> None:
    one = f"/api/conversations/{await member.begin()}"
    assert (await member.post(one, {"question_message": ""}, KEY)).status == 400
    assert (await member.post(one, {"question_message": "Hi"}, KEY)).status == 202


@pytest.mark.requirement("enthusiast.idempotency.refused")
async def test_a_key_that_another_account_used_shows_nothing_of_its_conversation(
    stage: Stage, admin: Client, member: Client
) -> None:
    body: Json = {"agent_id": stage.people.agent.id}
    one = f"/api/conversations/{(await member.post('/api/conversations', body, KEY)).number('id')}"
    await member.post(one, {"question_message": "Hi"}, KEY)
    before = stage.rows()
    assert (await admin.post("/api/conversations", body, KEY)).plain == snapshot(
        (422, {"detail": "This Idempotency-Key was used by another account before; take a new key."})
    )
    assert (await admin.post(one, {"question_message": "Hi"}, KEY)).plain == snapshot(
        (404, {"detail": "No Conversation matches the given query."})
    )
    assert stage.rows() == before


@pytest.mark.requirement("enthusiast.idempotency.replay")
async def test_a_repeated_request_is_answered_also_after_its_agent_was_deleted(stage: Stage, member: Client) -> None:
    made = await member.post("/api/conversations", {"data_set_id": stage.people.data_set_id}, KEY)
    stage.execute("UPDATE agents SET deleted_at = now()")
    again = await member.post("/api/conversations", {"data_set_id": stage.people.data_set_id}, KEY)
    assert (again.status, again.raw) == (201, made.raw)


@pytest.mark.requirement("enthusiast.docs")
async def test_the_description_is_open_to_all_and_names_every_operation(nobody: Client) -> None:
    documents = [await nobody.get(path) for path in ("/api/openapi.json", "/api/docs.json/", "/api/docs/openapi.json")]
    page = await nobody.get("/api/docs/")
    document = msgspec.json.decode(documents[0].raw, type=Description)
    assert {answer.raw for answer in documents} == {documents[0].raw}
    assert document.openapi == "3.1.0"
    assert {path: sorted(methods) for path, methods in document.paths.items()} == snapshot(
        {
            "/api/conversations": ["get", "post"],
            "/api/conversations/{conversation_id}": ["get", "post"],
            "/api/task_status/{task_id}": ["get"],
            "/api/conversations/{conversation_id}/upload": ["post"],
            "/api/file-upload-status/{task_id}": ["get"],
            "/api/supported-file-types": ["get"],
            "/api/conversations/{conversation_id}/files/{file_id}": ["get"],
        }
    )
    assert page.headers["Content-Type"].startswith("text/html")
    assert all(path in page.raw.decode() for path in document.paths)
    assert b"http://" not in page.raw.replace(b"http://127.0.0.1", b"")


class Description(msgspec.Struct):
    """What we look at of an OpenAPI document."""

    openapi: str
    paths: dict[str, dict[str, msgspec.Raw]]
