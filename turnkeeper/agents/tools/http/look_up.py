"""Finding the addresses of a name: what is checked before anything is sent there."""

import asyncio
import socket
from typing import Protocol


class LookUp(Protocol):
    """Finds the addresses of a name."""

    async def addresses(self, host: str, port: int) -> list[str]:
        """Numeric addresses; empty, or an OSError, when there are none."""
        ...


class SystemLookUp:
    """Asks the operating system."""

    async def addresses(self, host: str, port: int) -> list[str]:
        """What getaddrinfo says."""
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
        return list(dict.fromkeys(str(entry[4][0]) for entry in found))
