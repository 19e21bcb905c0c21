"""A plain client that tries again: what it may not mend by that is a broken promise."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import aiohttp
import msgspec

from bench.torture.nodes import Node

TRY_SECONDS = 20.0
"""For one request; those that wait, wait less."""
PATIENCE_SECONDS = 180.0
LONGEST_PAUSE_SECONDS = 1.0
MENDABLE = frozenset({429, 502, 503})
MOST_TOLD = 5


class GaveUpError(Exception):
    """A request was not mended by trying again; it is told as a broken promise."""


@dataclass(kw_only=True)
class Troubles:
    """What clients met."""

    requests: int = 0
    mended: Counter[str] = field(default_factory=Counter[str])
    """What another try mended, by what it was."""
    unmendable: list[str] = field(default_factory=list[str])

    def note_unmendable(self, what: str) -> None:
        """Something that no plain client could mend."""
        if len(self.unmendable) < MOST_TOLD:
            self.unmendable.append(what)


class Web:
    """Clients of several nodes, without a balancer: each try goes to any of them."""

    def __init__(self, nodes: Sequence[Node], chance: random.Random, troubles: Troubles) -> None:
        self.troubles = troubles
        self._ports = [node.port for node in nodes if node.kind == "serve"]
        self._chance = chance
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def close(self) -> None:
        """Hang up."""
        await self._session.close()

    def address(self) -> str:
        """Any node's."""
        return f"http://127.0.0.1:{self._chance.choice(self._ports)}"

    def get(self, path: str, key: str, headers: Mapping[str, str]) -> "aiohttp.client._RequestContextManager":  # pyright: ignore[reportPrivateUsage] - what it returns has no other name
        """An answer to read piece by piece, from any node."""
        limits = aiohttp.ClientTimeout(total=None, sock_connect=TRY_SECONDS, sock_read=2 * TRY_SECONDS)
        return self._session.get(
            self.address() + path, headers={**headers, "Authorization": f"Bearer {key}"}, timeout=limits
        )

    async def once(
        self, method: str, path: str, key: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes, str]:
        """One try: the status, the body, and Retry-After.

        Raises:
            aiohttp.ClientError, TimeoutError: no answer came.
        """
        self.troubles.requests += 1
        data = None if body is None else msgspec.json.encode(body)
        sent = {**(headers or {}), "Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        async with self._session.request(
            method, self.address() + path, data=data, headers=sent, timeout=aiohttp.ClientTimeout(total=TRY_SECONDS)
        ) as answer:
            return answer.status, await answer.read(), answer.headers.get("Retry-After", "")

    async def ask(
        self, method: str, path: str, key: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of a good answer, after as many tries as it takes.

        Raises:
            GaveUpError: another try would not help, or none did for long.
        """
        pause, deadline = 0.05, asyncio.get_running_loop().time() + PATIENCE_SECONDS
        while True:
            try:
                status, answer, retry_after = await self.once(method, path, key, body=body, headers=headers)
            except (aiohttp.ClientError, TimeoutError) as error:
                what, asked = type(error).__name__, 0.0
            else:
                if status < 300:
                    return answer
                if status not in MENDABLE or not retry_after:
                    self._give_up(f"{method} {path} was answered with {status}: {answer[:200]!r}")
                what, asked = str(status), float(retry_after)
            if asyncio.get_running_loop().time() > deadline:
                self._give_up(f"{method} {path} did not work for {PATIENCE_SECONDS:g} s, the last time: {what}")
            self.troubles.mended[what] += 1
            await asyncio.sleep(max(pause, min(asked, LONGEST_PAUSE_SECONDS)) * self._chance.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _give_up(self, why: str) -> None:
        self.troubles.note_unmendable(why)
        raise GaveUpError(why)
