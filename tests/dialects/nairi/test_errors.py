"""What went wrong: each kind of error on the wire, keys, ids and routes that are not good."""

import asyncio

import pytest
from inline_snapshot import snapshot
from litestar.exceptions import ClientException, MethodNotAllowedException, NotFoundException

from tests.dialects.conftest import Stage
from tests.dialects.nairi.client import UNKNOWN, Nairi
from tests.patience import PATIENCE
from turnkeeper.core.errors import (
    ClaimLostError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    RefusedError,
    StartError,
    TransientError,
    TurnkeeperError,
)
from turnkeeper.dialects.nairi.errors import answer_of

ERRORS: list[Exception] = [
    NotSignedInError("No key."),
    NotSignedInError("Empty.", code="empty"),
    NotSignedInError("Spaces.", code="spaces"),
    NotSignedInError("Unknown.", code="unknown"),
    NotSignedInError("Expired.", code="expired"),
    NotSignedInError("Revoked.", code="revoked"),
    NotSignedInError("Inactive.", code="inactive"),
    NotSignedInError("A reason of later times.", code="new"),
    NotAllowedError("Only admins may."),
    NotFoundError("conversation", 1),
    NotFoundError("message", 1),
    NotFoundError("event", 1),
    NotFoundError("agent", 1),
    NotFoundError("data set", 1),
    InvalidError("limit", "limit is wrong"),
    InvalidError("text", "The message is blank.", code="blank"),
    InvalidError("text", "The message is too long.", code="too_long"),
    InvalidError("text", "The message contains a NUL.", code="nul"),
    InvalidError("name", "An agent needs a name.", code="blank"),
    ConflictError("Another door.", code="wrong_origin"),
    ConflictError("Over.", code="not_active"),
    ConflictError("Its agent was deleted.", code="locked"),
    ConflictError("Another body.", code="idempotency_key_reused"),
    ConflictError("A conflict of later times.", code="new"),
    RateLimitedError(requests_per_minute=2, retry_after=30),
    TransientError("database", "The database does not answer."),
    TransientError("model", "Too many requests.", retry_after=12.4),
    RefusedError("model", "The model refused."),
    ClaimLostError("Lost."),
    StartError("Cannot start."),
    TurnkeeperError("A secret of the inside."),
    ValueError("A bug."),
    NotFoundException(),
    MethodNotAllowedException(headers={"allow": "GET"}),
    ClientException("Invalid host header"),
]


@pytest.mark.requirement("nairi.errors.table")
def test_each_kind_of_error_has_its_status_and_its_words() -> None:
    rows = [(type(error).__name__, *answer_of(error)) for error in ERRORS]
    assert rows == snapshot(
        [
            (
                "NotSignedInError",
                401,
                "missing API key: send the header `Authorization: Bearer <key>`",
                {"WWW-Authenticate": "Bearer"},
            ),
            (
                "NotSignedInError",
                401,
                "empty bearer token: send the header `Authorization: Bearer <key>`",
                {"WWW-Authenticate": "Bearer"},
            ),
            (
                "NotSignedInError",
                401,
                "invalid authorization header format: send `Authorization: Bearer <key>`, and the key has no spaces",
                {"WWW-Authenticate": "Bearer"},
            ),
            ("NotSignedInError", 401, "invalid API key: check it, or create one", {"WWW-Authenticate": "Bearer"}),
            ("NotSignedInError", 401, "API key has expired: create a new one", {"WWW-Authenticate": "Bearer"}),
            ("NotSignedInError", 401, "API key was revoked: create a new one", {"WWW-Authenticate": "Bearer"}),
            ("NotSignedInError", 401, "the account of this API key is not active", {"WWW-Authenticate": "Bearer"}),
            ("NotSignedInError", 401, "A reason of later times.", {"WWW-Authenticate": "Bearer"}),
            ("NotAllowedError", 403, "Only admins may.", {}),
            ("NotFoundError", 404, "job not found", {}),
            ("NotFoundError", 404, "message not found", {}),
            ("NotFoundError", 404, "message not found", {}),
            ("NotFoundError", 404, "agent not found", {}),
            ("NotFoundError", 404, "data set not found", {}),
            ("InvalidError", 400, "limit is wrong", {}),
            ("InvalidError", 400, "prompt is required", {}),
            ("InvalidError", 400, "The message is too long.", {}),
            ("InvalidError", 400, "prompt contains a NUL character, which cannot be stored", {}),
            ("InvalidError", 400, "name is required", {}),
            ("ConflictError", 400, "job is not an API job", {}),
            ("ConflictError", 400, "job is not active", {}),
            ("ConflictError", 400, "job is not active: its agent was deleted; start a new conversation", {}),
            ("ConflictError", 422, "Another body.", {}),
            ("ConflictError", 400, "A conflict of later times.", {}),
            ("RateLimitedError", 429, "rate limit exceeded: try again in 30 seconds", {"Retry-After": "30"}),
            ("TransientError", 503, "The database does not answer.", {"Retry-After": "1"}),
            ("TransientError", 503, "Too many requests.", {"Retry-After": "12"}),
            ("RefusedError", 502, "The model refused.", {}),
            ("ClaimLostError", 500, "internal server error", {}),
            ("StartError", 500, "internal server error", {}),
            ("TurnkeeperError", 500, "internal server error", {}),
            ("ValueError", 500, "internal server error", {}),
            ("NotFoundException", 404, "not found: there is no such route; see /api/public/v1/docs", {}),
            (
                "MethodNotAllowedException",
                405,
                "method not allowed: see the Allow header for what this route takes",
                {"allow": "GET"},
            ),
            ("ClientException", 400, "Invalid host header", {}),
        ]
    )


