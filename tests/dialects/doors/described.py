"""What each door says of itself: what tests are made of that must leave out no route."""

import re
from dataclasses import dataclass

import msgspec

from tests.dialects.conftest import Stage

PARAMETER = re.compile(r"{([\w ]+)}")
DOORS = {"native": "/v1/openapi.json", "nairi": "/api/public/v1/openapi.json", "enthusiast": "/api/openapi.json"}


class Content(msgspec.Struct):
    example: object = None


class Body(msgspec.Struct):
    content: dict[str, Content]


class Operation(msgspec.Struct):
    id: str = msgspec.field(name="operationId")
    security: list[dict[str, list[str]]] = []
    request: Body | None = msgspec.field(name="requestBody", default=None)

    @property
    def scopes(self) -> set[str]:
        """What a key needs for it."""
        return {scope for way in self.security for scopes in way.values() for scope in scopes}


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """An operation, and where it is: the method in capitals, the path with its parameters in braces."""

    method: str
    path: str
    operation: Operation

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of the path."""
        return tuple(PARAMETER.findall(self.path))


class _Document(msgspec.Struct):
    paths: dict[str, dict[str, Operation]]


async def routes_of(stage: Stage, door: str) -> list[Route]:
    """All operations of a door."""
    async with stage.http.get(stage.address + DOORS[door]) as response:
        document = msgspec.json.decode(await response.read(), type=_Document)
    return [
        Route(method=method.upper(), path=path, operation=operation)
        for path, operations in document.paths.items()
        for method, operation in operations.items()
    ]
