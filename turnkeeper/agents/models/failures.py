"""What goes wrong at model providers, sorted into what may get better and what will not."""

from dataclasses import dataclass

from turnkeeper.core.errors import RefusedError, TransientError, UpstreamError
from turnkeeper.core.providers import fit_to_tell

_TRANSIENT_STATUSES = frozenset({408, 409, 425, 429})
_HOPELESS_CODES = frozenset({"invalid_request_error", "model_not_found"})
_QUOTA_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "billing_error"})
_TOO_LONG_CODES = frozenset({"context_length_exceeded", "string_above_max_length", "request_too_large"})
_TOO_LONG_WORDS = ("context length", "prompt is too long", "input is too long", "exceeds the maximum number of tokens")
_FILTER_CODES = frozenset({"content_filter", "ResponsibleAIPolicyViolation"})
_CREDIT_WORDS = "credit balance is too low"


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a provider says about an error. `codes` are its fixed words for it, of all the fields that have such."""

    message: str | None = None
    codes: frozenset[str] = frozenset()


def failure_of(status: int, told: Told, *, who: str, retry_after: float | None = None) -> UpstreamError:
    """The failure that an error with this status means. Its sentence never has anything that looks like a key.

    An error within a stream has no status of its own: callers give the one it would have had.
    """
    if status < 400:
        sentence = f"The model provider answered with a redirection ({status}); the operator must mend its address."
        return RefusedError(who, sentence)
    message, codes = told.message or "", told.codes
    if codes & _TOO_LONG_CODES or status == 413 or any(words in message.lower() for words in _TOO_LONG_WORDS):
        sentence = "The conversation and what was found for it are too long for the model. Ask in a new conversation."
        return RefusedError(who, sentence, code="context_too_long")
    if codes & _FILTER_CODES:
        return RefusedError(who, "The provider's content filter refused the question.", code="content_filtered")
    if status == 402 or codes & _QUOTA_CODES or _CREDIT_WORDS in message.lower():
        return RefusedError(who, "The model provider's quota is used up; the operator must see to the account.")
    if (status >= 500 or status in _TRANSIENT_STATUSES) and not codes & _HOPELESS_CODES:
        limited = "limits how fast it may be called" if status == 429 else f"failed ({status})"
        return TransientError(who, f"The model provider {limited}.", retry_after=retry_after)
    return RefusedError(who, _refusal(status, told))


def not_the_protocol(who: str) -> RefusedError:
    """What came is no reply of the wire's protocol."""
    sentence = "What the model provider answered is no reply of a model; the operator must check its address."
    return RefusedError(who, sentence)


def broken_off(who: str) -> TransientError:
    """The reply ended before the model did."""
    return TransientError(who, "The model provider broke off in the middle of the reply.")


def _refusal(status: int, error: Told) -> str:
    if status in {401, 403}:
        # The provider's own words are left out: some repeat the key.
        return f"The model provider refused our key ({status}); the operator must check it."
    told = f": “{fit_to_tell(error.message)}”" if error.message else ""
    if status == 404:
        return f"The model provider has no such model, or its address is wrong (404){told}."
    return f"The model provider refused the request ({status}){told}."
