"""A receiver of webhooks on loopback that answers as a test tells it, and checks signatures with the official library."""

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import msgspec
from aiohttp import web
from standardwebhooks import Webhook
from standardwebhooks.exceptions import WebhookVerificationError

from tests.patience import PATIENCE

Json = dict[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class Answers:
    """A status with headers; `hangs` waits for the end of the test first."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    text: str = ""
    hangs: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """One request."""

    id: str
    headers: Mapping[str, str]
    raw: bytes
    body: Json

    def is_signed_with(self, secret: str) -> bool:
        """Whether the official library takes it."""
        try:
            Webhook(secret).verify(self.raw, dict(self.headers))
        except WebhookVerificationError:
            return False
        return True

    @property
    def type(self) -> object:
        """The fact."""
        return self.body["type"]


class WebhookReceiver:
    """Takes everything with 200 unless `will` says otherwise."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.url = ""
        self.at_the_same_time = 0
        """The most requests that were under way together."""
        self._under_way = 0
        self._answers: deque[Answers] = deque()
        self._arrived = asyncio.Event()
        self._let_go = asyncio.Event()
        self._runner: web.AppRunner | None = None

    def will(self, *answers: Answers) -> None:
        """Answer so, one after the other; then with 200 again."""
        self._answers.extend(answers)

    def types(self) -> list[object]:
        """What was told, in order."""
        return [one.type for one in self.received]

    async def until(self, count: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(PATIENCE):
            while len(self.received) < count:
                self._arrived.clear()
                await self._arrived.wait()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{rest:.*}", self._handle)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hooks"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        self._under_way += 1
        self.at_the_same_time = max(self.at_the_same_time, self._under_way)
        try:
            raw = await request.read()
            self.received.append(
                Received(
                    id=request.headers["webhook-id"],
                    headers={name.lower(): value for name, value in request.headers.items()},
                    raw=raw,
                    body=msgspec.json.decode(raw, type=Json),
                )
            )
            self._arrived.set()
            answer = self._answers.popleft() if self._answers else Answers()
            if answer.hangs:
                await self._let_go.wait()
            return web.Response(status=answer.status, headers=answer.headers, text=answer.text)
        finally:
            self._under_way -= 1
