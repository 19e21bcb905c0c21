"""What goes wrong, as the dialect says it: one table, from error to status and body.

Source: reference, sections 2 and 3.6.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException, MethodNotAllowedException

from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.core.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    RateLimitedError,
    TransientError,
    UpstreamError,
)
from turnkeeper.core.files import UnknownFilesError
from turnkeeper.dialects.enthusiast.body import BrokenUploadError, HttpRequest, ParseError, UnsupportedMediaError
from turnkeeper.dialects.enthusiast.fields import FormError, Problem
from turnkeeper.dialects.enthusiast.paging import InvalidPageError
from turnkeeper.dialects.enthusiast.shapes import unknown_files

E = TypeVar("E", bound=Exception)

_LOG = logging.getLogger(__name__)

_SIGN_IN: Mapping[str, str] = {
    "missing": "Authentication credentials were not provided.",
    "empty": "Invalid token header. No credentials provided.",
    "spaces": "Invalid token header. Token string should not contain spaces.",
    "inactive": "User inactive or deleted.",
}
_NOT_FOUND: Mapping[str, str] = {
    "agent": "Agent not found.",
    "conversation": "No Conversation matches the given query.",
    "data set": "No DataSet matches the given query.",
    "message": "No Task matches the given query.",
    "attachment": "No ConversationFile matches the given query.",
}
_TEXT: Mapping[str, str] = {
    "blank": "Query message cannot be blank.",
    "too_long": f"Ensure this field has no more than {LONGEST_TEXT} characters.",
    "nul": "Null characters are not allowed.",
}
_UNKNOWN_PATH = "Not found."
_HTTP: Mapping[int, str] = {404: _UNKNOWN_PATH}
_INTERNAL = "Something went wrong on the server; it was logged."
_CONFLICT: Mapping[str, tuple[int, str | None]] = {
    "locked": (400, "Conversation locked."),
    "not_active": (400, "Conversation locked."),
    "idempotency_key_reused": (422, None),
}
_BODY: Mapping[str, int] = {"too_large": 413, "too_slow": 408}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """A status and a body: `{"detail": "…"}`, or sentences by field."""

    status: int
    body: Mapping[str, str | Problem]
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def answer_error(request: HttpRequest, error: Exception) -> Response[bytes]:
    """The answer to a request that ended with an error; what the caller cannot mend is logged."""
    refusal = refusal_of(error, method=request.method)
    if refusal.status == 500:
        _LOG.error("A request failed.", exc_info=error, extra={"method": request.method, "path": request.url.path})
    return Response(
        msgspec.json.encode(refusal.body),
        status_code=refusal.status,
        headers=dict(refusal.headers),
        media_type="application/json",
    )


def refusal_of(error: Exception, *, method: str = "") -> Refusal:
    """The status, body and headers for an error; `method` is the request's."""
    if isinstance(error, MethodNotAllowedException):
        return _detail(405, f'Method "{method}" not allowed.', error.headers)
    for row in _TABLE:
        refusal = row(error)
        if refusal is not None:
            return refusal
    return _detail(500, _INTERNAL)


def _detail(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Refusal:
    return Refusal(status=status, body={"detail": sentence}, headers=headers or {})


def _row(kind: type[E], answer: Callable[[E], Refusal]) -> Callable[[Exception], Refusal | None]:
    def refuse(error: Exception) -> Refusal | None:
        return answer(error) if isinstance(error, kind) else None

    return refuse


def _not_signed_in(error: NotSignedInError) -> Refusal:
    return _detail(401, _SIGN_IN.get(error.code, "Invalid token."), {"WWW-Authenticate": "Token"})


def _not_allowed(error: NotAllowedError) -> Refusal:
    return _detail(403, error.message if error.code == "scope_missing" else "No dataset access.")


def _rate_limited(error: RateLimitedError) -> Refusal:
    sentence = f"Request was throttled. Expected available in {error.retry_after} seconds."
    return _detail(429, sentence, {"Retry-After": str(error.retry_after)})


def _invalid(error: InvalidError) -> Refusal:
    if error.field == "text":
        return Refusal(status=400, body={"question_message": [_TEXT.get(error.code, error.why)]})
    if error.field == "file":
        return Refusal(status=400, body={"error": error.why})
    if error.field == "files":
        return Refusal(status=400, body={"file_ids": [error.why]})
    if error.field == "body":
        return _detail(_BODY.get(error.code, 400), error.why)
    if error.field == "Idempotency-Key":
        return _detail(400, error.why)
    return Refusal(status=400, body={error.field: [error.why]})


def _conflict(error: ConflictError) -> Refusal:
    status, sentence = _CONFLICT.get(error.code, (409, error.message))
    return _detail(status, sentence or error.message)


def _transient(error: TransientError) -> Refusal:
    return _detail(503, error.message, {"Retry-After": str(math.ceil(error.retry_after or 1))})


def _http(error: HTTPException) -> Refusal:
    if error.status_code >= 500:
        return _detail(500, _INTERNAL)
    return _detail(error.status_code, _HTTP.get(error.status_code, error.detail), error.headers)


# The first row that fits counts.
_TABLE: Sequence[Callable[[Exception], Refusal | None]] = (
    _row(FormError, lambda error: Refusal(status=400, body=error.problems)),
    _row(BrokenUploadError, lambda error: Refusal(status=400, body={"error": str(error), "detail": str(error)})),
    _row(ParseError, lambda error: _detail(400, str(error))),
    _row(UnsupportedMediaError, lambda error: _detail(415, str(error))),
    _row(InvalidPageError, lambda _: _detail(404, "Invalid page.")),
    _row(NotSignedInError, _not_signed_in),
    _row(NotAllowedError, _not_allowed),
    _row(RateLimitedError, _rate_limited),
    _row(NotFoundError, lambda error: _detail(404, _NOT_FOUND.get(error.kind, _UNKNOWN_PATH))),
    _row(UnknownFilesError, lambda error: Refusal(status=400, body={"file_ids": [unknown_files(error.files)]})),
    _row(InvalidError, _invalid),
    _row(ConflictError, _conflict),
    _row(TransientError, _transient),
    _row(UpstreamError, lambda error: _detail(502, error.message)),
    _row(HTTPException, _http),
)
