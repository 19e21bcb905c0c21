"""What goes wrong on the chat-completions wire, sorted into what may get better and what will not."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from turnkeeper.agents.models.chat_wire import Chunk, WireError
from turnkeeper.core.errors import RefusedError, TransientError, UpstreamError

_TRANSIENT_STATUSES = frozenset({408, 409, 425, 429})
_HOPELESS_CODES = frozenset({"invalid_request_error", "model_not_found"})
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_TOO_LONG_CODES = frozenset({"context_length_exceeded", "string_above_max_length", "request_too_large"})
_LONGEST_DETAIL = 200
_LONGEST_WAIT = 3_600.0
_SECRET = re.compile(r"\b(?:sk|key|pk|gsk|xai)[-_][\w\-.*]{6,}|\bBearer\s+\S+|\bAIza[\w\-]+|\b[\w\-]{32,}\b")


def failure_of_response(status: int, headers: Mapping[str, str], body: bytes, *, who: str) -> UpstreamError:
    """The failure that an error response means. Its sentence never has anything that looks like a key."""
    error = _error_in(body)
    if status < 400:
        sentence = f"The model provider answered with a redirection ({status}); the operator must mend its address."
        return RefusedError(who, sentence)
    return _failure(status, error, _retry_after(headers), who=who)


def failure_in_stream(error: WireError, *, who: str) -> UpstreamError:
    """The failure that an error within a stream means; it has no status of its own, so an unknown one may get better."""
    status = error.code if isinstance(error.code, int) else 500
    return _failure(status, error, None, who=who)


def not_the_protocol(who: str) -> RefusedError:
    """What came is not a chat completion."""
    sentence = (
        "The model provider answered with something that is not a chat completion; the operator must check its address."
    )
    return RefusedError(who, sentence)


def _failure(status: int, error: WireError, retry_after: float | None, *, who: str) -> UpstreamError:
    codes = {str(error.code), str(error.type)}
    if codes & _TOO_LONG_CODES or status == 413 or "context length" in (error.message or "").lower():
        sentence = "The conversation and what was found for it are too long for the model. Ask in a new conversation."
        return RefusedError(who, sentence, code="context_too_long")
    if status == 402 or codes & _QUOTA_CODES:
        return RefusedError(who, "The model provider's quota is used up; the operator must see to the account.")
    if (status >= 500 or status in _TRANSIENT_STATUSES) and not codes & _HOPELESS_CODES:
        limited = "limits how fast it may be called" if status == 429 else f"failed ({status})"
        return TransientError(who, f"The model provider {limited}.", retry_after=retry_after)
    return RefusedError(who, _refusal(status, error))


def _refusal(status: int, error: WireError) -> str:
    if status in {401, 403}:
        # The provider's own words are left out: some repeat the key.
        return f"The model provider refused our key ({status}); the operator must check it."
    told = f": “{_safe(error.message)}”" if error.message else ""
    if status == 404:
        return f"The model provider has no such model, or its address is wrong (404){told}."
    return f"The model provider refused the request ({status}){told}."


def _error_in(body: bytes) -> WireError:
    try:
        chunk = msgspec.json.decode(body, type=Chunk)
    except (msgspec.DecodeError, UnicodeError):
        return WireError()
    return chunk.error_told() or WireError(message=chunk.message, code=chunk.code)


def _safe(text: str) -> str:
    line = " ".join(_SECRET.sub("…", text).split()).rstrip(".")
    return line if len(line) <= _LONGEST_DETAIL else f"{line[: _LONGEST_DETAIL - 1]}…"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, at most an hour; None when the provider names no moment that can be read."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except ValueError:
            return None
    return min(max(seconds, 0.0), _LONGEST_WAIT)
