"""What is left to a key, told on every answer: the fields `RateLimit-Policy` and `RateLimit`.

Source: draft-ietf-httpapi-ratelimit-headers-10.
"""

from collections.abc import Callable

from litestar.types import Scope

from turnkeeper.core.rates import WINDOW_SECONDS, Allowance

POLICY = "key"
"""The name of the policy: requests are counted by key."""
_NOTE = "turnkeeper_allowance"


def telling(scope: Scope) -> Callable[[Allowance], None]:
    """Who is to be told what is left, so that the answer to this request says it."""

    def tell(allowance: Allowance) -> None:
        if "state" not in scope:
            scope["state"] = {}
        scope["state"][_NOTE] = allowance

    return tell


def rate_fields(scope: Scope) -> list[tuple[bytes, bytes]]:
    """The fields of the answer; none when the requests of the key are not counted."""
    allowance: object = scope["state"].get(_NOTE) if "state" in scope else None
    if not isinstance(allowance, Allowance):
        return []
    return [
        (b"ratelimit-policy", f'"{POLICY}";q={allowance.per_minute};w={WINDOW_SECONDS}'.encode()),
        (b"ratelimit", f'"{POLICY}";r={allowance.remaining};t={allowance.seconds}'.encode()),
    ]
