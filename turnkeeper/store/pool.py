"""The pool of connections: who gives one back leaves it at hand for the next one, which costs next to nothing.

The library's pool opens connections, replaces those that broke, and makes those wait for whom there is none; it takes more
time for handing one out than many a statement takes. The last one to come back goes out first: it has its statements
prepared, and those that few need are given back to the library, which closes them.

All that is done for anybody needs a connection for every step, and holds none while it waits for a model, a person or news.
So this is where organizations wait for each other, and where they take turns.
"""

import time
from collections.abc import Awaitable, Callable, Hashable
from contextvars import ContextVar

from psycopg.pq import TransactionStatus
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from turnkeeper.store.connection import Connection
from turnkeeper.store.places import Places

GIVE_BACK_SECONDS = 60.0
"""So often the library gets to see all connections: it replaces old ones, and closes some of those that nobody needs."""


class Pool(AsyncConnectionPool[Connection]):
    """A pool of connections in autocommit mode."""

    def __init__(
        self,
        url: str,
        *,
        most: int,
        seconds: float,
        name: str,
        prepares: bool,
        configure: Callable[[Connection], Awaitable[None]],
    ) -> None:
        """At most so many connections; who gets none within so many seconds is refused."""
        self.owner: ContextVar[Hashable] = ContextVar(name, default=None)
        """For whom the current task works."""
        self._places = Places(most)
        self._at_hand: list[Connection] = []
        self._waiting_here = 0
        self._handed_out = 0
        self._given_back_at = time.monotonic()
        super().__init__(
            url,
            connection_class=Connection,
            min_size=1,
            max_size=most,
            max_idle=300.0,
            timeout=seconds,
            open=False,
            name=name,
            # Autocommit is set afterwards: the queue opens connections of its own with these arguments and its own.
            kwargs={"prepare_threshold": 1 if prepares else None, "application_name": name},
            configure=configure,
        )

    @property
    def at_once(self) -> int:
        """How many connections may be in use at once."""
        return self._places.places

    def limit(self, at_once: int) -> None:
        """Have no more than so many connections in use at once from now on, however many there may be."""
        self._places.resize(min(at_once, self.max_size))

    async def getconn(self, timeout: float | None = None) -> Connection:  # noqa: ASYNC109 - the library's
        """A connection, to be given to `putconn` afterwards.

        Raises:
            PoolTimeout: none came back in time, or too many wait already.
        """
        if self._places.free > 0:
            self._places.free -= 1
        else:
            timeout = await self._waited(self.timeout if timeout is None else timeout)
        if self._at_hand:
            self._handed_out += 1
            return self._at_hand.pop()
        self._waiting_here += 1
        try:
            return await super().getconn(timeout)
        except BaseException:
            self._places.give_back()
            raise
        finally:
            self._waiting_here -= 1

    async def putconn(self, conn: Connection) -> None:
        """Give a connection back, in whatever state it is."""
        try:
            await self._put(conn)
        finally:
            self._places.give_back()

    async def _waited(self, seconds: float) -> float:
        """Wait for a place; the seconds that are left for a connection."""
        began = time.monotonic()
        if not await self._places.wait(self.owner.get(), seconds):
            raise PoolTimeout("all connections are taken")
        return max(0.0, seconds - (time.monotonic() - began))

    async def _put(self, conn: Connection) -> None:
        if self._waiting_here or self.closed or conn.pgconn.transaction_status != TransactionStatus.IDLE:
            await super().putconn(conn)
            return
        self._at_hand.append(conn)
        now = time.monotonic()
        if now - self._given_back_at > GIVE_BACK_SECONDS:
            self._given_back_at = now
            await self._give_back()

    async def close(self, timeout: float = 5.0) -> None:  # noqa: ASYNC109 - the library's
        """Close all connections; those that are out, when they come back."""
        await super().close(timeout)
        await self._give_back()

    def get_stats(self) -> dict[str, int]:
        """The library's counts: `requests_num` is how often a connection was asked for, `requests_waiting` how many wait."""
        stats = super().get_stats()
        asked = stats.get("requests_num", 0) + self._handed_out
        return {**stats, "requests_num": asked, "requests_waiting": self._waiting_here + self._places.waiting}

    async def _give_back(self) -> None:
        for _ in range(len(self._at_hand)):
            await super().putconn(self._at_hand.pop())
