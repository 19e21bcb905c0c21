"""A server on loopback that gives the answers of a script, one a request, and keeps the requests."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.patience import PATIENCE


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """One answer; no status at all hangs up without a word."""

    status: int | None = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass(kw_only=True, slots=True)
class Seen:
    """What was asked."""

    address: str = ""
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(
        default_factory=list[tuple[str, str, dict[str, str], bytes]]
    )
    """Method, path with query, head, body."""
    arrivals: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    """One more to take with each request."""

    def heads(self, name: str) -> list[str | None]:
        """A header of every request."""
        return [headers.get(name) for _, _, headers, _ in self.requests]


@asynccontextmanager
async def scripted_answers(*script: Answer) -> AsyncGenerator[Seen]:
    """The server, until the end of the block. After the script everything is 404."""
    seen, left = Seen(), list(script)

    async def answer(request: web.Request) -> web.Response:
        seen.requests.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        seen.arrivals.release()
        given = left.pop(0) if left else Answer(status=404)
        if given.status is None:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        return web.Response(status=given.status, body=given.body, headers=given.headers)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    seen.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield seen
    finally:
        await asyncio.wait_for(runner.cleanup(), PATIENCE)
