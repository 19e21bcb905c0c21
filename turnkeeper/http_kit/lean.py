"""Litestar with only the plug-ins that the doors use."""

from collections.abc import Mapping, Sequence

from litestar import HttpMethod, Litestar, Response, route
from litestar.config.app import AppConfig
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import Receive, Scope, Send

from turnkeeper.http_kit.whole import whole_writer


class LeanLitestar(Litestar):
    """Litestar that does not go looking for pydantic and attrs.

    Both are installed with other libraries, no door uses them, and importing them for their plug-ins would cost half a
    second of CPU at every start.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]

    @staticmethod
    def _patch_opentelemetry_middleware(config: AppConfig) -> AppConfig:
        """No door has such a middleware, which Litestar would import its plug-in to look for, in vain, for each door."""
        return config


class JsonResponse(Response[bytes]):
    """A response that is JSON already, without the questions that the framework asks of its parts."""

    def __init__(self, body: bytes, *, status: int, headers: dict[str, str] | None = None) -> None:
        self.content = body
        self.background = None
        self.cookies = []
        self.encoding = "utf-8"
        self.headers = headers or {}
        self.media_type = "application/json"
        self.status_code = status
        self.response_type_encoders = {}


class JsonAnswer:
    """An answer of JSON as an application: what `JsonResponse` is to the framework's routes, to a table of our own."""

    __slots__ = ("_body", "_headers", "_status")

    def __init__(self, body: bytes, *, status: int, headers: Mapping[str, str]) -> None:
        self._status = status
        self._body = body
        self._headers = [
            *[(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
            (b"content-type", b"application/json"),
            (b"content-length", b"%d" % len(body)),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it, in one go where the connection can."""
        write = whole_writer(scope)
        if write is not None and write(self._status, self._headers, self._body):
            return
        await send({"type": "http.response.start", "status": self._status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def telling_methods(handlers: Sequence[HTTPRouteHandler]) -> list[HTTPRouteHandler]:
    """The handlers, and before them one a path that answers OPTIONS with all methods of the path.

    Litestar's own answer names the methods of the first handler of a path only.
    """
    methods: dict[str, set[str]] = {}
    for handler in handlers:
        for path in handler.paths:
            methods.setdefault(path, {"OPTIONS"}).update(str(method) for method in handler.http_methods)
    return [*(_options(path, ", ".join(sorted(names))) for path, names in methods.items()), *handlers]


def _options(path: str, names: str) -> HTTPRouteHandler:
    async def tell() -> Response[bytes]:
        return Response(b"", status_code=204, headers={"Allow": names})

    return route(path, http_method=HttpMethod.OPTIONS, status_code=200)(tell)
