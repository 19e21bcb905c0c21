"""Where the requests of a key are counted, every door says what is left, and refuses one too many in its own words."""

import asyncio
import itertools
import re
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.doors.keys import admin_of
from tests.fakes.held import held
from tests.fakes.rooms import open_pool
from tests.fakes.still_clock import StillSeconds
from tests.patience import PATIENCE
from turnkeeper.actions.rates import Rates
from turnkeeper.actions.signin import SignIn
from turnkeeper.app import opened
from turnkeeper.core.errors import RateLimitedError
from turnkeeper.core.rates import Allowance, Spent, most_unsettled
from turnkeeper.settings import Settings
from turnkeeper.store import rates as stored
from turnkeeper.store.database import Database

PATHS = {"native": "/v1/me", "nairi": "/api/public/v1/agents", "enthusiast": "/api/conversations"}
_SECONDS = re.compile(r"\b(29|30)\b")
_REQUEST_ID = re.compile(r'"request_id":"[^"]+"')


@pytest.mark.parametrize("door", PATHS)
@pytest.mark.requirement("native.rates")
async def test_every_answer_says_what_is_left_and_one_too_many_is_429(stage: Stage, door: str) -> None:
    secret = await limited(stage, 2)
    first, _ = await get(stage, PATHS[door], secret)
    await get(stage, PATHS[door], secret)
    refused, body = await get(stage, PATHS[door], secret)
    assert (first.status, refused.status) == (200, 429)
    assert first.headers["RateLimit-Policy"] == refused.headers["RateLimit-Policy"] == '"key";q=2;w=60'
    assert first.headers["RateLimit"] == '"key";r=1;t=30'
    seconds = refused.headers["Retry-After"]
    assert refused.headers["RateLimit"] == f'"key";r=0;t={seconds}'
    assert 1 <= int(seconds) <= 30
    assert _REQUEST_ID.sub('"request_id":"id"', _SECONDS.sub("30", body)) == BODIES[door]


BODIES = snapshot(
    {
        "native": '{"type":"urn:turnkeeper:problem:rate_limited","title":"Too Many Requests","status":429,'
        '"detail":"This key may make 2 requests a minute, and has made them; try again in 30 s.",'
        '"instance":"/v1/me","code":"rate_limited","request_id":"id","retry_after":30}',
        "nairi": '{"error":"rate limit exceeded: try again in 30 seconds"}',
        "enthusiast": '{"detail":"Request was throttled. Expected available in 30 seconds."}',
    }
)


@pytest.mark.parametrize("door", PATHS)
@pytest.mark.requirement("native.rates")
async def test_errors_say_what_is_left_too_and_a_refused_request_does_nothing(stage: Stage, door: str) -> None:
    secret = await limited(stage, 1)
    answer, _ = await get(stage, f"{PATHS[door]}/nothing/here/at-all", secret)
    assert answer.status == 404
    known, _ = await get(stage, PATHS[door], secret)
    assert known.headers["RateLimit"].startswith('"key";r=0;')
    before = stage.rows()
    headers = {"Authorization": f"Bearer {secret}"}
    body = {"agent_id": stage.people.agent.id}
    async with stage.http.post(f"{stage.address}/api/conversations", headers=headers, json=body) as refused:
        assert refused.status == 429
    assert stage.rows() == before


@pytest.mark.parametrize("door", PATHS)
@pytest.mark.requirement("native.rates")
async def test_where_nothing_is_counted_nothing_is_said(stage: Stage, door: str) -> None:
    answer, _ = await get(stage, PATHS[door], stage.keys.admin)
    assert answer.status == 200
    assert not [name for name in answer.headers if name.lower().startswith("ratelimit")]


@pytest.mark.requirement("native.rates")
async def test_a_key_s_rate_is_changed_by_admins_and_counts_at_once(stage: Stage) -> None:
    secret = await limited(stage, 1)
    await get(stage, "/v1/me", secret)
    assert (await get(stage, "/v1/me", secret))[0].status == 429
    async with stage.http.get(
        f"{stage.address}/v1/keys?limit=1", headers={"Authorization": f"Bearer {stage.keys.admin}"}
    ) as response:
        key = (await response.json())["items"][0]["id"]
    async with stage.http.patch(
        f"{stage.address}/v1/keys/{key}",
        headers={"Authorization": f"Bearer {stage.keys.admin}"},
        json={"requests_per_minute": None},
    ) as response:
        assert response.status == 200
    assert (await get(stage, "/v1/me", secret))[0].status == 200


