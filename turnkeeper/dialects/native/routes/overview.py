"""`/overview` and `/nodes`: how turns went, and the server's processes."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.operations import overview as operations
from turnkeeper.dialects.native.queries.overview import overview_filter
from turnkeeper.dialects.native.translate.overview import nodes_shape, overview_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What operators look at."""

    async def overview(asked: Asked) -> ASGIApp:
        return answer(overview_shape(await actions.overview.of(asked.caller, overview_filter(asked.query))))

    async def nodes(asked: Asked) -> ASGIApp:
        return answer(nodes_shape(await actions.overview.server(asked.caller)))

    return [
        Endpoint(operation=operations.OVERVIEW, handle=overview),
        Endpoint(operation=operations.NODES, handle=nodes),
    ]
