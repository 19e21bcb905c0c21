"""What goes wrong over the wire: keys, ids, routes, bodies and queries that are not good, each with its place."""

import msgspec
import pytest
from inline_snapshot import snapshot
from litestar.exceptions import ClientException, MethodNotAllowedException, NotFoundException

from tests.dialects.conftest import Stage
from tests.dialects.native.client import UNKNOWN, Native, Shop
from turnkeeper.core.errors import (
    ClaimLostError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    RefusedError,
    TransientError,
    TurnkeeperError,
)
from turnkeeper.dialects.native.errors import refusal_of
from turnkeeper.dialects.native.faults import Fault, FaultsError
from turnkeeper.dialects.native.forms.reading import MediaTypeError

ERRORS: list[Exception] = [
    NotSignedInError("No key."),
    NotSignedInError("Empty.", code="empty"),
    NotSignedInError("Spaces.", code="spaces"),
    NotSignedInError("Unknown.", code="unknown"),
    NotSignedInError("Expired.", code="expired"),
    NotSignedInError("Revoked.", code="revoked"),
    NotSignedInError("Inactive.", code="inactive"),
    NotAllowedError("Only admins may."),
    NotFoundError("message", "00000000-0000-7000-8000-000000000000"),
    NotFoundError("approval", "apr_nonsense"),
    NotFoundError("data set", 7),
    FaultsError([Fault(where="query", place="limit", why="Wrong.", code="invalid")]),
    InvalidError("note", "Too long.", code="too_long"),
    InvalidError("a/b~c", "Odd name."),
    InvalidError("Idempotency-Key", "No good key."),
    InvalidError("body", "No JSON.", code="malformed"),
    InvalidError("body", "Too large.", code="too_large"),
    InvalidError("body", "Too slow.", code="too_slow"),
    MediaTypeError("Send JSON."),
    RateLimitedError(requests_per_minute=2, retry_after=30),
    ConflictError("Decided.", code="already_decided"),
    ConflictError("Another body.", code="idempotency_key_reused"),
    TransientError("database", "The database does not answer."),
    TransientError("model", "Too many requests.", retry_after=12.4),
    RefusedError("model", "The model refused."),
    ClaimLostError("Lost."),
    TurnkeeperError("A secret of the inside."),
    ValueError("A bug."),
    NotFoundException(),
    MethodNotAllowedException(headers={"allow": "GET"}),
    ClientException("Invalid host header"),
]


@pytest.mark.requirement("native.errors.table")
def test_each_kind_of_error_has_its_status_code_and_words() -> None:
    rows = [
        (type(error).__name__, found.status, found.code, found.detail, [fault.place for fault in found.faults])
        for error, found in ((error, refusal_of(error)) for error in ERRORS)
    ]
    assert rows == snapshot(
        [
            ("NotSignedInError", 401, "key_missing", "No key.", []),
            ("NotSignedInError", 401, "key_malformed", "Empty.", []),
            ("NotSignedInError", 401, "key_malformed", "Spaces.", []),
            ("NotSignedInError", 401, "key_unknown", "Unknown.", []),
            ("NotSignedInError", 401, "key_expired", "Expired.", []),
            ("NotSignedInError", 401, "key_revoked", "Revoked.", []),
            ("NotSignedInError", 401, "account_inactive", "Inactive.", []),
            ("NotAllowedError", 403, "not_allowed", "Only admins may.", []),
            ("NotFoundError", 404, "not_found", "There is no message 'msg_0000000000E008000000000000' for you.", []),
            ("NotFoundError", 404, "not_found", "There is no approval 'apr_nonsense' for you.", []),
            ("NotFoundError", 404, "not_found", "There is no data set '7' for you.", []),
            ("FaultsError", 400, "invalid", "Wrong.", ["limit"]),
            ("InvalidError", 400, "invalid", "Too long.", ["/note"]),
            ("InvalidError", 400, "invalid", "Odd name.", ["/a~1b~0c"]),
            ("InvalidError", 400, "invalid", "No good key.", ["Idempotency-Key"]),
            ("InvalidError", 400, "malformed", "No JSON.", []),
            ("InvalidError", 413, "too_large", "Too large.", []),
            ("InvalidError", 408, "too_slow", "Too slow.", []),
            ("MediaTypeError", 415, "unsupported_media_type", "Send JSON.", []),
            (
                "RateLimitedError",
                429,
                "rate_limited",
                "This key may make 2 requests a minute, and has made them; try again in 30 s.",
                [],
            ),
            ("ConflictError", 409, "already_decided", "Decided.", []),
            ("ConflictError", 422, "idempotency_key_reused", "Another body.", []),
            ("TransientError", 503, "upstream_unavailable", "The database does not answer.", []),
            ("TransientError", 503, "upstream_unavailable", "Too many requests.", []),
            ("RefusedError", 502, "upstream_refused", "The model refused.", []),
            ("ClaimLostError", 500, "internal", "Something went wrong on the server; it was logged.", []),
            ("TurnkeeperError", 500, "internal", "Something went wrong on the server; it was logged.", []),
            ("ValueError", 500, "internal", "Something went wrong on the server; it was logged.", []),
            (
                "NotFoundException",
                404,
                "no_such_route",
                "There is nothing at this path; /v1/docs says what is where.",
                [],
            ),
            (
                "MethodNotAllowedException",
                405,
                "method_not_allowed",
                "This path does not take this method; the Allow header says which ones it takes.",
                [],
            ),
            ("ClientException", 400, "invalid", "Invalid host header", []),
        ]
    )


