"""All doors as one ASGI application: the path chooses, and each request is logged and counted around them."""

from litestar.types import ASGIApp, Receive, Scope, Send

from turnkeeper import web
from turnkeeper.app import Turnkeeper
from turnkeeper.dialects import enthusiast, nairi, native
from turnkeeper.http_kit.request_log import RequestLog
from turnkeeper.settings import Settings


def all_doors(settings: Settings, turnkeeper: Turnkeeper) -> ASGIApp:
    """Each door is an application of its own, with its own errors and its own description."""
    actions, telemetry = turnkeeper.actions, turnkeeper.telemetry
    origins = tuple(origin.strip() for origin in settings.cors_origins.split(",") if origin.strip())
    doors: tuple[tuple[str, ASGIApp], ...] = (
        (nairi.PREFIX, nairi.build(actions)),
        (enthusiast.PREFIX, enthusiast.build(actions, cors_origins=origins)),
        (native.PREFIX, native.build(actions)),
        ("", web.build(actions, metrics_page=telemetry.page)),
    )

    async def choose(scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        for prefix, door in doors:
            if path.startswith(prefix) and path[len(prefix) : len(prefix) + 1] in {"", "/"}:
                await door(scope, receive, send)
                return
        await doors[-1][1](scope, receive, send)

    return RequestLog(choose, telemetry)
