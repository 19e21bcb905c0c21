"""The application behind `/api`: its routes, its errors, its description."""

from collections.abc import Sequence

from litestar import Litestar
from litestar.config.cors import CORSConfig

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.enthusiast.body import MOST_BYTES
from turnkeeper.dialects.enthusiast.errors import answer_error
from turnkeeper.dialects.enthusiast.routes.conversations import ConversationRoutes
from turnkeeper.dialects.enthusiast.routes.description import DescriptionRoutes
from turnkeeper.dialects.enthusiast.routes.files import FileRoutes
from turnkeeper.dialects.enthusiast.routes.tasks import TaskRoutes
from turnkeeper.http_kit.lean import LeanLitestar

PREFIX = "/api"
_ALLOWED_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "prefer",
    "user-agent",
    "x-api-key",
    "x-csrftoken",
    "x-requested-with",
]


def build(actions: Actions, *, cors_origins: Sequence[str] = ()) -> Litestar:
    """The whole dialect. Paths have no need of a trailing slash and take one; `cors_origins` may call from browsers."""
    cors = CORSConfig(
        allow_origins=list(cors_origins),
        allow_methods=["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"],
        allow_headers=list(_ALLOWED_HEADERS),
        expose_headers=[
            "Idempotency-Replayed",
            "Preference-Applied",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "X-Request-Id",
        ],
        max_age=86_400,
    )
    return LeanLitestar(
        route_handlers=[
            *ConversationRoutes(actions).handlers(),
            *TaskRoutes(actions).handlers(),
            *FileRoutes(actions).handlers(),
            *DescriptionRoutes().handlers(),
        ],
        exception_handlers={Exception: answer_error},
        cors_config=cors if cors_origins else None,
        openapi_config=None,
        request_max_body_size=MOST_BYTES,
        logging_config=None,
        debug=False,
    )
