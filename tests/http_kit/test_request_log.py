"""Every request has an id, is answered with it, and is told of once."""

import asyncio
from dataclasses import dataclass, field

import pytest
from litestar import Litestar, Request, WebSocket, get, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.testing import AsyncTestClient, TestClient
from litestar.types import HTTPReceiveMessage, Message, Receive, Scope, Send, WebSocketReceiveMessage

from tests.patience import PATIENCE
from turnkeeper.http_kit.headers import request_id_from
from turnkeeper.http_kit.request_log import RequestLog


@dataclass
class Seen:
    """Keeps what it is told."""

    requests: list[tuple[str, str, int, str]] = field(default_factory=list[tuple[str, str, int, str]])

    def request_ended(
        self, *, method: str, path: str, status: int, seconds: float, request_id: str, is_stream: bool
    ) -> None:
        """Keep it."""
        assert seconds >= 0
        assert not is_stream
        self.requests.append((method, path, status, request_id))


@get("/echo")
async def echo(request: Request[None, None, State]) -> str:
    """The id as a handler sees it."""
    return request_id_from(request.headers) or "none"


@pytest.mark.parametrize("sent", ["abc-123", None, "not sane: spaces", "x" * 200])
async def test_a_request_keeps_its_sane_id_or_gets_one(sent: str | None) -> None:
    seen = Seen()
    app = RequestLog(Litestar([echo]), seen)
    async with AsyncTestClient(app) as client:
        answer = await client.get("/echo", headers={} if sent is None else {"X-Request-Id": sent})
    told = answer.headers.get_list("x-request-id")
    assert told == [answer.text]
    assert (told == [sent]) == (sent == "abc-123")
    assert seen.requests == [("GET", "/echo", 200, told[0])]


@dataclass
class Ended:
    """Keeps what it is told of ends."""

    ends: list[tuple[str, int, bool]] = field(default_factory=list[tuple[str, int, bool]])

    def request_ended(
        self, *, method: str, path: str, status: int, seconds: float, request_id: str, is_stream: bool
    ) -> None:
        """Keep it."""
        self.ends.append((method, status, is_stream))


@get("/stream", media_type="text/event-stream")
async def stream() -> str:
    """A stream, as far as the log can tell."""
    return "data: 1\n\n"


@websocket("/socket")
async def talk(socket: WebSocket[None, None, State]) -> None:
    """One word over a WebSocket; whoever asks for none is refused."""
    if "no" in socket.query_params:
        await socket.close(1008)
        return
    await socket.accept()
    await socket.send_text("word")
    await socket.close()


def test_streams_and_web_sockets_are_told_when_they_end() -> None:
    ended = Ended()
    with TestClient(RequestLog(Litestar([stream, talk]), ended)) as client:
        client.get("/stream")
        with client.websocket_connect("/socket") as socket:
            assert socket.receive_text() == "word"
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/socket?no=1"):
            pass
    assert ended.ends == [("GET", 200, True), ("WEBSOCKET", 101, True), ("WEBSOCKET", 403, True)]


@pytest.mark.parametrize("has_begun", [False, True])
async def test_a_request_that_is_cut_short_may_be_tried_again_unless_its_answer_has_begun(*, has_begun: bool) -> None:
    ended, under_way, sent = Ended(), asyncio.Event(), list[Message]()

    async def app(_scope: Scope, _receive: Receive, send: Send) -> None:
        if has_begun:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        under_way.set()
        await asyncio.Event().wait()

    async def receive() -> HTTPReceiveMessage | WebSocketReceiveMessage:
        raise AssertionError("nothing is read")

    async def send(message: Message) -> None:
        sent.append(message)

    scope: Scope = {"type": "http", "method": "GET", "path": "/", "headers": []}  # pyright: ignore[reportAssignmentType] - as much as is looked at
    request = asyncio.create_task(RequestLog(app, ended)(scope, receive, send))
    await asyncio.wait_for(under_way.wait(), PATIENCE)
    request.cancel()
    (outcome,) = await asyncio.gather(request, return_exceptions=True)

    if has_begun:
        assert isinstance(outcome, asyncio.CancelledError)
        assert ended.ends == [("GET", 200, False)]
    else:
        assert outcome is None
        assert ended.ends == [("GET", 503, False)]
        assert sent[0]["type"] == "http.response.start"
        assert (b"retry-after", b"1") in sent[0]["headers"]