@pytest.mark.requirement("native.errors.table")
def test_errors_that_pass_say_when_to_try_again_and_who_must_sign_in_how() -> None:
    busy = refusal_of(TransientError("model", "Too many requests.", retry_after=12.4))
    unknown = refusal_of(NotSignedInError("Unknown.", code="unknown"))
    assert (busy.retry_after, busy.headers) == (13, {"Retry-After": "13"})
    assert unknown.headers == {"WWW-Authenticate": "Bearer"}


@pytest.mark.requirement("native.errors.table")
async def test_an_error_is_whole_on_the_wire(nobody: Native) -> None:
    answer = await nobody.get(f"/approvals/apr_{UNKNOWN}", X_Request_Id="mine")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert msgspec.json.decode(answer.body) == snapshot(
        {
            "type": "urn:turnkeeper:problem:key_missing",
            "title": "Unauthorized",
            "status": 401,
            "detail": "No API key came with the request; send `Authorization: Bearer <key>`.",
            "instance": "/v1/approvals/apr_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0A",
            "code": "key_missing",
            "request_id": "mine",
        }
    )


@pytest.mark.requirement("native.errors.sign-in")
async def test_every_operation_asks_for_a_key_before_anything_else(nobody: Native) -> None:
    for path in ("/approvals?x=1", "/approvals/1", "/messages/1", "/conversations/1"):
        assert (await nobody.get(path)).problem.code == "key_missing", path
    for path in ("/approvals/1/decide", "/messages/1/cancel"):
        assert (await nobody.ask("POST", path, data=b"{")).problem.code == "key_missing", path


@pytest.mark.requirement("native.errors.sign-in")
async def test_keys_in_every_spelling_and_keys_that_are_none(stage: Stage, nobody: Native) -> None:
    good = [
        {"Authorization": f"Bearer {stage.keys.admin}"},
        {"Authorization": f"token {stage.keys.admin}"},
        {"X-API-Key": stage.keys.admin},
    ]
    assert [(await nobody.ask("GET", "/approvals", headers=headers)).status for headers in good] == [200] * 3
    bad = {
        "Bearer": "key_malformed",
        "Bearer two words": "key_malformed",
        "Basic eA==": "key_missing",
        "Bearer tk_unknown": "key_unknown",
    }
    for header, code in bad.items():
        answer = await nobody.ask("GET", "/approvals", headers={"Authorization": header})
        assert (answer.status, answer.problem.code) == (401, code), header
    stage.execute("UPDATE api_keys SET revoked_at = now()")
    fresh = await nobody.ask("GET", "/approvals", headers={"Authorization": f"Bearer {stage.keys.outsider}"})
    assert (fresh.status, fresh.problem.code) == (401, "key_revoked")


@pytest.mark.requirement("native.errors.unknown-ids")
async def test_ids_that_name_nothing_are_not_found(stage: Stage, shop: Shop, admin: Native, outsider: Native) -> None:
    message = (await admin.get(f"/messages/{await shop.ask(stage.keys.member)}")).message
    before = stage.rows()
    odd = ("1", "apr_", f"apr_{UNKNOWN}", f"apr_{UNKNOWN.lower()}", "%00", "x" * 3_000, "apr_%C3%A4", f"acc_{UNKNOWN}")
    for text in (*odd, "00000000-0000-7000-8000-000000000000"):
        for answer in (
            await admin.get(f"/approvals/{text}"),
            await admin.decide(text, "approve"),
            await admin.get(f"/messages/{text}", Prefer="wait=30"),
            await admin.cancel(text),
            await admin.get(f"/conversations/{text}"),
        ):
            assert (answer.status, answer.problem.code) == (404, "not_found"), text
            assert len(answer.problem.detail) < 120
    for answer in (
        await outsider.get(f"/messages/{message.id}", Prefer="wait=30"),
        await outsider.cancel(message.id),
        await outsider.get(f"/conversations/{message.conversation_id}"),
    ):
        assert (answer.status, answer.problem.code) == (404, "not_found")
        named = message.conversation_id if "conversation" in answer.problem.detail else message.id
        assert named in answer.problem.detail
    assert (await admin.get(f"/messages/{message.id}")).message.status == "queued"
    assert stage.rows() == before


@pytest.mark.requirement("native.http")
async def test_unknown_paths_and_methods_are_told_as_problems(stage: Stage, admin: Native) -> None:
    before = stage.rows()
    for path in ("", "/nope", "/approvals/1/2/3", f"/approvals/apr_{UNKNOWN}/approve", "/messages"):
        answer = await admin.get(path)
        assert (answer.status, answer.problem.code) == (404, "no_such_route"), path
    requests = [
        ("DELETE", "/approvals"),
        ("PUT", "/messages/1"),
        ("GET", "/messages/1/cancel"),
        ("GET", "/conversations/import"),
    ]
    answers = [await admin.ask(method, path) for method, path in requests]
    assert [(answer.status, answer.problem.code) for answer in answers] == [(405, "method_not_allowed")] * 4
    assert [
        set(answer.headers["Allow"].split(", ")) >= {allowed}
        for answer, allowed in zip(answers, ("GET", "GET", "POST", "POST"), strict=True)
    ] == [True] * 4
    assert stage.rows() == before


@pytest.mark.requirement("native.http")
async def test_head_answers_like_get_and_a_slash_at_the_end_does_no_harm(
    stage: Stage, shop: Shop, admin: Native
) -> None:
    message = await shop.ask(stage.keys.member)
    for path in ("/approvals", f"/messages/{message}"):
        got, headed, slashed = [await admin.get(path), await admin.ask("HEAD", path), await admin.get(f"{path}/")]
        assert (headed.status, headed.body) == (200, b"")
        assert headed.headers["Content-Length"] == got.headers["Content-Length"]
        assert slashed.body == got.body
