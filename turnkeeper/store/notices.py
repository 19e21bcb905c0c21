"""Hints between processes over NOTIFY: something changed, read it again.

A hint is sent after the change is committed, never inside its transaction: PostgreSQL lets only one transaction with a
notification commit at a time, which would put all writers in one line. Hints of a few milliseconds go out together. A
process that dies between commit and hint delays readers until their own next look; nothing is lost.

A process that is alone on its database sends nothing: it counts the others every few seconds, and whoever comes says so.

Who listens must hear its own greeting. A pooler that gives connections away between transactions takes LISTEN and passes
nothing on: everything goes on, seconds late, and that is logged.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress

from turnkeeper.core.errors import TransientError
from turnkeeper.core.ids import new_id, to_ulid
from turnkeeper.store.database import LISTENER, Connection, Database

TASKS = "turnkeeper_tasks"
"""The channel on which workers are told that there may be tasks."""
HELLO = "turnkeeper_hello"
"""The channel on which a process says that it listens from now on."""
_GATHER_SECONDS = 0.004
_PAYLOAD_BYTES = 7_000  # NOTIFY takes less than 8,000
# Whoever comes by a socket has no address.
_COUNT = """
    SELECT count(*), coalesce(inet_client_addr() = inet_server_addr(), true) FROM pg_stat_activity
    WHERE application_name = %s AND datname = current_database()
"""
_GREETINGS = 3
_UNHEARD = (
    "hints of other processes do not arrive, so everything is seen seconds late: if there is a pooler before the database "
    "that pools transactions, set TURNKEEPER_DIRECT_DATABASE_URL to the database behind it"
)
_log = logging.getLogger(__name__)


class Notices:
    """The channels of one process: what it sends reaches its own subscribers at once, and those of others soon."""

    def __init__(self, database: Database, *, count_seconds: float = 5.0) -> None:
        self._database = database
        self._count_seconds = count_seconds
        self._sender = to_ulid(new_id())
        self._subscribers: dict[str, tuple[Callable[[str], None], Callable[[bool], None]]] = {}
        self._outgoing: dict[str, set[str]] = {}
        self._something_to_send = asyncio.Event()
        self._hellos = 0
        self._is_alone = False
        self._listens = False
        self._unheard = 0
        """How many greetings of our own we sent since we listen, and have not heard."""

    def subscribe(self, channel: str, heard: Callable[[str], None], connected: Callable[[bool], None]) -> None:
        """Call `heard` with each item, and `connected` when hints of others start (read all again) or stop coming.

        To be called before `run`; for `TASKS`, which is always listened to, also later.
        """
        self._subscribers[channel] = (heard, connected)

    def send(self, channel: str, item: str) -> None:
        """Tell everybody: subscribers in this process at once. Items are short and free of commas and colons."""
        if channel in self._subscribers:
            self._subscribers[channel][0](item)
        if not self._is_alone:
            self._outgoing.setdefault(channel, set()).add(item)
            self._something_to_send.set()

    async def run(self) -> None:
        """Send and hear, until cancelled."""
        channels = tuple({TASKS, HELLO, *self._subscribers})
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send_regularly(), name="send hints")
            group.create_task(self._count_regularly(), name="count those who hear hints")
            group.create_task(
                self._database.listen(channels, heard=self._heard, connected=self._connected),
                name="hear hints",
            )

    def _heard(self, channel: str, payload: str) -> None:
        sender, _, items = payload.partition(":")
        if sender == self._sender:
            self._unheard = 0
            return
        if channel == HELLO:
            self._someone_came()
        if channel not in self._subscribers:
            return
        heard, _ = self._subscribers[channel]
        for item in items.split(","):
            heard(item)

    def _connected(self, is_connected: bool) -> None:  # noqa: FBT001 - the shape of a callback
        self._listens, self._unheard = is_connected, 0
        if is_connected:
            self._someone_came()
            self._greet()
        for _, connected in self._subscribers.values():
            connected(is_connected)

    @property
    def is_alone(self) -> bool:
        """Whether no other process would hear a hint."""
        return self._is_alone

    def _greet(self) -> None:
        self._unheard += 1
        self._outgoing.setdefault(HELLO, set()).add("")
        self._something_to_send.set()

    def _greet_again(self) -> None:
        """Two greetings on their way may both be late or lost; the third tells the operator, once."""
        if not self._listens or not 0 < self._unheard < _GREETINGS:
            return
        self._greet()
        if self._unheard == _GREETINGS:
            _log.warning(_UNHEARD)

    def _someone_came(self) -> None:
        self._hellos += 1
        self._is_alone = False

    async def _count_regularly(self) -> None:
        while True:
            await asyncio.sleep(self._count_seconds)
            self._greet_again()
            hellos = self._hellos
            with suppress(TransientError):
                async with self._database.connection() as connection:
                    cursor = await connection.execute(_COUNT, (LISTENER,))
                    row = await cursor.fetchone()
                assert row is not None
                listeners, are_on_its_machine = row
                # Who came while it was counted may not have been.
                self._is_alone = hellos == self._hellos and listeners == 1
                if are_on_its_machine:
                    self._database.share_processors(listeners)

    async def _send_regularly(self) -> None:
        try:
            while True:
                await self._something_to_send.wait()
                await asyncio.sleep(_GATHER_SECONDS)
                self._something_to_send.clear()
                await self._send_gathered()
        finally:
            # The last word of a process that ends, such as a command.
            await self._send_gathered()

    async def _send_gathered(self) -> None:
        outgoing, self._outgoing = self._outgoing, {}
        if not outgoing:
            return
        # A hint that cannot be sent is dropped: whoever waits for it looks again by itself.
        with suppress(TransientError):
            async with self._database.connection() as connection:
                for channel, items in outgoing.items():
                    await _notify(connection, channel, _payloads(self._sender, items))


async def tell_at_commit(connection: Connection, channel: str, items: Sequence[str]) -> None:
    """Tell every process when the open transaction commits; for rare changes that must not go unheard."""
    await _notify(connection, channel, _payloads("", set(items)))


async def _notify(connection: Connection, channel: str, payloads: list[str]) -> None:
    await connection.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", (channel, payloads))


def _payloads(sender: str, items: set[str]) -> list[str]:
    """`sender:item,item…`, in as many payloads as PostgreSQL's limit asks for."""
    payloads: list[str] = []
    for item in sorted(items):
        if payloads and len(payloads[-1]) + 1 + len(item) <= _PAYLOAD_BYTES:
            payloads[-1] += f",{item}"
        else:
            payloads.append(f"{sender}:{item}")
    return payloads
