"""How many requests a key may make: an even flow with room for a burst (the generic cell rate algorithm)."""

import math
from dataclasses import dataclass

from turnkeeper.core.errors import InvalidError

WINDOW_SECONDS = 60
MOST_PER_MINUTE = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """What is left to a key after a request."""

    per_minute: int
    is_let_in: bool
    remaining: int
    """Requests that would be let in at once."""
    seconds: int
    """Until all of `per_minute` are there again; for a request that was not let in, until the next one will be."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Spent:
    """What a node let in of a key's requests: each takes `WINDOW_SECONDS` divided by how many there are a minute."""

    seconds: float
    age_seconds: float
    """How long ago the first of them was let in."""


def most_unsettled(per_minute: int) -> int:
    """How many requests of a key a node may let in before it tells the others."""
    return max(1, per_minute // 10)


def check_rate(requests_per_minute: int | None) -> None:
    """Refuse a rate that cannot be; None is the server's default.

    Raises:
        InvalidError: field `requests_per_minute`.
    """
    if requests_per_minute is not None and not 1 <= requests_per_minute <= MOST_PER_MINUTE:
        raise InvalidError(
            "requests_per_minute", f"A key may make from 1 to {MOST_PER_MINUTE:,} requests a minute, or none is set."
        )


def let_in(full_at: float, *, now: float, per_minute: int) -> tuple[float, Allowance]:
    """Decide about one request; both times are of one clock, in seconds.

    `full_at` is when all requests will be there again: 0 for a key that was not seen before, and for the next request
    what is returned here. A whole minute's requests may come at once; then they come back one by one.
    """
    apart = WINDOW_SECONDS / per_minute
    later = max(full_at, now) + apart
    waits = later - now - WINDOW_SECONDS
    if waits > 1e-6:
        allowance = Allowance(
            per_minute=per_minute, is_let_in=False, remaining=0, seconds=max(1, math.ceil(waits - 1e-6))
        )
        return full_at, allowance
    left = math.floor((now + WINDOW_SECONDS - later) / apart + 1e-6)
    allowance = Allowance(
        per_minute=per_minute, is_let_in=True, remaining=max(0, left), seconds=max(1, math.ceil(later - now))
    )
    return later, allowance
