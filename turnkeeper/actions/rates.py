"""How many requests each key made lately: counted here, and settled with what the other nodes counted.

The count of all nodes together is one number a key in the database. A request is not written there: what was let in here is
added about once a second, and what is learnt in return is where the next requests are counted from. A node that has let in
a tenth of a key's requests without having settled them settles first. So all nodes together let in at most a tenth of the
limit each, and no less than one request, above it; and that is paid back, because it stands in the number too.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from turnkeeper.core.errors import RateLimitedError, TransientError
from turnkeeper.core.rates import Allowance, Spent, let_in, most_unsettled
from turnkeeper.store import rates
from turnkeeper.store.database import Database

_MOST_COUNTED = 10_000
_SETTLE_SECONDS = 1.0


@dataclass(kw_only=True, slots=True)
class _Count:
    """The requests of one key. `full_at` is when all will be there again, on this process's clock."""

    full_at: float = 0.0
    unsettled: int = 0
    unsettled_seconds: float = 0.0
    unsettled_since: float = 0.0

    def spent(self, now: float) -> Spent:
        """What is not settled."""
        return Spent(seconds=self.unsettled_seconds, age_seconds=now - self.unsettled_since)

    def settled(self, requests: int, spent: Spent, *, full_at: float, give: float, now: float) -> None:
        """So much was settled at `now`, and this is what all nodes have come to; `give` seconds of it say nothing."""
        self.unsettled -= requests
        self.unsettled_seconds -= spent.seconds
        self.unsettled_since = now
        if full_at + self.unsettled_seconds > self.full_at + give:
            self.full_at = full_at + self.unsettled_seconds


class Rates:
    """Counts the requests of keys that have a limit. `default` is the limit of keys without their own; 0 is none."""

    def __init__(self, default: int, database: Database, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._default = default or None
        self._database = database
        self._clock = clock
        self._counts: OrderedDict[int, _Count] = OrderedDict()
        self._unsettled: set[int] = set()
        self._settling = asyncio.Lock()
        self._failed_at = -math.inf
        """When a settling failed the last time."""

    def of_key(self, own: int | None) -> int | None:
        """The requests a minute of a key with this limit of its own; None when they are not counted."""
        return self._default if own is None else own

    async def take(self, key_id: int, per_minute: int, tell: Callable[[Allowance], None] | None) -> None:
        """Count one request; `tell` hears what is left before it is let in or refused.

        While the database does not answer, what is known here decides.

        Raises:
            RateLimitedError: it is one too many for now.
        """
        count = self._counts.setdefault(key_id, _Count())
        self._counts.move_to_end(key_id)
        while count.unsettled >= most_unsettled(per_minute) and await self._settled(key_id, per_minute):
            pass
        now = self._clock()
        full_at, allowance = let_in(count.full_at, now=now, per_minute=per_minute)
        if allowance.is_let_in:
            self._note(key_id, count, now=now, seconds=full_at - max(count.full_at, now))
            count.full_at = full_at
        if tell is not None:
            tell(allowance)
        if not allowance.is_let_in:
            raise RateLimitedError(requests_per_minute=per_minute, retry_after=allowance.seconds)

    async def settle_regularly(self) -> None:
        """Settle every second what keys spent here, and at the end; until cancelled."""
        try:
            while True:
                await asyncio.sleep(_SETTLE_SECONDS)
                await self.settle()
        finally:
            await self.settle()

    async def settle(self) -> bool:
        """Settle all that is not; False when the database does not answer, which loses nothing."""
        async with self._settling:
            return await self._settle()

    async def _settled(self, key_id: int, per_minute: int) -> bool:
        """Whether it went well; whoever waited for another one's settling may find nothing left to do.

        Where that one failed, all who waited for it take it for theirs: else each in turn would wait as long.
        """
        asked_at = self._clock()
        async with self._settling:
            count = self._counts.get(key_id)
            if count is None or count.unsettled < most_unsettled(per_minute):
                return True
            return self._failed_at <= asked_at and await self._settle()

    async def _settle(self) -> bool:
        asked_at = self._clock()
        counts = {key_id: self._counts[key_id] for key_id in self._unsettled if key_id in self._counts}
        self._unsettled = set(counts)
        if not counts:
            return True
        before = {key_id: (count.unsettled, count.spent(asked_at)) for key_id, count in counts.items()}
        try:
            async with self._database.connection() as connection:
                full_in = await rates.add(connection, {key_id: spent for key_id, (_, spent) in before.items()})
        except TransientError:
            self._failed_at = self._clock()
            return False
        took = self._clock() - asked_at
        for key_id, (requests, spent) in before.items():
            counts[key_id].settled(
                requests, spent, full_at=asked_at + full_in.get(key_id, 0.0), give=took, now=asked_at
            )
        self._unsettled = {key_id for key_id in self._unsettled if key_id not in counts or counts[key_id].unsettled}
        return True

    def _note(self, key_id: int, count: _Count, *, now: float, seconds: float) -> None:
        if count.unsettled == 0:
            count.unsettled_since = now
        count.unsettled += 1
        count.unsettled_seconds += seconds
        self._unsettled.add(key_id)
        # Whoever was not seen for the longest time is forgotten first, and is settled already but for a flood of keys.
        while len(self._counts) > _MOST_COUNTED:
            self._counts.popitem(last=False)
