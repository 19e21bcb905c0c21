"""The front page, its style, the console, and `/healthz`, `/readyz`, `/metrics`."""

import html
import logging
import re
from collections.abc import Callable
from importlib.resources import files

import msgspec
from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.health import Health
from turnkeeper.http_kit.gate import ALIVE, ALIVE_PATH
from turnkeeper.http_kit.lean import LeanLitestar
from turnkeeper.web.console import PLACES, SIGN_IN, Console
from turnkeeper.web.static_files import PREFIX as STATIC
from turnkeeper.web.static_files import StaticFiles

_log = logging.getLogger(__name__)

WebRequest = Request[None, None, State]

_ADDRESS = "{{address}}"
_VERSION = "{{version}}"
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]{1,255}")
_HTML = "text/html"
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FRESH = {"Cache-Control": "no-store"}
_KEPT = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


def build(actions: Actions, *, metrics_page: Callable[[], bytes]) -> Litestar:
    """The application for every path that no dialect has. `metrics_page` gives Prometheus' text format."""
    routes = _Routes(actions, metrics_page)
    pages = {
        "/": routes.front,
        SIGN_IN: routes.console.sign_in,
        **dict.fromkeys((f"/{place}" for place in PLACES), routes.console.place),
        **dict.fromkeys((f"/{place}/{{rest:path}}" for place in PLACES), routes.console.below),
        f"{STATIC}/{{version:str}}/{{path:path}}": routes.static.serve,
        "/style.css": routes.style,
        "/favicon.svg": routes.icon,
        ALIVE_PATH: routes.alive,
        "/readyz": routes.ready,
        "/metrics": routes.metrics,
    }
    return LeanLitestar(
        route_handlers=[HTTPRouteHandler(path, http_method=["GET", "HEAD"])(page) for path, page in pages.items()],
        exception_handlers={HTTPException: _refuse, Exception: _fail},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )


class _Routes:
    """The handlers, over pages that are read once."""

    def __init__(self, actions: Actions, metrics_page: Callable[[], bytes]) -> None:
        self._health = actions.health
        self.static = StaticFiles()
        self.console = Console(actions.signin, self.static)
        self._metrics_page = metrics_page
        self._front = _read("index.html").decode()
        self._style = _read("style.css").decode()
        self._icon = _read("favicon.svg")

    async def front(self, request: WebRequest) -> Response[str]:
        """What this is, with commands to paste that name the address the reader came by; the console, once signed in."""
        if await self.console.is_signed_in(request):
            return await self.console.shell(request)
        page = self._front.replace(_ADDRESS, html.escape(_address(request)))
        return Response(page, media_type=_HTML, headers=_PAGE_HEADERS | _FRESH)

    async def style(self) -> Response[str]:
        """The page's style."""
        return Response(self._style.replace(_VERSION, self.static.version), media_type="text/css", headers=_KEPT)

    async def icon(self) -> Response[bytes]:
        """The page's icon."""
        return Response(self._icon, media_type="image/svg+xml", headers=_KEPT)

    async def alive(self) -> Response[bytes]:
        """That the process answers; looks at nothing else."""
        return Response(ALIVE, media_type="text/plain", headers=_FRESH)

    async def ready(self) -> Response[bytes]:
        """Whether messages that come in now will be answered; 503 when not. A part that is not here is null."""
        health = await self._health.look()
        return Response(
            msgspec.json.encode(_parts(health)),
            media_type="application/json",
            status_code=200 if health.is_ready else 503,
            headers=_FRESH,
        )

    async def metrics(self) -> Response[bytes]:
        """Every measurement, for Prometheus; the queue is looked at now."""
        await self._health.look()
        return Response(self._metrics_page(), media_type=_METRICS, headers=_FRESH)


def _parts(health: Health) -> dict[str, bool | None]:
    return {
        "ready": health.is_ready,
        "database": health.database,
        "queue": health.queue,
        "embedder": health.embedder,
    }


def _read(name: str) -> bytes:
    return files("turnkeeper.web").joinpath("pages", name).read_bytes()


def _address(request: WebRequest) -> str:
    """How the reader reached us. A proxy that speaks TLS for us says so in `X-Forwarded-Proto`."""
    host = request.headers.get("host", "")
    scheme = "https" if request.headers.get("x-forwarded-proto", "").strip() == "https" else request.scope["scheme"]
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else "http://127.0.0.1:8000"


def _refuse(request: WebRequest, error: HTTPException) -> Response[bytes]:
    sentence = {
        404: f"There is nothing at {request.url.path}; the front page at / says what is where.",
        405: f"{request.method} is not possible at {request.url.path}; use GET.",
    }.get(error.status_code, error.detail)
    return _told(request, error.status_code, sentence, error.headers)


def _fail(request: WebRequest, error: Exception) -> Response[bytes]:
    _log.error("a page failed", exc_info=error, extra={"path": request.url.path})
    return _told(request, 500, "Something went wrong on the server; its log says what.", None)


def _told(request: WebRequest, status: int, sentence: str, headers: dict[str, str] | None) -> Response[bytes]:
    """The sentence as a page for those who ask for one, else as JSON."""
    if "text/html" in request.headers.get("accept", ""):
        page = _read("error.html").decode()
        page = page.replace("{{status}}", str(status)).replace("{{sentence}}", html.escape(sentence))
        return Response(
            page.encode(), status_code=status, media_type=_HTML, headers=_PAGE_HEADERS | _FRESH | (headers or {})
        )
    body = msgspec.json.encode({"error": sentence})
    return Response(body, status_code=status, media_type="application/json", headers=_FRESH | (headers or {}))
