"""Connections below HTTP: within bounds of number, size and time; they can be cut off, and become WebSockets if asked.

The head of a request must come within a time and a size; a body is bounded where it is read (`body`, `upload`), and here
once nobody wants it any more. An answer that nobody takes is cut off.
"""

import asyncio
import logging
import re
from collections.abc import Callable
from functools import partial

import httptools
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from turnkeeper.http_kit.bounds import Front
from turnkeeper.http_kit.cutting import ABORT
from turnkeeper.http_kit.whole import WHOLE, Headers

LONGEST_MESSAGE_BYTES = 16_384
"""Of a WebSocket's client, which has nothing to say but its key."""
PING_SECONDS = 15.0
_LINGER_SECONDS = 1.0
"""How long a refused client that is still sending may take to read why."""
_RETRY_SECONDS = 5
_MOST_JOINED_BYTES = 65_536
"""A longer body is not copied behind its head."""
_UNSEEN = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_WITHOUT_BODY = frozenset({204, 304})

_REFUSALS = {
    400: (b"Bad Request", "This is no request that can be understood."),
    408: (b"Request Timeout", "The head of the request did not arrive in time."),
    414: (b"URI Too Long", "The address of the request is too long."),
    429: (b"Too Many Requests", "There are too many connections from your address; close some."),
    431: (b"Request Header Fields Too Large", "The head of the request is too large, or has too many fields."),
    503: (b"Service Unavailable", "The server has no room for another connection; try again later."),
}

