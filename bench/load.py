"""What the driver is told to do and what it found: one JSON line each, over its standard input and output."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["conversations", "requests"]
"""Whole conversations with the server, or single GET requests for the bare application it is compared with."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """Clients that begin the next thing when the last one is done, for a while, after a warm-up that does not count."""

    kind: Kind
    port: int
    clients: int
    seconds: float
    warm_up_seconds: float
    most: int | None
    """The measurement ends after so many, if the time is not over before."""
    poll_seconds: float
    """Between two looks at a task's state; the first look is taken at once."""
    wait_seconds: int
    """Sent as `Prefer: wait=N` with each look; 0 sends none."""
    delay_milliseconds: int
    """How long the model thinks before the first byte of its reply."""
    key: str
    data_set_id: int
    path: str = "/"
    """What single requests ask for."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Milliseconds:
    """How long something took: the median, and what 95 and 99 of 100 did not exceed."""

    p50: float
    p95: float
    p99: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What the clients saw between the end of the warm-up and the end."""

    seconds: float
    count: int
    errors: int
    first_errors: tuple[str, ...]
    looks: int
    """How often the state of a task was asked for."""
    accept: Milliseconds
    """From sending a message until it is accepted."""
    answer: Milliseconds
    """From sending a message until its task is told to be done."""
    whole: Milliseconds
    """From asking for a new conversation until the reply was fetched and is the right one."""
    cpu_seconds: float
    """What the driver itself used."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What the driver says: that the measurement begins, and later what it found."""

    outcome: Outcome | None


def milliseconds(seconds: Sequence[float]) -> Milliseconds:
    """The percentiles (nearest rank) of durations in seconds; zeros when there are none."""
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 3) if ordered else 0.0

    return Milliseconds(p50=at(0.50), p95=at(0.95), p99=at(0.99))
