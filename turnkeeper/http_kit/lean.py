"""Litestar with only the plug-ins that the doors use."""

from collections.abc import Sequence

from litestar import HttpMethod, Litestar, Response, route
from litestar.handlers import HTTPRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin


class LeanLitestar(Litestar):
    """Litestar that does not go looking for pydantic and attrs.

    Both are installed with other libraries, no door uses them, and importing them for their plug-ins would cost half a
    second of CPU at every start.
    """

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


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
