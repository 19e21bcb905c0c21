"""What tools are tried with: a context, a vault in memory, DNS that says what a test wants, and a small HTTP server."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Self
from uuid import UUID

from aiohttp import web

from turnkeeper.agents.tools.tool import ToolContext

EFFECT = UUID("0190b2c0-0000-7000-8000-000000000001")


def context(*, data_set_id: int | None = None, organization_id: int = 1) -> ToolContext:
    return ToolContext(
        organization_id=organization_id,
        account_id=1,
        conversation_id=1,
        message_id=1,
        data_set_id=data_set_id,
        first_mark=1,
        effect_id=EFFECT,
    )


class Vault:
    """Secrets of organization 1."""

    def __init__(self, **secrets: str) -> None:
        self._secrets = secrets

    async def secret(self, organization_id: int, name: str) -> str | None:
        return self._secrets.get(name) if organization_id == 1 else None


class Names:
    """Finds the addresses that a test gave to names, and no others."""

    def __init__(self, names: Mapping[str, Sequence[str]]) -> None:
        self._names = names
        self.asked: list[str] = []

    async def addresses(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return list(self._names.get(host, ()))


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """A web server on a free port of loopback; keeps what it was asked."""

    def __init__(self, **handlers: Handler) -> None:
        self._handlers = handlers
        self.seen: list[tuple[str, str, Mapping[str, str], str]] = []
        self.stalling = asyncio.Event()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**20)
        app.router.add_route("*", "/{name:.*}", self._answer)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stalling.set()
        await self._runner.cleanup()

    def url(self, name: str, host: str = "shop.test") -> str:
        return f"http://{host}:{self.port}/{name}"

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.path, dict(request.headers), await request.text()))
        return await self._handlers[request.match_info["name"]](request)
