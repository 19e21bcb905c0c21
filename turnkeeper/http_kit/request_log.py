"""Around every request: an id, one log line, a measurement, and what is left of the key's requests."""

import asyncio
import re
import time
from typing import Protocol

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from turnkeeper.core.ids import new_ulid
from turnkeeper.http_kit.gate import answer_cut
from turnkeeper.http_kit.rate_fields import rate_fields
from turnkeeper.http_kit.whole import Headers, put_whole_writer, whole_writer

CLIENT_WENT_AWAY = 499
_HEADER = b"x-request-id"
_SANE_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


_STARTS = frozenset({"http.response.start", "websocket.accept", "websocket.http.response.start"})
_SWITCHED = 101
_REFUSED = 403  # what a client sees of a WebSocket that is closed before it is open


class RequestObserver(Protocol):
    """Who is told of each request."""

    def request_ended(
        self, *, method: str, path: str, status: int, seconds: float, request_id: str, is_stream: bool
    ) -> None:
        """Count it and log it; must not fail.

        `status` is 499 when the client went away before an answer. `is_stream` is of an event stream, or of a WebSocket,
        whose method is `WEBSOCKET` and whose status is 101 once it is open: their time says nothing about the server.
        """
        ...


class RequestLog:
    """An ASGI application around another one. The request's id comes from `X-Request-Id` when that is sane."""

    def __init__(self, app: ASGIApp, observer: RequestObserver) -> None:
        self._app = app
        self._observer = observer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http" and scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id = _request_id(scope)
        # Whoever asks further in finds it where a client would have put it.
        scope["headers"] = [*[pair for pair in scope["headers"] if pair[0] != _HEADER], (_HEADER, request_id)]
        status, is_stream = CLIENT_WENT_AWAY, scope["type"] == "websocket"
        write = whole_writer(scope)

        async def send_with_id(message: Message) -> None:
            nonlocal status, is_stream
            kind = message["type"]
            if kind in _STARTS:
                status = message.get("status", _SWITCHED)
                headers = list(message.get("headers", ()))
                is_stream = is_stream or any(name == b"content-type" and _is_stream(value) for name, value in headers)
                message = {**message, "headers": [*headers, (_HEADER, request_id), *rate_fields(scope)]}  # pyright: ignore[reportAssignmentType] - the same with one more header
            elif kind == "websocket.close" and status == CLIENT_WENT_AWAY:
                status = _REFUSED
            await send(message)

        def write_with_id(code: int, headers: Headers, body: bytes) -> bool:
            nonlocal status
            assert write is not None
            is_written = write(code, [*headers, (_HEADER, request_id), *rate_fields(scope)], body)
            if is_written:
                status = code
            return is_written

        if write is not None:
            put_whole_writer(scope, write_with_id)
        try:
            await self._app(scope, receive, send_with_id)
        except asyncio.CancelledError:
            if status != CLIENT_WENT_AWAY:
                raise
            await answer_cut(scope, send_with_id)
        finally:
            self._observer.request_ended(
                method=str(scope["method"]) if scope["type"] == "http" else "WEBSOCKET",
                path=scope["path"],
                status=status,
                seconds=time.perf_counter() - started,
                request_id=request_id.decode(),
                is_stream=is_stream,
            )


def _is_stream(media_type: bytes) -> bool:
    return media_type.startswith(b"text/event-stream")


def _request_id(scope: Scope) -> bytes:
    for name, value in scope["headers"]:
        if name == _HEADER and _SANE_ID.fullmatch(value):
            return value
    return new_ulid().encode()