_log = logging.getLogger(__name__)


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol within bounds; its requests can be cut off."""

    def __init__(
        self,
        front: Front,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """`front` is the process's."""
        super().__init__(config, server_state, app_state, _loop)
        self.url = b""
        self._front = front
        self._bounds = front.bounds
        self._address: str | None = None
        self._is_in_head = True
        self._silent_bytes = 0
        """Since the last piece of a body: of a head, of trailers, of what stands between the pieces."""
        self._refusal = 400
        self._is_refused = False
        self._is_lost = False
        self._resumed = 0
        self._watching: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Let it in, or say at once why not."""
        super().connection_made(transport)
        self._address = self.client[0] if self.client else None
        refused = self._front.enter(self._address)
        if refused is None:
            self._front.owes(self, self.loop)
        else:
            self._refuse(503 if refused == "full" else 429, lingers=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._is_lost = True
        self._front.owes_nothing(self)
        self._front.leave(self._address)
        if self._watching is not None:
            self._watching.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse it, and see that it gets on."""
        if self._is_refused:
            return
        self._silent_bytes += len(data)
        super().data_received(data)
        if self._silent_bytes > self._bounds.head_bytes and not self._is_refused and not self.transport.is_closing():
            is_long = len(self.url) > self._bounds.target_bytes
            self._refuse(400 if not self._is_in_head else 414 if is_long else 431)

    def on_headers_complete(self) -> None:
        """Look at the size of the head; tell the application how to cut the connection."""
        if len(self.headers) > self._bounds.fields or self._silent_bytes > self._bounds.target_bytes:
            self._check_size()
        self._is_in_head = False
        self._silent_bytes = 0
        self._front.owes_nothing(self)
        extensions: dict[str, dict[object, object]] = {ABORT: {"abort": self.transport.abort}}
        self.scope["extensions"] = extensions
        super().on_headers_complete()
        cycle = self._under_way()
        if cycle is not None and cycle.scope is self.scope and self.scope["method"] != "HEAD":
            extensions[WHOLE] = {"write": partial(_write_whole, cycle)}
        if self.parser is not None and not self.parser.should_upgrade():
            # What comes in trailers is none of the request's, and is bounded as anything that is no body.
            self.headers = []
        if len(self.pipeline) > self._bounds.pipelined:
            raise httptools.HttpParserError("too many requests wait for an answer")

    def on_body(self, body: bytes) -> None:
        """The body gets on."""
        self._silent_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The next that comes is a head."""
        self._is_in_head = True
        self._silent_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the next request, but not for long."""
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._front.owes(self, self.loop)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's own words
        """Refuse what the parser did not take."""
        self._refuse(self._refusal)

    def waited_too_long(self) -> None:
        """The head did not come: say so if it had begun."""
        if self._is_in_head and self._silent_bytes:
            self._refuse(408)
        else:
            self.timeout_keep_alive_handler()

    def timeout_keep_alive_handler(self) -> None:
        """Close, once the client has taken its answer."""
        super().timeout_keep_alive_handler()
        self._watch_writing()

    def pause_writing(self) -> None:
        """The client is slow; it may be, but must not stand still."""
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        """It took what waited."""
        self._resumed += 1
        super().resume_writing()

    def handle_websocket_upgrade(self) -> None:
        """From now on another protocol has the connection, and says when it ends."""
        super().handle_websocket_upgrade()
        self._front.moved(self.transport.get_protocol(), self._address)

    def _check_size(self) -> None:
        if len(self.url) > self._bounds.target_bytes:
            self._refusal = 414
        elif len(self.headers) > self._bounds.fields or self._head_bytes() > self._bounds.head_bytes:
            self._refusal = 431
        else:
            return
        raise httptools.HttpParserError("the head is too large")

    def _head_bytes(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _refuse(self, status: int, *, lingers: bool = True) -> None:
        """Answer with the status and close; only close where another answer is under way."""
        self._is_refused = True
        self._front.owes_nothing(self)
        cycle = self._under_way()
        if cycle is not None:
            cycle.disconnected = True
            cycle.message_event.set()
        if self.pipeline or (cycle is not None and cycle.response_started):
            self.transport.close()
            self._watch_writing()
            return
        self.transport.write(_answer(status))
        if lingers and self.transport.can_write_eof():
            # To close at once would throw away what the client still sends, and with it the answer.
            self.transport.write_eof()
            self.loop.call_later(_LINGER_SECONDS, self.transport.abort)
        else:
            self.transport.close()

    def _under_way(self) -> RequestResponseCycle | None:
        cycle = self.cycle
        return None if cycle is None or cycle.response_complete else cycle  # pyright: ignore[reportUnnecessaryComparison] - None before the first request, which uvicorn's types leave out

    def _watch_writing(self) -> None:
        if self._watching is None and not self._is_lost:
            left = self.transport.get_write_buffer_size()
            look = partial(self._look_at_writing, left, self._resumed)
            self._watching = self.loop.call_later(self._bounds.stall_seconds, look)

    def _look_at_writing(self, before: int, resumed: int) -> None:
        self._watching = None
        left = self.transport.get_write_buffer_size()
        if self._is_lost or not left:
            return
        if left >= before and resumed == self._resumed:
            _log.info("a client was cut off, because it took nothing", extra={"client": self._address})
            self.transport.abort()
        else:
            self._watch_writing()


def _write_whole(cycle: RequestResponseCycle, status: int, headers: Headers, body: bytes) -> bool:
    """Write a whole answer as the cycle would in pieces; False where it must be in pieces."""
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused or status in _WITHOUT_BODY:
        return False
    lines = [*cycle.default_headers, *headers]
    if not cycle.keep_alive:
        lines.append((b"connection", b"close"))
    if _UNSEEN.search(b"".join([value for _, value in lines])):
        raise RuntimeError("A header of the answer has characters that may not be in it.")
    cycle.response_started = True
    cycle.waiting_for_100_continue = False
    head = b"%b%b\r\n" % (STATUS_LINE[status], b"".join([b"%b: %b\r\n" % line for line in lines]))
    if len(body) > _MOST_JOINED_BYTES:
        cycle.transport.write(head)
        cycle.transport.write(body)
    else:
        cycle.transport.write(head + body)
    cycle.response_complete = True
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True


def bounded_protocol(front: Front) -> Callable[..., BoundedProtocol]:
    """What makes the connections of a process, as uvicorn calls it."""
    return partial(BoundedProtocol, front)


def websocket_protocol(config: Config, server_state: ServerState, app_state: dict[str, object]) -> asyncio.Protocol:
    """A connection that speaks WebSocket. The library is imported when the first client asks for it."""
    from turnkeeper.http_kit.web_sockets import CuttableWebSocket  # noqa: PLC0415 - slow import

    return CuttableWebSocket(config, server_state, app_state)


def _answer(status: int) -> bytes:
    phrase, sentence = _REFUSALS[status]
    retry = b"retry-after: %d\r\n" % _RETRY_SECONDS if status in {429, 503} else b""
    return (
        b"HTTP/1.1 %d %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\n%bconnection: close\r\n\r\n%b"
        % (status, phrase, len(sentence), retry, sentence.encode())
    )
