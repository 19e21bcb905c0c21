"""A payment service on loopback that counts what really happened, and can hold a call at its worst moment."""

import asyncio
from types import TracebackType
from typing import Literal, Self

from aiohttp import web

Moment = tuple[str, Literal["before", "after"]]
"""The name of a call, and whether it is held before it took effect or after."""


class PaymentService:
    """`/refund` honours keys, `/email` sends each time it is called, `/look` changes nothing."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        """Every call that arrived, by name."""
        self.refunds: dict[str, int] = {}
        """How often each key was sent; the refund itself happened once for each."""
        self.emails: list[str] = []
        """The key of every e-mail that was sent."""
        self.held = asyncio.Event()
        """Set when the call of `hold_at` is held."""
        self.hold_at: Moment | None = None
        self.url = ""
        self._let_go = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/{name}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go.set()
        if self._runner is not None:
            await self._runner.cleanup()

    def forget(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.refunds.clear()
        self.emails.clear()
        self.held.clear()
        self.hold_at = None

    def let_go(self) -> None:
        """Let the call that is held go on."""
        self._let_go.set()
        self._let_go = asyncio.Event()

    async def _handle(self, request: web.Request) -> web.Response:
        name, key = request.match_info["name"], request.headers["Idempotency-Key"]
        self.calls.append(name)
        await self._maybe_hold((name, "before"))
        if name == "refund":
            self.refunds[key] = self.refunds.get(key, 0) + 1
        elif name == "email":
            self.emails.append(key)
        await self._maybe_hold((name, "after"))
        return web.Response(text=f"{name} done")

    async def _maybe_hold(self, moment: Moment) -> None:
        if moment == self.hold_at:
            self.hold_at = None
            self.held.set()
            await self._let_go.wait()
