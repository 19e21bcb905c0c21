"""The door as a whole: an application of its own below `/api/public/v1`."""

from litestar import Litestar
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.errors import TurnkeeperError
from turnkeeper.dialects.nairi.agent_paths import with_whole_agents
from turnkeeper.dialects.nairi.errors import respond
from turnkeeper.dialects.nairi.operations import description
from turnkeeper.dialects.nairi.routes import AboutRoutes, AgentRoutes, ConversationRoutes
from turnkeeper.dialects.nairi.routes_attachments import AttachmentRoutes
from turnkeeper.http_kit.fast_lane import FastLane, Lane
from turnkeeper.http_kit.lean import LeanLitestar, telling_methods

PREFIX = "/api/public/v1"
_ONE_MESSAGE = f"{PREFIX}/messages/{{message:str}}"


def build(actions: Actions) -> FastLane:
    """The application that serves the dialect; paths are whole, with the prefix."""
    lane = Lane(method="GET", path=_ONE_MESSAGE, handler=ConversationRoutes(actions).get_message)
    return FastLane(application(actions), [lane], respond)


def application(actions: Actions) -> Litestar:
    """All routes, as the framework serves them."""
    agents = AgentRoutes(actions)
    talks = ConversationRoutes(actions)
    attachments = AttachmentRoutes(actions)
    about = AboutRoutes(description(PREFIX))
    app = LeanLitestar(
        route_handlers=telling_methods(
            [
                HTTPRouteHandler(f"{PREFIX}/agents", http_method="GET")(agents.list_agents),
                HTTPRouteHandler(f"{PREFIX}/agents", http_method="POST")(agents.create_agent),
                HTTPRouteHandler(f"{PREFIX}/agents/{{agent:str}}", http_method="GET")(agents.get_agent),
                HTTPRouteHandler(f"{PREFIX}/agents/{{agent:str}}/deploy", http_method="POST")(agents.deploy_agent),
                HTTPRouteHandler(f"{PREFIX}/agents/{{agent:str}}/conversations", http_method="GET")(agents.list_jobs),
                HTTPRouteHandler(f"{PREFIX}/conversations/start", http_method="POST")(talks.start),
                HTTPRouteHandler(f"{PREFIX}/conversations/{{job:str}}/continue", http_method="POST")(talks.carry_on),
                HTTPRouteHandler(f"{PREFIX}/conversations/{{job:str}}/messages", http_method="GET")(
                    talks.list_messages
                ),
                HTTPRouteHandler(_ONE_MESSAGE, http_method="GET")(talks.get_message),
                HTTPRouteHandler(f"{PREFIX}/attachments", http_method="POST")(attachments.upload),
                HTTPRouteHandler(f"{PREFIX}/attachments/{{attachment:str}}", http_method="GET")(attachments.get),
                HTTPRouteHandler(f"{PREFIX}/openapi.json", http_method="GET")(about.openapi),
                HTTPRouteHandler(f"{PREFIX}/docs", http_method="GET")(about.page),
            ]
        ),
        exception_handlers={TurnkeeperError: respond, HTTPException: respond, Exception: respond},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )
    app.asgi_handler = with_whole_agents(app.asgi_handler, prefix=PREFIX)
    return app