@pytest.mark.requirement("nairi.errors.sign-in")
async def test_a_request_without_a_good_key_is_401_on_every_route_before_anything_else(stage: Stage) -> None:
    before = stage.rows()
    nobody, stranger = Nairi(stage, None), Nairi(stage, "tk_unknown")
    job, message = f"job_{UNKNOWN}", f"cmsg_{UNKNOWN}"
    for client in (nobody, stranger):
        answers = [
            await client.get("/agents"),
            await client.post("/agents", {"name": ""}),
            await client.get("/agents/cci_malformed"),
            await client.post("/agents/helper/deploy", []),
            await client.get("/agents/helper/conversations?limit=0"),
            await client.post("/conversations/start", {"agent_id": "helper", "prompt": "Hello"}),
            await client.ask("POST", f"/conversations/{job}/continue", data=b"{"),
            await client.get("/conversations/malformed/messages"),
            await client.get(f"/messages/{message}"),
        ]
        assert [answer.status for answer in answers] == [401] * 9
        assert {answer.headers["WWW-Authenticate"] for answer in answers} == {"Bearer"}
        assert len({answer.error for answer in answers}) == 1
    assert stage.rows() == before


@pytest.mark.requirement("nairi.errors.sign-in")
async def test_every_way_to_send_a_key_means_the_same(stage: Stage) -> None:
    nobody, key = Nairi(stage, None), stage.keys.member
    headers = [
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"bearer {key}"},
        {"Authorization": f"Token {key}"},
        {"X-API-Key": key},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {key} {key}"},
        {"Authorization": f"Basic {key}"},
        {"Authorization": ""},
        {"X-API-Key": ""},
        {"Authorization": f"Bearer {key}x"},
        {"Authorization": "Bearer \xff\xfe"},
    ]
    answers = [await nobody.ask("GET", "/agents", headers=each) for each in headers]
    assert [answer.status for answer in answers[:4]] == [200] * 4
    assert [(answer.status, answer.error) for answer in answers[4:]] == snapshot(
        [
            (401, "empty bearer token: send the header `Authorization: Bearer <key>`"),
            (401, "invalid authorization header format: send `Authorization: Bearer <key>`, and the key has no spaces"),
            (401, "missing API key: send the header `Authorization: Bearer <key>`"),
            (401, "missing API key: send the header `Authorization: Bearer <key>`"),
            (401, "missing API key: send the header `Authorization: Bearer <key>`"),
            (401, "invalid API key: check it, or create one"),
            (401, "invalid API key: check it, or create one"),
        ]
    )


@pytest.mark.requirement("nairi.errors.sign-in")
async def test_a_revoked_key_is_refused_from_then_on(stage: Stage, admin: Nairi, member: Nairi) -> None:
    assert (await member.get("/agents")).status == 200
    accounts = stage.turnkeeper.actions.accounts
    organization = (await accounts.organizations())[0]
    await accounts.revoke_keys(organization, wanted="test")
    # The hint that a key is revoked travels to each server process; it takes milliseconds.
    async with asyncio.timeout(PATIENCE):
        while (refused := await member.get("/agents")).status == 200:
            pass
    assert (refused.status, refused.error) == (401, "API key was revoked: create a new one")
    assert (await admin.get("/agents")).status == 401


@pytest.mark.requirement("nairi.errors.other-organization")
async def test_what_belongs_to_another_organization_is_not_there(stage: Stage, admin: Nairi, outsider: Nairi) -> None:
    started = await admin.start("Hello")
    before = stage.rows()
    answers = {
        "agent": await outsider.get("/agents/helper"),
        "deploy": await outsider.post("/agents/helper/deploy", {}),
        "list": await outsider.get("/agents/helper/conversations"),
        "start": await outsider.post("/conversations/start", {"agent_id": "helper", "prompt": "Hello"}),
        "continue": await outsider.post(f"/conversations/{started.job_id}/continue", {"prompt": "More"}),
        "messages": await outsider.get(f"/conversations/{started.job_id}/messages"),
        "message": await outsider.get(f"/messages/{started.message_id}"),
        "data set": await outsider.post("/agents", {"name": "Spy", "data_set_id": stage.people.data_set_id}),
    }
    assert {name: (answer.status, answer.error) for name, answer in answers.items()} == snapshot(
        {
            "agent": (404, "agent not found"),
            "deploy": (404, "agent not found"),
            "list": (404, "agent not found"),
            "start": (404, "agent not found"),
            "continue": (404, "job not found"),
            "messages": (404, "job not found"),
            "message": (404, "message not found"),
            "data set": (404, "data set not found"),
        }
    )
    assert stage.rows() == before


