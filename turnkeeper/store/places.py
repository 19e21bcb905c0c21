"""Places, and a line of those who wait for one: each owner's wait in turn, and within one owner the first comes first.

Who has a hundred that wait delays another one's by one place, and not by a hundred.
"""

import asyncio
from collections import deque
from collections.abc import Hashable

MOST_OF_ONE = 5_000
"""So many of one owner may wait; who comes beyond is better told at once to try again than after a long wait."""


class Places:
    """So many places. To take a free one is to count `free` down; only where there is none anything more is done.

    `free` is negative while more are taken than there are now, see `resize`.
    """

    def __init__(self, places: int, *, most_of_one: int = MOST_OF_ONE) -> None:
        self.free = places
        self.places = places
        """How many there are."""
        self._most_of_one = most_of_one
        # The first one's turn is next. An owner stands here only while somebody of it waits.
        self._lines: dict[Hashable, deque[asyncio.Future[bool]]] = {}

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._lines.values()))

    def resize(self, places: int) -> None:
        """Have so many places from now on; those that are taken beyond are gone when they come back."""
        more, self.places = places - self.places, places
        self.free += min(more, 0)
        for _ in range(more):
            self.give_back()

    def give_back(self) -> None:
        """A place is free again: it goes to whoever is next."""
        while self._lines and self.free >= 0:
            owner = next(iter(self._lines))
            line = self._lines.pop(owner)
            place = line.popleft()
            if line:
                self._lines[owner] = line
            if not place.done():
                place.set_result(True)
                return
        self.free += 1

    async def wait(self, owner: Hashable, seconds: float) -> bool:
        """Wait for a place of one's own, for at most so many seconds.

        False when none came in time, or when too many of this owner wait already. Who is cancelled leaves no place lost.
        """
        line = self._lines.setdefault(owner, deque())
        if len(line) >= self._most_of_one:
            return False
        loop = asyncio.get_running_loop()
        place: asyncio.Future[bool] = loop.create_future()
        line.append(place)
        ending = loop.call_later(seconds, _give_up, place)
        try:
            has_place = await place
        except asyncio.CancelledError:
            if place.cancelled():
                self._leave(owner, place)
            elif place.result():
                self.give_back()
            raise
        finally:
            ending.cancel()
        if not has_place:
            self._leave(owner, place)
        return has_place

    def _leave(self, owner: Hashable, place: asyncio.Future[bool]) -> None:
        """Take away who does not wait any more; they may be gone already, with their turn."""
        line = self._lines.get(owner)
        if line is not None and place in line:
            line.remove(place)
            if not line:
                del self._lines[owner]


def _give_up(place: asyncio.Future[bool]) -> None:
    if not place.done():
        place.set_result(False)
