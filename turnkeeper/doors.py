"""All doors as one ASGI application: the path chooses, and each request is logged and counted around them."""

import asyncio
from collections.abc import Callable

from litestar.types import ASGIApp, Receive, Scope, Send

from turnkeeper import web
from turnkeeper.actions.bundle import Actions
from turnkeeper.app import Turnkeeper
from turnkeeper.http_kit.cross_origin import CrossOrigin
from turnkeeper.http_kit.request_log import RequestLog
from turnkeeper.settings import Settings, cors_origins_of

NAIRI_PREFIX = "/api/public/v1"
ENTHUSIAST_PREFIX = "/api"
NATIVE_PREFIX = "/v1"


class LateDoor:
    """A door that is made in a thread, at the latest when somebody knocks: nobody needs all of them at once."""

    def __init__(self, make: Callable[[], ASGIApp]) -> None:
        self._make = make
        self._making: asyncio.Task[ASGIApp] | None = None
        self._made: ASGIApp | None = None

    async def load(self) -> ASGIApp:
        """The door; made once, however many wait for it."""
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        door = await asyncio.shield(self._making)
        self._made = door
        return door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        door = self._made or await self.load()
        await door(scope, receive, send)


class Doors:
    """Each door is an application of its own, with its own errors and its own description."""

    def __init__(self, settings: Settings, turnkeeper: Turnkeeper) -> None:
        actions, telemetry = turnkeeper.actions, turnkeeper.telemetry
        doors = {
            NAIRI_PREFIX: LateDoor(lambda: _nairi(actions)),
            ENTHUSIAST_PREFIX: LateDoor(lambda: _enthusiast(actions)),
            NATIVE_PREFIX: LateDoor(lambda: _native(actions)),
        }
        self._doors = [(prefix, _reachable(door, settings)) for prefix, door in doors.items()]
        self._pages = LateDoor(lambda: web.build(actions, metrics_page=telemetry.page))
        self._late = [*doors.values(), self._pages]
        self._logged = RequestLog(self._choose, telemetry)

    async def load(self) -> None:
        """Make what would be made when the first one asks for it."""
        for door in self._late:
            await door.load()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await self._logged(scope, receive, send)

    async def _choose(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, door in self._doors:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
                await door(scope, receive, send)
                return
        await self._pages(scope, receive, send)


def _reachable(door: ASGIApp, settings: Settings) -> ASGIApp:
    """The door, for pages of other origins too, if there are any that may call it."""
    origins = cors_origins_of(settings)
    return CrossOrigin(door, origins) if origins else door


def _nairi(actions: Actions) -> ASGIApp:
    from turnkeeper.dialects import nairi  # noqa: PLC0415 - slow import: nobody needs all doors at once

    assert nairi.PREFIX == NAIRI_PREFIX
    return nairi.build(actions)


def _enthusiast(actions: Actions) -> ASGIApp:
    from turnkeeper.dialects import enthusiast  # noqa: PLC0415 - slow import: nobody needs all doors at once

    assert enthusiast.PREFIX == ENTHUSIAST_PREFIX
    return enthusiast.build(actions)


def _native(actions: Actions) -> ASGIApp:
    from turnkeeper.dialects import native  # noqa: PLC0415 - slow import: 120 modules, which nobody needs at once

    assert native.PREFIX == NATIVE_PREFIX
    return native.build(actions)
