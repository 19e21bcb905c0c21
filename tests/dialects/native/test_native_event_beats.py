"""Streams that are held open while nothing happens: they show that they live, go on, and end with the key's rights."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
import pytest

from tests.dialects.conftest import Stage, staged
from tests.dialects.native.client import Native
from tests.dialects.native.talks import Talks
from tests.fakes.event_reader import Frame, frames_in
from tests.fakes.people import Company
from tests.patience import PATIENCE
from turnkeeper.http_kit.sse import BEAT

BEAT_SECONDS = 0.15
BEATS = 3


class Named(msgspec.Struct):
    id: str


class Key(msgspec.Struct):
    id: str
    secret: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A log that is followed with a key of its own, over both ways at the same time."""

    stage: Stage
    admin: Native
    talk: str
    account: str
    key: Key
    stream: aiohttp.ClientResponse
    socket: aiohttp.ClientWebSocketResponse

    async def until(self, mark: bytes, *, times: int = 1) -> bytes:
        """What the stream brings from now on, until this is in it so often."""
        got = b""
        async with asyncio.timeout(PATIENCE):
            while got.count(mark) < times:
                piece = await self.stream.content.readany()
                assert piece, got
                got += piece
        return got

    async def said(self) -> None:
        """Something happens: it comes to both, under the number that follows."""
        await self.admin.post(f"/conversations/{self.talk}/messages", {"text": "Something."})

    async def frame(self) -> Mapping[str, object]:
        """What comes next over the socket."""
        async with asyncio.timeout(PATIENCE):
            return msgspec.json.decode(await self.socket.receive_str(), type=dict[str, object])

    async def ended(self) -> tuple[Frame, Mapping[str, object], int | None]:
        """The last words of both, and the code of the socket's end."""
        async with asyncio.timeout(PATIENCE):
            last = frames_in(await self.stream.content.read())[-1]
            word = await self.frame()
            await self.socket.receive()
        return last, word, self.socket.close_code


@pytest.fixture
async def stage(database_url: str, company: Company, tmp_path: Path) -> AsyncGenerator[Stage]:
    """One with a quick beat."""
    async with staged(database_url, company, tmp_path / "data", stream_beat_seconds=BEAT_SECONDS) as stage:
        yield stage


@asynccontextmanager
async def held_open(stage: Stage, *, says_key: bool) -> AsyncGenerator[Held]:
    admin = Native(stage, stage.keys.admin)
    talk = await Talks(admin).begin()
    made = await admin.post("/members", {"kind": "service", "name": "reader", "role": "admin"})
    account = msgspec.json.decode(made.body, type=Named).id
    wanted = {"name": "reader", "scopes": ["read", "admin"], "account_id": account}
    made = await admin.post("/keys", wanted)
    key = msgspec.json.decode(made.body, type=Key)
    headers = {"Authorization": f"Bearer {key.secret}", "X-Request-Id": "held-for-long"}
    path = f"{stage.address}/v1/conversations/{talk}/events"
    async with (
        stage.http.get(path, headers={**headers, "Accept": "text/event-stream"}) as stream,
        stage.http.ws_connect(f"{path}/ws", headers={} if says_key else headers) as socket,
    ):
        assert stream.headers["X-Request-Id"] == "held-for-long"
        if says_key:
            await socket.send_json({"key": key.secret})
        held = Held(stage=stage, admin=admin, talk=talk, account=account, key=key, stream=stream, socket=socket)
        # The socket stands beside the stream: what is a beat for one is a beat for the other.
        await held.said()
        assert (await held.frame())["number"] == 1
        await held.until(BEAT, times=BEATS)
        yield held


@pytest.mark.requirement("native.events.access")
@pytest.mark.parametrize("says_key", [False, True])
async def test_a_stream_lives_on_over_many_beats_and_tells_what_comes_then(stage: Stage, *, says_key: bool) -> None:
    async with held_open(stage, says_key=says_key) as held:
        for number in (2, 3):
            await held.said()
            told = await held.until(b'"event":"message.queued"')
            assert b'"number":%d,' % number in told
            assert (await held.frame())["number"] == number
            await held.until(BEAT, times=BEATS)


@pytest.mark.requirement("native.events.access")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/keys/{key}", None),
        ("POST", "/keys/{key}/rotate", {}),
        # With the role goes the scope `admin`, and with it what only admins see.
        ("PATCH", "/members/{account}", {"role": "member"}),
        ("DELETE", "/members/{account}", None),
    ],
    ids=["revoked", "rotated", "role", "shut out"],
)
async def test_a_stream_ends_when_its_key_is_no_more_what_it_was(
    stage: Stage, method: str, path: str, body: object
) -> None:
    async with held_open(stage, says_key=True) as held:
        data = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        address = path.format(key=held.key.id, account=held.account)
        changed = await held.admin.ask(method, address, data=data, headers=headers)
        assert changed.status in {200, 201, 204}, changed.body

        last, word, code = await held.ended()

    assert (last.event, last.data["reason"]) == ("end", "access_ended")
    assert (word["event"], word["reason"], code) == ("end", "access_ended", 1008)


@pytest.mark.requirement("native.events.access")
async def test_a_change_that_no_hint_tells_of_ends_a_stream_at_a_beat(stage: Stage) -> None:
    async with held_open(stage, says_key=False) as held:
        # As another process that cannot hear hints would find it.
        stage.execute("UPDATE api_keys SET expires_at = now() WHERE name = 'reader'")
        stage.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'")
        last, _, code = await held.ended()
    assert (last.data["reason"], code) == ("access_ended", 1008)
