"""How many requests each key made lately at this process; other processes count for themselves."""

import time
from collections import OrderedDict
from collections.abc import Callable

from turnkeeper.core.errors import RateLimitedError
from turnkeeper.core.rates import Allowance, let_in

_MOST_COUNTED = 10_000


class Rates:
    """Counts the requests of keys that have a limit. `default` is the limit of keys without their own; 0 is none."""

    def __init__(self, default: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._default = default or None
        self._clock = clock
        self._full_at: OrderedDict[int, float] = OrderedDict()

    def of_key(self, own: int | None) -> int | None:
        """The requests a minute of a key with this limit of its own; None when they are not counted."""
        return self._default if own is None else own

    def take(self, key_id: int, per_minute: int, tell: Callable[[Allowance], None] | None) -> None:
        """Count one request; `tell` hears what is left before it is let in or refused.

        Raises:
            RateLimitedError: it is one too many for now.
        """
        full_at, allowance = let_in(self._full_at.pop(key_id, 0.0), now=self._clock(), per_minute=per_minute)
        self._full_at[key_id] = full_at
        # Whoever was not seen for the longest time is forgotten first, and has most likely all of it again.
        while len(self._full_at) > _MOST_COUNTED:
            self._full_at.popitem(last=False)
        if tell is not None:
            tell(allowance)
        if not allowance.is_let_in:
            raise RateLimitedError(requests_per_minute=per_minute, retry_after=allowance.seconds)
