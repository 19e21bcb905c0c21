"""The table of errors, row by row."""

import logging

import pytest
from litestar.exceptions import HTTPException, MethodNotAllowedException

from tests.dialects.conftest import Stage
from tests.dialects.enthusiast.client import Client
from turnkeeper.core.errors import (
    CallerError,
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
    UpstreamError,
)
from turnkeeper.dialects.enthusiast.body import ParseError, UnsupportedMediaError
from turnkeeper.dialects.enthusiast.errors import refusal_of
from turnkeeper.dialects.enthusiast.fields import FormError
from turnkeeper.dialects.enthusiast.paging import InvalidPageError

INTERNAL = "Something went wrong on the server; it was logged."
INVALID_TOKEN = "Invalid token."
ROWS = [
    (NotSignedInError("x"), 401, "Authentication credentials were not provided."),
    (NotSignedInError("x", code="empty"), 401, "Invalid token header. No credentials provided."),
    (
        NotSignedInError("x", code="spaces"),
        401,
        "Invalid token header. Token string should not contain spaces.",
    ),
    (NotSignedInError("x", code="malformed"), 401, INVALID_TOKEN),
    (NotSignedInError("x", code="unknown"), 401, INVALID_TOKEN),
    (NotSignedInError("x", code="expired"), 401, INVALID_TOKEN),
    (NotSignedInError("x", code="revoked"), 401, INVALID_TOKEN),
    (NotSignedInError("x", code="inactive"), 401, "User inactive or deleted."),
    (NotAllowedError("x"), 403, "No dataset access."),
    (NotFoundError("agent", 1), 404, "Agent not found."),
    (NotFoundError("conversation", 1), 404, "No Conversation matches the given query."),
    (NotFoundError("data set", 1), 404, "No DataSet matches the given query."),
    (NotFoundError("message", 1), 404, "No Task matches the given query."),
    (NotFoundError("event", 1), 404, "Not found."),
    (InvalidError("body", "Too large.", code="too_large"), 413, "Too large."),
    (InvalidError("body", "Too slow.", code="too_slow"), 408, "Too slow."),
    (InvalidError("body", "Cut.", code="cut"), 400, "Cut."),
    (InvalidError("Idempotency-Key", "Bad key."), 400, "Bad key."),
    (ConflictError("x", code="locked"), 400, "Conversation locked."),
    (ConflictError("x", code="not_active"), 400, "Conversation locked."),
    (ConflictError("Used before.", code="idempotency_key_reused"), 422, "Used before."),
    (ConflictError("Other door.", code="wrong_origin"), 409, "Other door."),
    (ConflictError("Something else."), 409, "Something else."),
    (NotAllowedError("It lacks `read`.", code="scope_missing"), 403, "It lacks `read`."),
    (
        RateLimitedError(requests_per_minute=2, retry_after=30),
        429,
        "Request was throttled. Expected available in 30 seconds.",
    ),
    (TransientError("database", "Try again soon."), 503, "Try again soon."),
    (RefusedError("model", "It will not."), 502, "It will not."),
    (UpstreamError("model", "It failed."), 502, "It failed."),
    (CallerError("x"), 500, INTERNAL),
    (StartError("x"), 500, INTERNAL),
    (ClaimLostError("x"), 500, INTERNAL),
    (TurnkeeperError("x"), 500, INTERNAL),
    (RuntimeError("secret"), 500, INTERNAL),
    (ParseError("JSON parse error - x"), 400, "JSON parse error - x"),
    (UnsupportedMediaError("a/b"), 415, 'Unsupported media type "a/b" in request.'),
    (InvalidPageError(), 404, "Invalid page."),
    (MethodNotAllowedException(), 405, 'Method "PATCH" not allowed.'),
    (HTTPException(status_code=404, detail="x"), 404, "Not found."),
    (HTTPException(status_code=400, detail="Bad multipart."), 400, "Bad multipart."),
    (HTTPException(status_code=500, detail="x"), 500, INTERNAL),
]
BY_FIELD = [
    (InvalidError("text", "x", code="blank"), {"question_message": ["Query message cannot be blank."]}),
    (
        InvalidError("text", "x", code="too_long"),
        {"question_message": ["Ensure this field has no more than 1000000 characters."]},
    ),
    (InvalidError("text", "x", code="nul"), {"question_message": ["Null characters are not allowed."]}),
    (InvalidError("text", "Other."), {"question_message": ["Other."]}),
    (InvalidError("data_set_id", "No agent."), {"data_set_id": ["No agent."]}),
    (FormError({"a": ["b"], "c": {"0": ["d"]}}), {"a": ["b"], "c": {"0": ["d"]}}),
]


@pytest.mark.requirement("enthusiast.errors")
@pytest.mark.parametrize(("error", "status", "sentence"), ROWS, ids=lambda value: type(value).__name__)
def test_each_error_has_its_status_and_sentence(error: Exception, status: int, sentence: str) -> None:
    refusal = refusal_of(error, method="PATCH")
    assert (refusal.status, refusal.body) == (status, {"detail": sentence})


@pytest.mark.requirement("enthusiast.errors")
@pytest.mark.parametrize(("error", "body"), BY_FIELD)
def test_each_error_of_a_field_stands_under_its_name(error: Exception, body: dict[str, object]) -> None:
    refusal = refusal_of(error)
    assert (refusal.status, refusal.body) == (400, body)


@pytest.mark.requirement("enthusiast.errors")
@pytest.mark.parametrize(("after", "header"), [(None, "1"), (0.2, "1"), (7.5, "8")])
def test_who_shall_try_again_is_told_when(after: float | None, header: str) -> None:
    assert refusal_of(TransientError("database", "x", retry_after=after)).headers == {"Retry-After": header}


@pytest.mark.requirement("enthusiast.errors")
async def test_a_bug_is_logged_with_its_trace_and_told_without_detail(
    stage: Stage, member: Client, caplog: pytest.LogCaptureFixture
) -> None:
    stage.execute("ALTER TABLE conversations RENAME summary TO vanished")
    with caplog.at_level(logging.ERROR):
        answer = await member.get("/api/conversations")
    assert answer.plain == (500, {"detail": INTERNAL})
    assert ["UndefinedColumn" in str(record.exc_info) for record in caplog.records] == [True]


@pytest.mark.requirement("enthusiast.errors")
async def test_a_database_that_hangs_up_is_503_and_serves_again_soon(stage: Stage, member: Client) -> None:
    conversation = await member.begin()
    stage.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        " AND datname = current_database()"
    )
    refused = await member.post(f"/api/conversations/{conversation}", {"question_message": "Hi"})
    assert refused.plain == (503, {"detail": "The database does not answer; try again soon."})
    assert refused.headers["Retry-After"] == "1"
    # Each connection of the pool finds out for itself; there are at most four.
    statuses = [(await member.get("/api/conversations")).status for _ in range(5)]
    assert set(statuses) <= {200, 503}
    assert statuses[-1] == 200
