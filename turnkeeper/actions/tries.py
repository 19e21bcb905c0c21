"""How often somebody may try a password or a code: counted by this process, by name, by address and by account."""

import time
from collections import OrderedDict
from collections.abc import Callable

from turnkeeper.core.errors import RateLimitedError
from turnkeeper.core.rates import let_in
from turnkeeper.http_kit.addresses import house_of

TRIES_OF_ONE = 10
"""A minute, for one name from one address, and for the own password of one account."""
TRIES_OF_ALL = 60
"""A minute, for one name from anywhere, and for one address with any names."""
_MOST_COUNTED = 10_000


class Tries:
    """Counts tries; good ones too, so that nothing can be learned from what is left."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._full_at: OrderedDict[tuple[str, ...], float] = OrderedDict()

    def take(self, name: str | None, address: str) -> None:
        """Count one try; without a name, one of a code. Addresses of IPv6 are one where their first 64 bits are.

        Raises:
            RateLimitedError: it is one too many for now.
        """
        house = house_of(address) or address
        if name is None:
            self._take(("code", house), TRIES_OF_ONE)
            return
        folded = name.strip().casefold()
        self._take(("address", house), TRIES_OF_ALL)
        self._take(("both", folded, house), TRIES_OF_ONE)
        self._take(("name", folded), TRIES_OF_ALL)

    def take_own(self, account_id: int) -> None:
        """Count one try of somebody who is signed in, and says the own password once more.

        Raises:
            RateLimitedError: it is one too many for now.
        """
        self._take(("own", str(account_id)), TRIES_OF_ONE)

    def _take(self, what: tuple[str, ...], per_minute: int) -> None:
        full_at, allowance = let_in(self._full_at.pop(what, 0.0), now=self._clock(), per_minute=per_minute)
        self._full_at[what] = full_at
        while len(self._full_at) > _MOST_COUNTED:
            self._full_at.popitem(last=False)
        if not allowance.is_let_in:
            seconds = allowance.seconds
            raise RateLimitedError(
                requests_per_minute=per_minute,
                retry_after=seconds,
                sentence=f"There were too many tries of a password or a code; try again in {seconds} s.",
            )