@pytest.mark.requirement("native.rates")
async def test_the_server_s_default_counts_where_a_key_says_nothing(stage: Stage) -> None:
    clock = StillSeconds(100)
    database = stage.turnkeeper.rooms.database
    rates, told = Rates(2, database, clock=clock), list[Allowance]()
    per_minute = rates.of_key(None)
    assert (per_minute, rates.of_key(5), Rates(0, database).of_key(None)) == (2, 5, None)
    assert per_minute is not None
    for _ in range(2):
        await rates.take(1, per_minute, told.append)
    with pytest.raises(RateLimitedError) as refused:
        await rates.take(1, per_minute, told.append)
    await rates.take(2, per_minute, None)
    assert refused.value.retry_after == 30
    clock.seconds += 30
    await rates.take(1, per_minute, told.append)
    assert [allowance.is_let_in for allowance in told] == [True, True, False, True]


@pytest.mark.requirement("native.rates")
async def test_keys_that_were_not_seen_for_long_are_forgotten(stage: Stage) -> None:
    rates = Rates(1, stage.turnkeeper.rooms.database)
    await rates.take(0, 1, None)
    for key in range(1, 10_001):
        await rates.take(key, 1, None)
    await rates.take(0, 1, None)
    with pytest.raises(RateLimitedError):
        await rates.take(10_000, 1, None)


@pytest.mark.requirement("native.rates")
async def test_two_nodes_together_let_in_what_a_key_may_and_at_most_a_tenth_more_each(
    stage: Stage, tmp_path: Path
) -> None:
    secret = await limited(stage, 100)
    began = time.monotonic()
    async with opened(Settings(data_dir=tmp_path / "other"), stage.database_url, works=False) as other:
        nodes = (stage.turnkeeper.actions.signin, other.actions.signin)
        let_in = await asyncio.gather(*(taken(node, secret) for node in nodes))
        again = await asyncio.gather(*(taken(node, secret) for node in nodes))
        came_back = (time.monotonic() - began) * 100 / 60
    assert all(let_in)
    assert 100 <= sum(let_in) <= 100 + 2 * 10 + came_back
    assert sum(again) <= came_back, "what was let in above the limit is paid back"


@pytest.mark.requirement("native.rates")
async def test_a_node_that_comes_later_knows_what_the_others_let_in(stage: Stage, tmp_path: Path) -> None:
    secret = await limited(stage, 3)
    first = await taken(stage.turnkeeper.actions.signin, secret)
    async with opened(Settings(data_dir=tmp_path / "other"), stage.database_url, works=False) as other:
        second = await taken(other.actions.signin, secret)
    assert (first, second) == (3, 1)


@pytest.mark.requirement("native.rates")
async def test_while_the_database_is_away_a_node_counts_for_itself() -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none", max_connections=1)
    rates = Rates(0, away)
    for _ in range(3):
        await rates.take(1, 3, None)
    with pytest.raises(RateLimitedError):
        await rates.take(1, 3, None)
    assert not await rates.settle()


@pytest.mark.requirement("native.rates")
async def test_many_requests_of_a_key_wait_together_for_a_database_that_does_not_answer(database_url: str) -> None:
    per_minute, wait_seconds = 3_000, 0.2
    count = int(2 * PATIENCE / wait_seconds)  # one by one they would wait for twice as long as the test does
    async with open_pool(Database(database_url, max_connections=1)) as database:
        database.pool.timeout = wait_seconds
        rates = Rates(0, database)
        for _ in range(most_unsettled(per_minute)):
            await rates.take(1, per_minute, None)
        async with database.connection(), asyncio.timeout(PATIENCE):
            await asyncio.gather(*(rates.take(1, per_minute, None) for _ in range(count)))


@pytest.mark.requirement("native.rates")
async def test_a_key_that_is_deleted_while_its_requests_are_settled_is_left_out(stage: Stage) -> None:
    async def add() -> Mapping[int, float]:
        async with stage.turnkeeper.rooms.database.connection() as connection:
            return await stored.add(connection, {key: Spent(seconds=1, age_seconds=0) for key in (first, second)})

    accounts = stage.turnkeeper.actions.accounts
    first, second = [key.id for key in await accounts.keys(await accounts.organization(name=None))]
    async with (
        asyncio.timeout(PATIENCE),
        held(stage.database_url, f"DELETE FROM api_keys WHERE id = {first}") as erasing,
    ):
        adding = asyncio.create_task(add())
        await erasing.waiter()
        await erasing.commit()
        full_in = await adding
    assert list(full_in) == [second]


async def taken(node: SignIn, secret: str) -> int:
    """Ask until a request is refused; how many were not."""
    for number in itertools.count():
        try:
            await node.caller_of(secret)
        except RateLimitedError:
            return number
    raise AssertionError


async def limited(stage: Stage, requests_per_minute: int) -> str:
    """A key of the admin that may make so many requests."""
    account = await admin_of(stage)
    made = await stage.turnkeeper.actions.accounts.create_key(
        account, name="limited", requests_per_minute=requests_per_minute
    )
    return made[1]


async def get(stage: Stage, path: str, secret: str) -> tuple[aiohttp.ClientResponse, str]:
    headers = {"Authorization": f"Bearer {secret}"}
    async with stage.http.get(stage.address + path, headers=headers) as response:
        return response, await response.text()
