"""A worker's own heart: who was not heard himself must not say that others are dead.

When the database was away nobody was heard. The first worker to look after that would find all dead, itself too, take their
turns away, and ask people about calls that are only just being made.
"""

import time
from collections.abc import Callable

HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 4.0
"""A worker that was not heard of for so long is dead, and its tasks go to others."""
_SILENCE_SECONDS = STALLED_SECONDS - HEARTBEAT_SECONDS
"""Others may have been heard of a beat earlier than this worker."""


class Heart:
    """Knows whether this worker was heard lately, and since when without a pause."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._heard_at: float | None = None
        self._may_judge_at = 0.0

    def heard(self) -> None:
        """A beat arrived; after a silence the others get as long as they need to be heard too."""
        now = self._clock()
        if self._heard_at is not None and now - self._heard_at > _SILENCE_SECONDS:
            self._may_judge_at = now + STALLED_SECONDS
        self._heard_at = now

    def may_judge(self) -> bool:
        """Whether this worker may take those for dead that it does not hear of."""
        now = self._clock()
        return self._heard_at is not None and now - self._heard_at <= _SILENCE_SECONDS and now >= self._may_judge_at
