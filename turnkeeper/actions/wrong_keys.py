"""Wrong keys, counted by the address that they come from; other processes count for themselves."""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from turnkeeper.core.errors import TooManyWrongKeysError
from turnkeeper.core.rates import let_in
from turnkeeper.http_kit.addresses import house_of

_MOST_COUNTED = 10_000
_SECONDS_BETWEEN_LINES = 60.0

_log = logging.getLogger(__name__)


@dataclass(kw_only=True, slots=True)
class _Seen:
    """What came from one address."""

    full_at: float = 0.0
    refused: int = 0
    logged_at: float = -math.inf


class WrongKeys:
    """The addresses that they came from. Where there is no address, as of the server's own questions, nothing is counted."""

    def __init__(self, per_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`per_minute` of one address (of IPv6: of one /64) may come at once, and then as many in a minute."""
        self._per_minute = per_minute
        self._clock = clock
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def check(self, address: str | None) -> None:
        """Let a key be tried.

        Raises:
            TooManyWrongKeysError: too many were wrong.
        """
        house = house_of(address)
        seen = None if house is None else self._seen.get(house)
        if seen is None:
            return
        now = self._clock()
        _, allowance = let_in(seen.full_at, now=now, per_minute=self._per_minute)
        if not allowance.is_let_in:
            self._refuse(seen, house, now)
            raise TooManyWrongKeysError(retry_after=allowance.seconds)

    def note(self, address: str | None) -> None:
        """A key was wrong."""
        house = house_of(address)
        if house is None:
            return
        seen = self._seen.pop(house, None) or _Seen()
        seen.full_at, _ = let_in(seen.full_at, now=self._clock(), per_minute=self._per_minute)
        self._seen[house] = seen
        while len(self._seen) > _MOST_COUNTED:
            self._seen.popitem(last=False)

    def _refuse(self, seen: _Seen, house: str | None, now: float) -> None:
        """Log it, but not each one of many."""
        seen.refused += 1
        if now - seen.logged_at > _SECONDS_BETWEEN_LINES:
            _log.warning("too many wrong keys came from an address", extra={"client": house, "count": seen.refused})
            seen.logged_at, seen.refused = now, 0
