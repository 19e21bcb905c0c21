"""The application behind `/api`: its routes, its errors, its description."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.enthusiast.body import MOST_BYTES
from turnkeeper.dialects.enthusiast.errors import answer_error
from turnkeeper.dialects.enthusiast.routes.conversations import ConversationRoutes
from turnkeeper.dialects.enthusiast.routes.description import DescriptionRoutes
from turnkeeper.dialects.enthusiast.routes.files import FileRoutes
from turnkeeper.dialects.enthusiast.routes.tasks import TaskRoutes
from turnkeeper.http_kit.fast_lane import FastLane
from turnkeeper.http_kit.lean import LeanLitestar

PREFIX = "/api"


def build(actions: Actions) -> ASGIApp:
    """The whole dialect. Paths have no need of a trailing slash and take one."""
    conversations, tasks = ConversationRoutes(actions), TaskRoutes(actions)
    app = LeanLitestar(
        route_handlers=[
            *conversations.handlers(),
            *tasks.handlers(),
            *FileRoutes(actions).handlers(),
            *DescriptionRoutes().handlers(),
        ],
        exception_handlers={Exception: answer_error},
        openapi_config=None,
        request_max_body_size=MOST_BYTES,
        logging_config=None,
        debug=False,
    )
    return FastLane(app, [*conversations.lanes(), *tasks.lanes()], answer_error)
