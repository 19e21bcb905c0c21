"""The connections to model providers that are open: made when needed, kept for the next request for half a minute."""

import asyncio
import socket
import ssl
from functools import partial
from weakref import WeakSet

import aiohappyeyeballs
from yarl import URL

from turnkeeper.agents.models.http1 import Connection

Origin = tuple[str, str, int]
"""Scheme, host and port."""

_KEEP_SECONDS = 30.0
_MOST_KEPT = 100
"""For one origin."""
_NEXT_ADDRESS_SECONDS = 0.25
"""After so long the next of a host's addresses is tried beside the first (RFC 8305)."""


class CannotConnectError(Exception):
    """There is no way to the server, or it is not who it says it is."""


class Pool:
    """All connections of one process's lean wires."""

    def __init__(self) -> None:
        self._open = WeakSet[Connection]()
        self._kept: dict[Origin, list[Connection]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._tls: ssl.SSLContext | None = None
        self.is_closed = False

    def close(self) -> None:
        """End all connections, for good; requests under way break off."""
        self.is_closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        for connection in tuple(self._open):
            connection.abort()

    def take(self, url: URL) -> Connection | None:
        """A kept connection that may be asked, the one used last; None when there is none."""
        kept = self._kept.get(_origin_of(url), [])
        for place in range(len(kept) - 1, -1, -1):
            if kept[place].is_ready:
                return kept.pop(place)
        return None

    async def connect(self, url: URL) -> Connection:
        """A new connection.

        Raises:
            CannotConnectError: see there.
        """
        origin = _origin_of(url)
        scheme, host, port = origin
        loop = asyncio.get_running_loop()
        try:
            tls = await self._context() if scheme == "https" else None
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            made = await aiohappyeyeballs.start_connection(  # pyright: ignore[reportUnknownMemberType] - tuples of anything
                found, happy_eyeballs_delay=_NEXT_ADDRESS_SECONDS, loop=loop
            )
            _, connection = await loop.create_connection(
                partial(Connection, partial(self._forget, origin)),
                sock=made,
                ssl=tls,
                server_hostname=host.rstrip(".") if tls else None,
            )
        except (OSError, UnicodeError, RuntimeError) as error:
            # UnicodeError: of a name that no host can have; RuntimeError: uvloop's word for some failures of sockets.
            raise CannotConnectError from error
        self._open.add(connection)
        if self.is_closed:
            connection.abort()
        return connection

    def keep(self, url: URL, connection: Connection) -> None:
        """Give back a connection after a request. The last bytes of the answer may still be on their way: until they are
        here, it is not taken."""
        if self.is_closed or not (connection.is_ready or not connection.is_whole):
            connection.abort()
            return
        loop = asyncio.get_running_loop()
        connection.kept_at = loop.time()
        kept = self._kept.setdefault(_origin_of(url), [])
        kept.append(connection)
        if len(kept) > _MOST_KEPT:
            kept.pop(0).abort()
        if self._sweeping is None:
            self._sweeping = loop.call_later(_KEEP_SECONDS, self._sweep)

    async def _context(self) -> ssl.SSLContext:
        """How servers prove who they are: by the certificates that the system trusts, or those of `SSL_CERT_FILE`."""
        if self._tls is None:
            self._tls = await asyncio.to_thread(_tls_context)
        return self._tls

    def _forget(self, origin: Origin, connection: Connection) -> None:
        kept = self._kept.get(origin, [])
        if connection in kept:
            kept.remove(connection)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        old = loop.time() - _KEEP_SECONDS
        for kept in self._kept.values():
            for connection in [each for each in kept if each.kept_at <= old]:
                connection.abort()
        moments = [each.kept_at for kept in self._kept.values() for each in kept if each.kept_at > old]
        self._sweeping = loop.call_at(min(moments) + _KEEP_SECONDS, self._sweep) if moments else None


def _origin_of(url: URL) -> Origin:
    assert url.raw_host is not None
    assert url.port is not None
    return url.scheme, url.raw_host, url.port


def _tls_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
