"""Who may come in: keys of every spelling, and keys that are none."""

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Answer, Client

ROUTES = (
    ("GET", "/api/conversations"),
    ("POST", "/api/conversations"),
    ("GET", "/api/conversations/1"),
    ("POST", "/api/conversations/1"),
    ("GET", "/api/task_status/dbe41a42-f678-40c7-8b4c-437fa1673d7d/"),
)


@pytest.mark.requirement("enthusiast.auth.schemes")
async def test_a_key_is_taken_in_every_spelling(stage: Stage, nobody: Client) -> None:
    key = stage.keys.member
    spellings = [
        {"Authorization": f"Token {key}"},
        {"Authorization": f"token   {key}"},
        {"Authorization": f"Bearer {key}"},
        {"X-API-Key": key},
    ]
    answers = [await nobody.get("/api/conversations", headers) for headers in spellings]
    assert [answer.status for answer in answers] == [200, 200, 200, 200]


@pytest.mark.requirement("enthusiast.auth.refused")
async def test_every_way_to_be_unknown_has_the_original_s_sentence(stage: Stage, nobody: Client) -> None:
    headers = [
        {},
        {"Authorization": ""},
        {"Authorization": "Basic dXNlcjpwYXNz"},
        {"Authorization": "Token"},
        {"Authorization": "Token two words"},
        {"Authorization": "Token wrong"},
        {"Authorization": f"Token {stage.keys.member}x"},
        {"Authorization": "Token \xff\xfe"},
        {"X-API-Key": "wrong"},
        {"X-API-Key": " "},
    ]
    answers = [await nobody.get("/api/conversations", header) for header in headers]
    assert {(answer.status, answer.headers["WWW-Authenticate"]) for answer in answers} == {(401, "Token")}
    assert [answer.text("detail") for answer in answers] == snapshot(
        [
            "Authentication credentials were not provided.",
            "Authentication credentials were not provided.",
            "Authentication credentials were not provided.",
            "Invalid token header. No credentials provided.",
            "Invalid token header. Token string should not contain spaces.",
            "Invalid token.",
            "Invalid token.",
            "Invalid token.",
            "Invalid token.",
            "Authentication credentials were not provided.",
        ]
    )


@pytest.mark.requirement("enthusiast.auth.refused")
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE api_keys SET revoked_at = now()", "Invalid token."),
        ("UPDATE api_keys SET expires_at = now()", "Invalid token."),
        ("UPDATE accounts SET is_active = false", "User inactive or deleted."),
    ],
)
async def test_a_revoked_expired_or_inactive_key_opens_nothing(
    stage: Stage, member: Client, change: str, sentence: str
) -> None:
    stage.execute(change)
    answers = [await member.call(method, path, data=b"{}") for method, path in ROUTES]
    assert [answer.plain for answer in answers] == [(401, {"detail": sentence})] * len(ROUTES)


@pytest.mark.requirement("enthusiast.auth.first")
async def test_who_did_not_sign_in_learns_nothing_else(stage: Stage, nobody: Client) -> None:
    before = stage.rows()
    requests = [
        *ROUTES,
        ("PATCH", "/api/conversations"),
        ("DELETE", "/api/conversations/x"),
        ("PUT", "/api/task_status/x"),
    ]
    answers: list[Answer] = [
        await nobody.call(method, path, data=b"{not json", headers={"Content-Type": "application/json"})
        for method, path in requests
    ]
    assert {answer.raw for answer in answers} == {b'{"detail":"Authentication credentials were not provided."}'}
    assert {answer.status for answer in answers} == {401}
    assert stage.rows() == before
