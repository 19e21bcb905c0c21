"""What the door says of itself; no key is needed."""

from collections.abc import Callable, Mapping
from functools import cached_property

import msgspec
from litestar import Response

from turnkeeper.dialects.native.operations.about import TITLE
from turnkeeper.http_kit.openapi_page import openapi_page


class AboutRoutes:
    """The OpenAPI document, for programs and for people. They are made when the first one asks."""

    def __init__(self, document: Callable[[], Mapping[str, object]]) -> None:
        self._document = document

    async def openapi(self) -> Response[bytes]:
        """The OpenAPI document."""
        return Response(content=self._json, media_type="application/json")

    async def page(self) -> Response[bytes]:
        """The same for people."""
        return Response(content=self._page, media_type="text/html; charset=utf-8")

    @cached_property
    def _json(self) -> bytes:
        return msgspec.json.encode(self._document())

    @cached_property
    def _page(self) -> bytes:
        return openapi_page(TITLE, self._document()).encode()
