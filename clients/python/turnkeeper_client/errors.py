"""What can go wrong.

TurnkeeperError
├─ AnswerError              the server refused: status, code, errors, request_id
│  ├─ InvalidError          400, 413, 415, 422: `errors` says what to mend
│  ├─ NotSignedInError      401
│  ├─ NotAllowedError       403
│  ├─ NotFoundError         404
│  ├─ ConflictError         409
│  ├─ PreconditionFailedError  412: somebody else changed it; read it again
│  ├─ RateLimitedError      429, after all retries
│  └─ ServerError           5xx, after all retries
├─ ConnectionLostError      the server could not be reached, after all retries
├─ DeadlineError            your own deadline passed; the turn goes on
├─ StreamEndedError         the stream is over before its time: the key or the conversation is gone
└─ TurnFailedError          the turn ended without an answer; `message` says why
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from turnkeeper_client.shapes import Message


class TurnkeeperError(Exception):
    """Whatever this client raises by itself."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing to mend. `where` is a JSON Pointer into the body, or the name of a parameter or header."""

    code: str
    detail: str
    where: str


class AnswerError(TurnkeeperError):
    """The server answered with an error (RFC 9457)."""

    def __init__(self, *, status: int, problem: Mapping[str, object], retry_after: float | None) -> None:
        self.status = status
        self.problem = problem
        """All that the server said."""
        self.code = _text(problem, "code") or "unknown"
        """Stable: for programs."""
        self.detail = _text(problem, "detail") or f"The server answered with status {status}."
        self.request_id = _text(problem, "request_id")
        """Finds the request in the server's log."""
        self.errors = _faults(problem.get("errors"))
        self.retry_after = retry_after
        """Seconds after which to try again, if the server said so."""
        super().__init__(f"{self.detail} [{status} {self.code}; request {self.request_id or 'unknown'}]")


class InvalidError(AnswerError):
    """The request cannot be used; `errors` has every fault."""


class NotSignedInError(AnswerError):
    """The key is missing, unknown, expired or revoked."""


class NotAllowedError(AnswerError):
    """The key may not do that."""


class NotFoundError(AnswerError):
    """There is no such thing, or it is not yours."""


class ConflictError(AnswerError):
    """It cannot be done as things stand; `code` says why."""


class PreconditionFailedError(AnswerError):
    """Somebody else changed it since: read it again, and change that."""


class RateLimitedError(AnswerError):
    """Too many requests; `retry_after` says when to try again."""


class ServerError(AnswerError):
    """The server, or what stands before it, has trouble."""


class ConnectionLostError(TurnkeeperError):
    """The server could not be reached, or the connection broke, more often than is tried again."""


class DeadlineError(TurnkeeperError):
    """The deadline passed. The turn goes on: wait for it, or follow it, again."""


class StreamEndedError(TurnkeeperError):
    """The server ended a stream that had more to tell. `reason`: `access_ended` or `deleted`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The stream ended: {reason}.")


class TurnFailedError(TurnkeeperError):
    """The turn ended without an answer."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.code = message["error"] or "unknown"
        reply = message["reply"]
        super().__init__(reply["text"] if reply else f"The turn failed: {self.code}.")


_OF_STATUS: Mapping[int, type[AnswerError]] = {
    400: InvalidError,
    401: NotSignedInError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    412: PreconditionFailedError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
    429: RateLimitedError,
}


def error_for(status: int, problem: object, retry_after: float | None) -> AnswerError:
    """The error for an answer; `problem` is its JSON, or nothing when it was none."""
    kind = _OF_STATUS.get(status, ServerError if status >= 500 else AnswerError)
    return kind(status=status, problem=mapping(problem), retry_after=retry_after)


def mapping(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one in place of anything else."""
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _text(values: Mapping[str, object], name: str) -> str:
    value = values.get(name)
    return value if isinstance(value, str) else ""


def _faults(errors: object) -> tuple[Fault, ...]:
    if not isinstance(errors, list):
        return ()
    entries = [mapping(each) for each in cast("list[object]", errors)]
    return tuple(
        Fault(
            code=_text(each, "code"),
            detail=_text(each, "detail"),
            where=_text(each, "pointer") or _text(each, "parameter") or _text(each, "header"),
        )
        for each in entries
    )
