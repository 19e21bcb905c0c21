"""Ports for servers that have to be told theirs: those that come back at the same one, and those that choose none."""

import secrets
import socket
from contextlib import suppress

_PORTS = range(20_000, 30_000)
"""Below those that kernels give away themselves, of which one may be somebody else's a moment after it was free."""
_MOST_TRIED = 1_000


def free_port() -> int:
    """One that nobody of loopback listens on.

    Raises:
        OSError: there is none.
    """
    return free_ports(1)[0]


def free_ports(count: int) -> list[int]:
    """So many of them, no two alike.

    Raises:
        OSError: there are not so many.
    """
    found: list[int] = []
    for port in secrets.SystemRandom().sample(_PORTS, _MOST_TRIED):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            found.append(port)
        if len(found) == count:
            return found
    raise OSError(f"Fewer than {count} ports from {_PORTS.start} to {_PORTS.stop - 1} are free.")
