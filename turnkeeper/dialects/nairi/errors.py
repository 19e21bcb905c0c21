"""What went wrong, in the dialect's words: `{"error": "…"}` and a status.

Known strings are the original's; the others are sentences of ours. 403, 422, 429 and 503 do not stand in the original's
table: they are kept for what it has no word for.
"""

import logging
from collections.abc import Mapping
from uuid import UUID

import msgspec
from litestar import Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from turnkeeper.core.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    RefusedError,
    TransientError,
)
from turnkeeper.core.files import UnknownFilesError
from turnkeeper.core.ids import prefixed
from turnkeeper.http_kit.headers import allow_from

_log = logging.getLogger(__name__)

_NOT_SIGNED_IN: Mapping[str, str] = {
    "missing": "missing API key: send the header `Authorization: Bearer <key>`",
    "empty": "empty bearer token: send the header `Authorization: Bearer <key>`",
    "spaces": "invalid authorization header format: send `Authorization: Bearer <key>`, and the key has no spaces",
    "unknown": "invalid API key: check it, or create one",
    "expired": "API key has expired: create a new one",
    "revoked": "API key was revoked: create a new one",
    "inactive": "the account of this API key is not active",
}
_KINDS: Mapping[str, str] = {"conversation": "job", "event": "message"}
_CONFLICTS: Mapping[str, tuple[int, str | None]] = {
    "wrong_origin": (400, "job is not an API job"),
    "not_active": (400, "job is not active"),
    "locked": (400, "job is not active: its agent was deleted; start a new conversation"),
    "idempotency_key_reused": (422, None),
}
_FIELDS: Mapping[tuple[str, str], str] = {
    ("text", "blank"): "prompt is required",
    ("text", "nul"): "prompt contains a NUL character, which cannot be stored",
    ("name", "blank"): "name is required",
}
_ROUTING: Mapping[int, str] = {
    404: "not found: there is no such route; see /api/public/v1/docs",
    405: "method not allowed: see the Allow header for what this route takes",
}


class Problem(msgspec.Struct):
    """The body of every error."""

    error: str


def answer_of(error: Exception) -> tuple[int, str, dict[str, str]]:
    """The status, the text and the headers that tell the caller of an error."""
    status, text, headers = 500, "internal server error", dict[str, str]()
    match error:
        case NotSignedInError():
            status, text = 401, _NOT_SIGNED_IN.get(error.code, error.message)
            headers["WWW-Authenticate"] = "Bearer"
        case NotAllowedError():
            status, text = 403, error.message
        case RateLimitedError():
            status, text = 429, f"rate limit exceeded: try again in {error.retry_after} seconds"
            headers["Retry-After"] = str(error.retry_after)
        case NotFoundError():
            status, text = 404, f"{_KINDS.get(error.kind, error.kind)} not found"
        case UnknownFilesError():
            named = ", ".join(prefixed("att", file) for file in error.files if isinstance(file, UUID))
            status, text = 400, f"attachment not found: {named}"
        case InvalidError():
            status, text = 400, _FIELDS.get((error.field, error.code), error.why)
        case ConflictError():
            status, own = _CONFLICTS.get(error.code, (400, None))
            text = own or error.message
        case TransientError():
            status, text = 503, error.message
            headers["Retry-After"] = str(max(1, round(error.retry_after or 1)))
        case RefusedError():
            status, text = 502, error.message
        case HTTPException():
            status, text = error.status_code, _ROUTING.get(error.status_code, error.detail)
            headers = allow_from(error.headers or {})
        case _:
            pass
    return status, text, headers


def respond(_request: Request[None, None, State], error: Exception) -> Response[bytes]:
    """Litestar's handler for every exception."""
    status, text, headers = answer_of(error)
    if status == 500:
        _log.error("a request failed unexpectedly", exc_info=error)
    return Response(
        content=msgspec.json.encode(Problem(error=text)),
        status_code=status,
        media_type="application/json",
        headers=headers,
    )
