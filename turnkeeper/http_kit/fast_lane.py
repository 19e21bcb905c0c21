"""What is asked all the time goes round the framework: found by two look-ups in a table, answered by the same handlers.

The framework finds a route, makes signatures, dependencies, hooks, cookies and headers fit together for each request; a poll
needs none of that, and it was a third of what one cost. Whatever does not fit exactly (another method, a slash too many, a
form, a strange host) is the framework's business as before, so that there is one rule for everything unusual.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Empty, HTTPScope, Receive, Scope, Send

from turnkeeper.http_kit.whole import whole_writer

HttpRequest = Request[None, None, State]
Handler = Callable[[HttpRequest], Awaitable[Response[bytes] | ASGIApp]]
_PLAIN_HOST = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]")


@dataclass(frozen=True, kw_only=True, slots=True)
class Lane:
    """One method of one path, whose last part may be a parameter: `/api/conversations/{conversation_id:str}`."""

    method: str
    path: str
    handler: Handler
    beside: frozenset[str] = frozenset()
    """Words that are no value of the parameter, but paths of their own."""


class FastLane:
    """An ASGI application before a dialect's own: the lanes are answered here, and everything else there."""

    def __init__(
        self,
        app: Litestar,
        lanes: Sequence[Lane],
        answer_error: Callable[[HttpRequest, Exception], Response[bytes]],
    ) -> None:
        self._app = app
        self._answer_error = answer_error
        self._whole: dict[tuple[str, str], Handler] = {}
        self._parted: dict[tuple[str, str], tuple[str, Lane]] = {}
        for lane in lanes:
            before, _, last = lane.path.rpartition("/")
            if last.startswith("{"):
                name = last.strip("{}").partition(":")[0]
                self._parted[lane.method, before] = (name, lane)
            else:
                self._whole[lane.method, lane.path] = lane.handler

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and (found := self._find(scope)) is not None:
            handler, parameters = found
            await self._serve(handler, parameters, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _find(self, scope: HTTPScope) -> tuple[Handler, dict[str, str]] | None:
        method, path = str(scope["method"]), scope["path"]
        if not _is_plain(scope):
            return None
        whole = self._whole.get((method, path))
        if whole is not None:
            return whole, {}
        before, _, last = path.rpartition("/")
        parted = self._parted.get((method, before)) if last else None
        if parted is None:
            return None
        name, lane = parted
        return None if last in lane.beside else (lane.handler, {name: last})

    async def _serve(
        self, handler: Handler, parameters: dict[str, str], scope: HTTPScope, receive: Receive, send: Send
    ) -> None:
        scope["litestar_app"] = self._app
        scope["path_params"] = parameters
        request = _LeanRequest(scope, receive, send)
        try:
            response: Response[bytes] | ASGIApp = await handler(request)
        except Exception as error:  # noqa: BLE001 - as in the framework, every error has its answer
            response = self._answer_error(request, error)
        if not isinstance(response, Response):
            if not _is_written(response, scope):
                await response(scope, receive, send)
            return
        await _write(response, scope, send)  # pyright: ignore[reportUnknownArgumentType] - those of lanes are of bytes


class RawHeaders:
    """The headers of a request as they came, for those who look for a few of them."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Sequence[tuple[bytes, bytes]]) -> None:
        self._pairs = pairs

    def get(self, key: str, default: str | None = None) -> str | None:
        """The first value of a header; its name in lower case."""
        wanted = key.encode()
        for name, value in self._pairs:
            if name == wanted:
                return value.decode("latin-1")
        return default


class _LeanRequest(HttpRequest):
    """A request whose headers are not taken apart before anybody asks."""

    __slots__ = ("_raw",)

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What the framework's own begins with is about bodies, cookies and addresses; handlers of lanes ask for none.
        self.scope = scope  # pyright: ignore[reportIncompatibleVariableOverride, reportAttributeAccessIssue] - it is of HTTP
        self.receive = receive
        self.send = send
        self._url = Empty
        self._raw = RawHeaders(list(scope["headers"]))

    @property
    def headers(self) -> RawHeaders:  # pyright: ignore[reportIncompatibleMethodOverride] - all that handlers need of them
        """The headers."""
        return self._raw


def _is_plain(scope: HTTPScope) -> bool:
    """Whether there is nothing for the framework in it: it refuses strange hosts, takes forms apart, and reads cookies."""
    for name, value in scope["headers"]:
        if name == b"host" and not _PLAIN_HOST.issuperset(value):
            return False
        if name == b"cookie":
            return False
        if name == b"content-type" and value != b"application/json":
            return False
    return True


def _is_written(response: ASGIApp, scope: Scope) -> bool:
    """Write the answer in one go, if it is whole and the connection can."""
    write = whole_writer(scope)
    # Those that stream are kinds of it, and send otherwise.
    if write is None or not isinstance(response, ASGIResponse) or type(response) is not ASGIResponse:
        return False
    return response.background is None and write(response.status_code, response.encode_headers(), response.body)


async def _write(response: Response[bytes], scope: Scope, send: Send) -> None:
    """Send the response as the framework would."""
    body, status = response.content, response.status_code or 200
    said: Mapping[str, object] = response.headers
    headers = [
        *[(name.lower().encode(), str(value).encode("latin-1")) for name, value in said.items()],
        (b"content-type", str(response.media_type or "text/plain").encode()),
        (b"content-length", b"%d" % len(body)),
    ]
    write = whole_writer(scope)
    if write is not None and write(status, headers, body):
        return
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
