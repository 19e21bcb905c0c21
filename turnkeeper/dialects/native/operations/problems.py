"""The errors that operations describe; those that every operation can give are added here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus

from turnkeeper.dialects.native.errors import MEDIA_TYPE
from turnkeeper.dialects.native.operations.parameters import KEY
from turnkeeper.dialects.native.shapes.common import Problem
from turnkeeper.http_kit.openapi import Operation, Reply

ID = "01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"
"""The id in the examples."""
_CHANGES = frozenset({"post", "put", "patch", "delete"})


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    description: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """An error as a reply of an operation."""
    example: dict[str, object] = {
        "type": f"urn:turnkeeper:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"/v1/approvals/apr_{ID}",
        "code": code,
        "request_id": "01JZ3M9A0V7Z6R5T4W3X2Y1Z0G",
    }
    if errors:
        example["errors"] = list(errors)
    if status in {429, 503}:
        example["retry_after"] = 1
    return Reply(
        status=status, description=description, shape=Problem, example=example, headers=headers or {}, media=MEDIA_TYPE
    )


def wrong(detail: str, code: str, **place: str) -> Reply:
    """400; `place` is a `pointer`, a `parameter` or a `header`."""
    return problem(
        400,
        "invalid",
        detail,
        description="The request cannot be used; `errors` has what to mend. Code `invalid`, or `malformed`.",
        errors=({"detail": detail, "code": code, **place},),
    )


def missing(kind: str, shown: str) -> Reply:
    """404 about a thing of this kind."""
    return problem(404, "not_found", f"There is no {kind} '{shown}' for you.", description=f"You have no such {kind}.")


def conflict(code: str, detail: str, *, description: str) -> Reply:
    """409."""
    return problem(409, code, detail, description=description)


OUTDATED = problem(
    412,
    "precondition_failed",
    "This was changed meanwhile; read it again, then change it.",
    description="`If-Match` names another version than there is now.",
)
_NO_QUERY = wrong("The parameter 'x' is not known here; there are none.", "unknown_parameter", parameter="x")
_401 = problem(
    401,
    "key_missing",
    "No API key came with the request; send `Authorization: Bearer <key>`.",
    description="Codes `key_missing`, `key_malformed`, `key_unknown`, `key_expired`, `key_revoked`, `account_inactive`, "
    "`session_ended`.",
    headers={"WWW-Authenticate": "`Bearer`"},
)
_429 = problem(
    429,
    "rate_limited",
    "This key may make 60 requests a minute, and has made them; try again in 1 s.",
    description="Code `rate_limited`: the key has made all the requests that it may make for now, or there were too many "
    "tries to sign in. Code `too_many_wrong_keys`: too many wrong keys came from your address, and this one is not known "
    "to be good. Nothing was done; try again after `retry_after` seconds.",
    headers={
        "Retry-After": "Seconds after which to try again.",
        "RateLimit": 'What is left, on every answer to a key whose requests are counted: `"key";r=0;t=1`.',
        "RateLimit-Policy": 'How many requests it may make: `"key";q=60;w=60`.',
    },
)
_503 = problem(
    503,
    "upstream_unavailable",
    "The database does not answer; try again soon.",
    description="Try again after `retry_after` seconds.",
    headers={"Retry-After": "Seconds after which to try again."},
)
_REUSED = problem(
    422,
    "idempotency_key_reused",
    "The Idempotency-Key 'a' was used with another body before; take a new key.",
    description="The Idempotency-Key came with another body before.",
)
_BODY_REFUSED = (
    problem(
        413, "too_large", "The body is too large; the most is 100,000 bytes.", description="The body is too large."
    ),
    problem(
        415,
        "unsupported_media_type",
        "The body must be JSON; send `Content-Type: application/json`.",
        description="The body is not said to be JSON.",
    ),
)


def _forbidden(scope: str) -> Reply:
    return problem(
        403,
        "scope_missing",
        f"This key may not do that: it lacks the scope `{scope}`.",
        description=f"The key lacks the scope `{scope}`.",
    )


def whole(operation: Operation) -> Operation:
    """The operation with the errors that it does not describe itself: those of the key, the query, the body, the server."""
    common = [_NO_QUERY, _429, _503]
    if not operation.is_open:
        common.extend((_401, _forbidden(str(operation.scope))))
    if operation.method in _CHANGES and KEY in operation.parameters:
        common.append(_REUSED)
    if operation.method in {"post", "put", "patch"}:
        common.extend(_BODY_REFUSED)
    described = {reply.status for reply in operation.replies}
    replies = [*operation.replies, *(reply for reply in common if reply.status not in described)]
    return replace(operation, replies=sorted(replies, key=lambda reply: reply.status))
