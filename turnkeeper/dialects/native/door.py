"""The door as a whole: an application of its own below `/v1`."""

from litestar import Litestar, route
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.errors import TurnkeeperError
from turnkeeper.dialects.native.errors import respond
from turnkeeper.dialects.native.routes import READ, AboutRoutes, ApprovalRoutes, ConversationRoutes, MessageRoutes
from turnkeeper.http_kit.lean import LeanLitestar

PREFIX = "/v1"


def build(actions: Actions) -> Litestar:
    """The application that serves the dialect; paths are whole, with the prefix."""
    approvals, messages, talks = ApprovalRoutes(actions), MessageRoutes(actions), ConversationRoutes(actions)
    about = AboutRoutes(PREFIX)
    handlers: list[HTTPRouteHandler] = [
        route(f"{PREFIX}/approvals", http_method=READ)(approvals.list_approvals),
        route(f"{PREFIX}/approvals/{{approval:str}}", http_method=READ)(approvals.get_approval),
        route(f"{PREFIX}/approvals/{{approval:str}}/decide", http_method="POST", status_code=200)(approvals.decide),
        route(f"{PREFIX}/messages/{{message:str}}", http_method=READ)(messages.get_message),
        route(f"{PREFIX}/messages/{{message:str}}/cancel", http_method="POST", status_code=200)(messages.cancel),
        route(f"{PREFIX}/conversations/{{conversation:str}}", http_method=READ)(talks.get_conversation),
        route(f"{PREFIX}/openapi.json", http_method=READ)(about.openapi),
        route(f"{PREFIX}/docs", http_method=READ)(about.page),
    ]
    return LeanLitestar(
        route_handlers=handlers,
        exception_handlers={TurnkeeperError: respond, HTTPException: respond, Exception: respond},
        openapi_config=None,
        logging_config=None,
        request_max_body_size=None,
        debug=False,
    )
