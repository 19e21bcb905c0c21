"""The door's description, for programs and for people; open to everybody, as in the original."""

from functools import cached_property

import msgspec
from litestar import Response, route
from litestar.handlers import HTTPRouteHandler

from turnkeeper.dialects.enthusiast.answers import READ
from turnkeeper.dialects.enthusiast.operations import TITLE, document
from turnkeeper.http_kit.openapi_page import openapi_page

# Below `docs/` too: the page may be opened with a slash at its end, and links to the document beside it.
FOR_PROGRAMS = ["/api/openapi.json", "/api/docs.json", "/api/docs/openapi.json"]
FOR_PEOPLE = "/api/docs"


class DescriptionRoutes:
    """The handlers; the documents are made when the first one asks."""

    def handlers(self) -> list[HTTPRouteHandler]:
        """What to register."""
        return [
            route(FOR_PROGRAMS, http_method=READ, sync_to_thread=False)(self.openapi),
            route(FOR_PEOPLE, http_method=READ, sync_to_thread=False)(self.page),
        ]

    def openapi(self) -> Response[bytes]:
        """The OpenAPI 3.1 document."""
        return Response(self._openapi, media_type="application/json")

    def page(self) -> Response[bytes]:
        """The same as a page."""
        return Response(self._page, media_type="text/html; charset=utf-8")

    @cached_property
    def _openapi(self) -> bytes:
        return msgspec.json.encode(document())

    @cached_property
    def _page(self) -> bytes:
        return openapi_page(TITLE, document()).encode()