@pytest.mark.requirement("nairi.ids")
async def test_malformed_ids_are_400_and_unknown_ones_404(stage: Stage, admin: Nairi) -> None:
    before = stage.rows()
    malformed = (
        "1",
        "job_1",
        f"job_{UNKNOWN.lower()}",
        f"job_8{UNKNOWN[1:]}",
        f"job_{UNKNOWN[:-1]}U",
        f"cci_{UNKNOWN}",
        "%00",
        "%FF",
        "a" * 5000,
        f"{2**70}",
        f"job_{UNKNOWN}%00",
    )
    for text in malformed:
        answers = [
            await admin.get(f"/conversations/{text}/messages"),
            await admin.post(f"/conversations/{text}/continue", {"prompt": "More"}),
            await admin.get(f"/messages/{text}"),
        ]
        assert [answer.status for answer in answers] == [400] * 3, text
        assert all(answer.error.startswith("invalid ") for answer in answers)
    unknown = [
        await admin.get(f"/conversations/job_{UNKNOWN}/messages"),
        await admin.get(f"/conversations/j_{UNKNOWN}/messages"),
        await admin.post(f"/conversations/job_{UNKNOWN}/continue", {"prompt": "More"}),
        await admin.get(f"/messages/cmsg_{UNKNOWN}"),
        await admin.get(f"/messages/cmsg_7{'Z' * 25}"),
        await admin.get(f"/messages/cmsg_{'0' * 26}"),
        await admin.get("/agents/nobody"),
        await admin.get("/agents/Helper"),
        await admin.get("/agents/%00"),
        await admin.get(f"/agents/cci_{UNKNOWN}"),
        await admin.post("/agents/nobody%00/deploy", {}),
        await admin.get("/agents/no/body/conversations"),
        await admin.post("/conversations/start", {"agent_id": "nobody", "prompt": "Hello"}),
    ]
    assert [(answer.status, answer.error) for answer in unknown] == snapshot(
        [
            (404, "job not found"),
            (404, "job not found"),
            (404, "job not found"),
            (404, "message not found"),
            (404, "message not found"),
            (404, "message not found"),
            (404, "agent not found"),
            (404, "agent not found"),
            (404, "agent not found"),
            (404, "agent not found"),
            (404, "agent not found"),
            (404, "agent not found"),
            (404, "agent not found"),
        ]
    )
    refused = await admin.post("/conversations/start", {"agent_id": "cci_1", "prompt": "Hello"})
    assert (refused.status, refused.error) == snapshot(
        (400, "invalid agent id 'cci_1': expected `cci_` and 26 characters, or a slug")
    )
    assert stage.rows() == before


@pytest.mark.requirement("nairi.errors.routes")
async def test_unknown_routes_and_methods_are_told_in_the_dialects_shape(admin: Nairi) -> None:
    answers = {
        f"{method} {path}": await admin.ask(method, path)
        for method, path in (
            ("GET", ""),
            ("GET", "/nowhere"),
            ("GET", "/conversations"),
            ("GET", f"/conversations/job_{UNKNOWN}"),
            ("POST", "/messages"),
            ("GET", "/conversations/start"),
            ("DELETE", "/agents"),
            ("PATCH", "/agents/helper"),
            ("PUT", f"/messages/cmsg_{UNKNOWN}"),
            ("POST", "/agents/helper/conversations"),
            ("GET", "/agents/helper/deploy"),
        )
    }
    told = {name: (answer.status, answer.error, answer.headers.get("Allow")) for name, answer in answers.items()}
    assert told == snapshot(
        {
            "GET ": (404, "not found: there is no such route; see /api/public/v1/docs", None),
            "GET /nowhere": (404, "not found: there is no such route; see /api/public/v1/docs", None),
            "GET /conversations": (404, "not found: there is no such route; see /api/public/v1/docs", None),
            "GET /conversations/job_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A": (
                404,
                "not found: there is no such route; see /api/public/v1/docs",
                None,
            ),
            "POST /messages": (404, "not found: there is no such route; see /api/public/v1/docs", None),
            "GET /conversations/start": (
                405,
                "method not allowed: see the Allow header for what this route takes",
                "OPTIONS, POST",
            ),
            "DELETE /agents": (
                405,
                "method not allowed: see the Allow header for what this route takes",
                "GET, OPTIONS, POST",
            ),
            "PATCH /agents/helper": (
                405,
                "method not allowed: see the Allow header for what this route takes",
                "GET, OPTIONS",
            ),
            "PUT /messages/cmsg_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A": (
                405,
                "method not allowed: see the Allow header for what this route takes",
                "GET, OPTIONS",
            ),
            "POST /agents/helper/conversations": (
                405,
                "method not allowed: see the Allow header for what this route takes",
                "GET, OPTIONS",
            ),
            "GET /agents/helper/deploy": (
                405,
                "method not allowed: see the Allow header for what this route takes",
                "OPTIONS, POST",
            ),
        }
    )
