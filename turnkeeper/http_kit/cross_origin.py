"""Web pages of other origins that may call: preflights answered, and answers that their scripts may read (CORS)."""

from collections.abc import Iterable, Sequence

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from turnkeeper.core.web_origins import pattern_of
from turnkeeper.http_kit.whole import put_whole_writer

_METHODS = "DELETE, GET, OPTIONS, PATCH, POST, PUT"
_REMEMBERED_SECONDS = 86_400
_READ_HEADERS = (
    "accept",
    "authorization",
    "cache-control",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
    "if-range",
    "last-event-id",
    "prefer",
    "range",
    "traceparent",
    "tracestate",
    "user-agent",
    "x-api-key",
    "x-csrftoken",
    "x-request-id",
    "x-requested-with",
)
"""What a request may carry."""
_TOLD_HEADERS = (
    "Accept-Ranges",
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Idempotency-Replayed",
    "Location",
    "Preference-Applied",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Request-Id",
)
"""What of an answer a script sees, beyond what every browser shows it."""
_VARY = (b"vary", b"Origin")
_PREFLIGHT = (
    (b"access-control-allow-methods", _METHODS.encode()),
    (b"access-control-allow-headers", ", ".join(_READ_HEADERS).encode()),
    (b"access-control-max-age", str(_REMEMBERED_SECONDS).encode()),
)
_EXPOSED = (b"access-control-expose-headers", ", ".join(_TOLD_HEADERS).encode())


class CrossOrigin:
    """An ASGI application around a door. Pages of the allowed origins may call it; of others, and of none, nothing changes.

    Cookies are not asked for, so that no page acts in the name of who looks at it: it must have a key to be told anything.
    """

    def __init__(self, door: ASGIApp, origins: Sequence[str]) -> None:
        """`origins` are as `core.web_origins` describes them."""
        self._door = door
        self._allowed = pattern_of(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._door(scope, receive, send)
            return
        origin = _header(scope["headers"], b"origin")
        leave = self._leave(origin)
        if leave and scope["method"] == "OPTIONS" and _header(scope["headers"], b"access-control-request-method"):
            headers = [*leave, *_PREFLIGHT, _VARY]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            return

        async def send_with_leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                more = [*leave, _EXPOSED, _VARY] if leave else [_VARY]
                message = {**message, "headers": [*message.get("headers", ()), *more]}  # pyright: ignore[reportAssignmentType] - the same with more headers
            await send(message)

        put_whole_writer(scope, None)
        await self._door(scope, receive, send_with_leave)

    def _leave(self, origin: bytes | None) -> list[tuple[bytes, bytes]]:
        if origin is None or not self._allowed.fullmatch(origin.decode("latin-1")):
            return []
        return [(b"access-control-allow-origin", origin)]


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> bytes | None:
    return next((value for each, value in headers if each == name), None)
