"""How much a client may take before it has asked anything: connections, time and bytes of a request's head."""

import logging
import math
import time
from asyncio import AbstractEventLoop, TimerHandle
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol, runtime_checkable

from turnkeeper.http_kit.addresses import Network, house_of, is_in, parsed_address

Refused = Literal["full", "too many of one address"]

_SECONDS_BETWEEN_LINES = 10.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """What a client may take. The addresses of `trusted` (proxies) and of this machine are not counted one by one."""

    connections: int = 20_000
    connections_of_one: int = 1_000
    head_seconds: float = 10.0
    """From a connection, or the end of an answer, to a whole head. It bounds a body that nobody reads any more, too."""
    head_bytes: int = 65_536
    target_bytes: int = 16_384
    fields: int = 100
    """Lines of a head."""
    pipelined: int = 16
    """Requests that may wait on a connection for the answer to an earlier one."""
    stall_seconds: float = 60.0
    """How long a client may take nothing of its answer."""
    trusted: Sequence[Network] = ()


@runtime_checkable
class Leaving(Protocol):
    """A connection that tells when it ends."""

    left: Callable[[], None]


class Waited(Protocol):
    """A connection that owes us the head of a request."""

    def waited_too_long(self) -> None:
        """The time is over."""
        ...


class Front:
    """The connections of one process: how many there are, and which of them owe us a head."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._open = 0
        self._of: Counter[str] = Counter()
        # All wait equally long, so that the first one is always the next one whose time is over.
        self._owing: dict[Waited, float] = {}
        self._timer: TimerHandle | None = None
        self._refused = 0
        self._logged_at = -math.inf

    def enter(self, address: str | None) -> Refused | None:
        """Count a connection; why it may not stay, if so. It is counted all the same: `leave` comes for each."""
        self._open += 1
        house = house_of(address)
        if house is not None:
            self._of[house] += 1
        if self._open > self.bounds.connections:
            return self._told("full", address)
        if house is not None and self._of[house] > self.bounds.connections_of_one and not self._is_trusted(address):
            return self._told("too many of one address", address)
        return None

    def leave(self, address: str | None) -> None:
        """A connection ended."""
        self._open -= 1
        house = house_of(address)
        if house is not None:
            self._of[house] -= 1
            if not self._of[house]:
                del self._of[house]

    def moved(self, protocol: object, address: str | None) -> None:
        """The connection has another protocol from now on, which tells when it ends."""
        if isinstance(protocol, Leaving):
            protocol.left = partial(self.leave, address)

    def owes(self, connection: Waited, loop: AbstractEventLoop) -> None:
        """A connection is to send the head of a request from now on, within the time for it."""
        self._owing.pop(connection, None)
        self._owing[connection] = loop.time() + self.bounds.head_seconds
        if self._timer is None:
            self._timer = loop.call_later(self.bounds.head_seconds, self._look, loop)

    def owes_nothing(self, connection: Waited) -> None:
        """The head is there, or the connection ended."""
        self._owing.pop(connection, None)

    def _look(self, loop: AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        while self._owing:
            connection, until = next(iter(self._owing.items()))
            if until > now:
                self._timer = loop.call_at(until, self._look, loop)
                return
            del self._owing[connection]
            connection.waited_too_long()

    def _told(self, why: Refused, address: str | None) -> Refused:
        """Log it, but not each one of many."""
        now = time.monotonic()
        self._refused += 1
        if now - self._logged_at > _SECONDS_BETWEEN_LINES:
            _log.warning("connections are refused", extra={"reason": why, "client": address, "count": self._refused})
            self._logged_at, self._refused = now, 0
        return why

    def _is_trusted(self, address: str | None) -> bool:
        if address is None:
            return True
        parsed = parsed_address(address)
        return parsed is None or parsed.is_loopback or is_in(self.bounds.trusted, parsed)
