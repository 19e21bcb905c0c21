"""What goes wrong, as the dialect says it: RFC 9457, with a code that does not change and every fault of the request.

What `type` ends with, and `code`, are promises to programs; sentences may be mended at any time.
"""

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
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
from turnkeeper.core.ids import from_uuid, prefixed
from turnkeeper.dialects.native.faults import Fault, FaultsError, pointer_to_path, shown
from turnkeeper.dialects.native.forms.reading import MediaTypeError
from turnkeeper.dialects.native.shapes.common import FaultShape, Problem
from turnkeeper.http_kit.headers import allow_from, request_id_from
from turnkeeper.http_kit.ranges import UnsatisfiableRangeError

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:turnkeeper:problem:"
_PREFIXES: Mapping[str, str] = {
    "approval": "apr",
    "message": "msg",
    "conversation": "conv",
    "agent": "agt",
    "webhook": "whk",
    "delivery": "dlv",
    "schedule": "sch",
    "erasure": "ers",
    "key": "key",
    "session": "ses",
    "account": "acc",
    "organization": "org",
    "data set": "ds",
    "document": "doc",
    "product": "prod",
    "run": "sync",
    "member": "acc",
    "attachment": "file",
}
_SIGN_IN: Mapping[str, str] = {
    "missing": "key_missing",
    "empty": "key_malformed",
    "spaces": "key_malformed",
    "unknown": "key_unknown",
    "expired": "key_expired",
    "revoked": "key_revoked",
    "inactive": "account_inactive",
}
_BODY: Mapping[str, int] = {"too_large": 413, "too_slow": 408, "not_multipart": 415}
_CONFLICTS: Mapping[str, int] = {"idempotency_key_reused": 422, "precondition_failed": 412}
_ROUTING: Mapping[int, tuple[str, str]] = {
    404: ("no_such_route", "There is nothing at this path; /v1/docs says what is where."),
    405: ("method_not_allowed", "This path does not take this method; the Allow header says which ones it takes."),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """The status, code, sentence, faults and headers that tell the caller of an error."""

    status: int
    code: str
    detail: str
    faults: tuple[Fault, ...] = ()
    retry_after: int | None = None
    """Seconds."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def refusal_of(error: Exception) -> Refusal:
    """The dialect's answer to an error."""
    match error:
        case FaultsError():
            refusal = Refusal(status=400, code="invalid", detail=str(error), faults=error.faults)
        case InvalidError():
            refusal = _invalid(error)
        case MediaTypeError() | UnsatisfiableRangeError():
            refusal = _of_headers(error)
        case NotSignedInError():
            code = _SIGN_IN.get(error.code, error.code)
            refusal = Refusal(status=401, code=code, detail=error.message, headers={"WWW-Authenticate": "Bearer"})
        case NotAllowedError():
            refusal = Refusal(status=403, code=error.code, detail=error.message)
        case RateLimitedError():
            seconds = error.retry_after
            headers = {"Retry-After": str(seconds)}
            refusal = Refusal(status=429, code=error.code, detail=error.message, retry_after=seconds, headers=headers)
        case NotFoundError():
            refusal = Refusal(status=404, code="not_found", detail=f"There is no {error.kind} {_named(error)} for you.")
        case ConflictError():
            refusal = Refusal(status=_CONFLICTS.get(error.code, 409), code=error.code, detail=error.message)
        case TransientError():
            seconds = math.ceil(error.retry_after or 1)
            headers = {"Retry-After": str(seconds)}
            refusal = Refusal(status=503, code=error.code, detail=error.message, retry_after=seconds, headers=headers)
        case RefusedError():
            refusal = Refusal(status=502, code=error.code, detail=error.message)
        case HTTPException() if error.status_code < 500:
            refusal = _of_routing(error)
        case _:
            refusal = Refusal(status=500, code="internal", detail="Something went wrong on the server; it was logged.")
    return refusal


def respond(request: Request[None, None, State], error: Exception) -> Response[bytes]:
    """Litestar's handler for every exception."""
    refusal = refusal_of(error)
    if refusal.status == 500:
        _log.error("a request failed unexpectedly", exc_info=error)
    problem = problem_of(refusal, path=request.scope["path"], request_id=request_id_from(request.headers))
    return Response(
        content=msgspec.json.encode(problem),
        status_code=refusal.status,
        media_type=MEDIA_TYPE,
        headers={**refusal.headers, "Cache-Control": "no-store"},
    )


def problem_of(refusal: Refusal, *, path: str, request_id: str | None) -> Problem:
    """The body that tells of a refusal."""
    return Problem(
        type=_TYPE + refusal.code,
        title=HTTPStatus(refusal.status).phrase,
        status=refusal.status,
        detail=refusal.detail,
        instance=path,
        code=refusal.code,
        request_id=request_id or msgspec.UNSET,
        errors=[_fault_shape(fault) for fault in refusal.faults] or msgspec.UNSET,
        retry_after=msgspec.UNSET if refusal.retry_after is None else refusal.retry_after,
    )


def _invalid(error: InvalidError) -> Refusal:
    if error.field in {"body", "query", "message"}:  # the whole of it, or what the path names
        return Refusal(status=_BODY.get(error.code, 400), code=error.code, detail=error.why)
    if error.field == "Idempotency-Key":
        fault = Fault(where="header", place=error.field, why=error.why, code=error.code)
    else:
        fault = Fault(where="body", place=pointer_to_path(error.field), why=error.why, code=error.code)
    return Refusal(status=400, code="invalid", detail=error.why, faults=(fault,))


def _of_headers(error: MediaTypeError | UnsatisfiableRangeError) -> Refusal:
    if isinstance(error, MediaTypeError):
        return Refusal(status=415, code="unsupported_media_type", detail=str(error))
    headers = {"Content-Range": f"bytes */{error.size}"}
    return Refusal(status=416, code="range_not_satisfiable", detail=str(error), headers=headers)


def _of_routing(error: HTTPException) -> Refusal:
    code, detail = _ROUTING.get(error.status_code, ("invalid", error.detail))
    allow = allow_from(error.headers or {})
    return Refusal(status=error.status_code, code=code, detail=detail, headers=allow)


def _named(error: NotFoundError) -> str:
    """The thing that is not there, by the id that this dialect gives it."""
    text = str(error.identifier)
    public_id: UUID | None = from_uuid(text)
    prefix = _PREFIXES.get(error.kind)
    return shown(text) if public_id is None or prefix is None else repr(prefixed(prefix, public_id))


def _fault_shape(fault: Fault) -> FaultShape:
    shape = FaultShape(detail=fault.why, code=fault.code)
    match fault.where:
        case "body":
            shape.pointer = fault.place
        case "query":
            shape.parameter = fault.place
        case "header":
            shape.header = fault.place
    return shape
