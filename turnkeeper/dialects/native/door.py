"""The door as a whole: an application of its own below `/v1`, made of a table of endpoints."""

from collections.abc import Sequence

from litestar import HttpMethod, Litestar, route, websocket
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp, ControllerRouterHandler, Receive, Scope, Send

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.errors import TurnkeeperError
from turnkeeper.dialects.native.endpoint import Endpoint, mounted
from turnkeeper.dialects.native.errors import respond
from turnkeeper.dialects.native.operations.about import description
from turnkeeper.dialects.native.routes import (
    agents,
    approvals,
    audit,
    conversation_messages,
    conversations,
    data_sets,
    documents,
    erasures,
    events,
    files,
    keys,
    members,
    messages,
    models,
    organizations,
    overview,
    retention,
    schedules,
    sessions,
    syncs,
    tools,
    transcripts,
    usage,
    webhooks,
)
from turnkeeper.dialects.native.routes.about import AboutRoutes
from turnkeeper.dialects.native.routes.event_sockets import EventSockets
from turnkeeper.http_kit.fast_lane import FastLane, Lane
from turnkeeper.http_kit.lean import LeanLitestar
from turnkeeper.http_kit.route_table import Route, RouteTable

PREFIX = "/v1"
_ASKED_ALL_THE_TIME = {
    ("POST", "/conversations"),
    ("GET", "/conversations/{conversation_id}"),
    ("GET", "/messages/{message_id}"),
}


def endpoints(actions: Actions) -> list[Endpoint]:
    """Everything that can be asked here, in the order in which it is described."""
    return [
        *conversations.endpoints(actions),
        *conversation_messages.endpoints(actions),
        *transcripts.endpoints(actions),
        *messages.endpoints(actions),
        *events.endpoints(actions),
        *files.endpoints(actions),
        *approvals.endpoints(actions),
        *agents.endpoints(actions),
        *tools.endpoints(actions),
        *models.endpoints(actions),
        *data_sets.endpoints(actions),
        *documents.endpoints(actions),
        *syncs.endpoints(actions),
        *schedules.endpoints(actions),
        *webhooks.endpoints(actions),
        *audit.endpoints(actions),
        *erasures.endpoints(actions),
        *retention.endpoints(actions),
        *sessions.endpoints(actions),
        *keys.endpoints(actions),
        *members.endpoints(actions),
        *organizations.endpoints(actions),
        *usage.endpoints(actions),
        *overview.endpoints(actions),
    ]


def build(actions: Actions) -> ASGIApp:
    """The application that serves the dialect; paths are whole, with the prefix."""
    about = AboutRoutes(lambda: description([endpoint.operation for endpoint in endpoints(actions)], PREFIX))
    read = (HttpMethod.GET, HttpMethod.HEAD)
    routes = _routes(actions)
    application = _application(
        [
            RouteTable(routes).handler(PREFIX),
            route(f"{PREFIX}/openapi.json", http_method=read)(about.openapi),
            route(f"{PREFIX}/docs", http_method=read)(about.page),
        ]
    )
    lanes = [_lane(one, routes) for one in routes if _is_hot(one)]
    requests = FastLane(application, lanes, respond)
    events_path = f"{PREFIX}/conversations/{{conversation_id:str}}/events/ws"
    sockets = _application([websocket(events_path)(EventSockets(actions).serve)])

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await (requests if scope["type"] == ScopeType.HTTP else sockets)(scope, receive, send)

    return serve


def route_table(actions: Actions) -> RouteTable:
    """All endpoints, where they are found."""
    return RouteTable(_routes(actions))


def _routes(actions: Actions) -> list[Route]:
    return [mounted(endpoint, PREFIX, actions.signin) for endpoint in endpoints(actions)]


def _is_hot(one: Route) -> bool:
    return (one.method, one.path.removeprefix(PREFIX)) in _ASKED_ALL_THE_TIME


def _lane(one: Route, routes: Sequence[Route]) -> Lane:
    before, _, _ = one.path.rpartition("/")
    others = (other.path.rpartition("/") for other in routes)
    beside = frozenset(last for start, _, last in others if start == before)
    return Lane(method=one.method, path=one.path, handler=one.serve, beside=beside)


def _application(handlers: Sequence[ControllerRouterHandler]) -> Litestar:
    return LeanLitestar(
        route_handlers=handlers,
        exception_handlers={TurnkeeperError: respond, HTTPException: respond, Exception: respond},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )
