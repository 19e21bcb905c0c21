"""Everything that goes wrong, by who must act.

TurnkeeperError               code and safe message; never an HTTP status
├─ CallerError                the caller can mend it: no retry, no trace in the log
│  ├─ NotSignedInError        no key, or one that is unknown, expired or revoked
│  ├─ NotAllowedError         signed in, but not to this
│  ├─ NotFoundError           absent, or not the caller's to see
│  ├─ InvalidError            a field is missing, malformed or out of bounds
│  ├─ RateLimitedError        more requests than the key may make
│  │  └─ TooManyWrongKeysError   more of them than may come from one address
│  └─ ConflictError           the thing is in another state than the request needs
├─ UpstreamError              someone we call failed: model, source, channel
│  ├─ TransientError          worth another try
│  └─ RefusedError            will not get better
├─ OutcomeUnknownError        a call that changes the world was begun, and nobody knows whether it happened
├─ StartError                 the server cannot start: the operator must act
└─ ClaimLostError             another worker has this task: stop quietly, write nothing

ToolRetryError, ToolFailedError   not failures of ours: two answers that a tool gives the model
"""


class TurnkeeperError(Exception):
    """The root. `code` is stable and for programs, the message is a sentence that may be shown to anyone."""

    code = "internal"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class CallerError(TurnkeeperError):
    """The caller can mend it."""

    code = "invalid_request"


class NotSignedInError(CallerError):
    """No valid key came with the request.

    `code` is `missing`, `malformed`, `unknown`, `expired`, `revoked` or `inactive`; of a browser's session
    `session_ended`; of a try to begin one `wrong_password` or `code_used`.
    """

    code = "missing"


class NotAllowedError(CallerError):
    """The caller is known but may not do this."""

    code = "not_allowed"


class NotFoundError(CallerError):
    """There is no such thing, or the caller may not know of it; the two are never told apart."""

    code = "not_found"

    def __init__(self, kind: str, identifier: object) -> None:
        super().__init__(f"There is no {kind} {identifier!r}.")
        self.kind = kind
        self.identifier = identifier


class InvalidError(CallerError):
    """A field of the request is wrong; `why` is a sentence about it."""

    code = "invalid"

    def __init__(self, field: str, why: str, *, code: str | None = None) -> None:
        super().__init__(why, code=code)
        self.field = field
        self.why = why


class ConflictError(CallerError):
    """The thing is in a state that does not allow what was asked. `code` names the conflict."""

    code = "conflict"


class RateLimitedError(CallerError):
    """The key has made all the requests that it may make for now. Nothing was done."""

    code = "rate_limited"

    def __init__(self, *, requests_per_minute: int, retry_after: int, sentence: str | None = None) -> None:
        of_key = f"This key may make {requests_per_minute:,} requests a minute, and has made them"
        super().__init__(sentence or f"{of_key}; try again in {retry_after} s.")
        self.retry_after = retry_after
        """Whole seconds until the next request will be let in."""


class TooManyWrongKeysError(RateLimitedError):
    """Too many wrong keys came from the caller's address. Nothing was looked up."""

    code = "too_many_wrong_keys"

    def __init__(self, *, retry_after: int) -> None:
        CallerError.__init__(self, f"Too many wrong keys came from your address; try again in {retry_after} s.")
        self.retry_after = retry_after


class UpstreamError(TurnkeeperError):
    """Someone we call failed. `who` names it for the operator."""

    code = "upstream"

    def __init__(self, who: str, message: str, *, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.who = who


class TransientError(UpstreamError):
    """Worth another try, not before `retry_after` seconds when given."""

    code = "upstream_unavailable"

    def __init__(self, who: str, message: str, *, retry_after: float | None = None, code: str | None = None) -> None:
        super().__init__(who, message, code=code)
        self.retry_after = retry_after


class RefusedError(UpstreamError):
    """Will not get better by trying again."""

    code = "upstream_refused"


class OutcomeUnknownError(TurnkeeperError):
    """A tool's call was sent and no answer came: it may or may not have happened, and must not just be made again."""

    code = "outcome_unknown"


class StartError(TurnkeeperError):
    """The server cannot start; the message says in one sentence what the operator can do."""

    code = "cannot_start"


class ClaimLostError(TurnkeeperError):
    """Another worker answers this message now: stop quietly, write nothing."""

    code = "claim_lost"


class ToolRetryError(Exception):
    """A tool's answer to the model: the arguments were wrong, and the message says how to mend them."""


class ToolFailedError(Exception):
    """A tool's answer to the model: it did not work, and the message says why; calling again will not help."""
