"""Every request has an id, is answered with it, and is told of once."""

from dataclasses import dataclass, field

import pytest
from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.testing import AsyncTestClient

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
