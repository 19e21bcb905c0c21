"""The application behind `/api`: its routes, its errors, its description."""

from litestar import Litestar

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.enthusiast.body import MOST_BYTES
from turnkeeper.dialects.enthusiast.errors import answer_error
from turnkeeper.dialects.enthusiast.routes.conversations import ConversationRoutes
from turnkeeper.dialects.enthusiast.routes.description import DescriptionRoutes
from turnkeeper.dialects.enthusiast.routes.files import FileRoutes
from turnkeeper.dialects.enthusiast.routes.tasks import TaskRoutes
from turnkeeper.http_kit.lean import LeanLitestar

PREFIX = "/api"


def build(actions: Actions) -> Litestar:
    """The whole dialect. Paths have no need of a trailing slash and take one."""
    return LeanLitestar(
        route_handlers=[
            *ConversationRoutes(actions).handlers(),
            *TaskRoutes(actions).handlers(),
            *FileRoutes(actions).handlers(),
            *DescriptionRoutes().handlers(),
        ],
        exception_handlers={Exception: answer_error},
        openapi_config=None,
        request_max_body_size=MOST_BYTES,
        logging_config=None,
        debug=False,
    )
