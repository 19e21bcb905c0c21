"""A thousand wrong keys: refused in every door's own words, counted, logged without the key, and cheap."""

import logging
import re
from collections.abc import Mapping

import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.doors.keys import admin_of, key_for
from tests.fakes.still_clock import StillSeconds
from turnkeeper.actions.wrong_keys import WrongKeys
from turnkeeper.core.accounts import ALL_SCOPES
from turnkeeper.core.errors import TooManyWrongKeysError
from turnkeeper.core.keys import new_secret
from turnkeeper.settings import Settings

PATHS = {"native": "/v1/me", "nairi": "/api/public/v1/agents", "enthusiast": "/api/conversations"}
WRONG_PER_MINUTE = Settings().wrong_keys_per_minute
OF_OTHERS = 10
"""What the rest of the server may ask of the database meanwhile."""
_REQUEST_ID = re.compile(r'"request_id":"[^"]+"')


async def asked(stage: Stage, path: str, secret: str) -> tuple[int, Mapping[str, str], str]:
    """Ask with a key."""
    async with stage.http.get(stage.address + path, headers={"Authorization": f"Bearer {secret}"}) as answer:
        return answer.status, answer.headers, await answer.text()


async def exhausted(stage: Stage, path: str) -> list[str]:
    """Try wrong keys until they are refused; all of them. A slow machine has one back each second meanwhile."""
    wrong = [new_secret().text for _ in range(10 * WRONG_PER_MINUTE)]
    for number, secret in enumerate(wrong):
        status, _, _ = await asked(stage, path, secret)
        if status == 429:
            assert number >= WRONG_PER_MINUTE
            return wrong[: number + 1]
        assert status == 401
    raise AssertionError("No number of wrong keys was refused.")


def looks(stage: Stage) -> int:
    """How often anybody asked for a connection to the database."""
    return stage.turnkeeper.rooms.database.pool.get_stats()["requests_num"]


@pytest.mark.parametrize("door", PATHS)
@pytest.mark.requirement("native.wrong_keys")
async def test_too_many_wrong_keys_are_429_and_a_key_in_use_stays_good(
    stage: Stage, door: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await asked(stage, PATHS[door], stage.keys.admin))[0] == 200
    with caplog.at_level(logging.INFO):
        wrong = await exhausted(stage, PATHS[door])
        again = [await asked(stage, PATHS[door], wrong[-1])]
        while again[-1][0] == 401 and len(again) < WRONG_PER_MINUTE:  # one is had back each second
            again.append(await asked(stage, PATHS[door], wrong[-1]))
    status, headers, body = again[-1]
    assert (status, headers["Retry-After"]) == (429, "1")
    assert _REQUEST_ID.sub('"request_id":"id"', body) == BODIES[door]
    assert (await asked(stage, PATHS[door], stage.keys.admin))[0] == 200

    lines = [record for record in caplog.records if record.getMessage() == "too many wrong keys came from an address"]
    assert [vars(record)["client"] for record in lines] == ["127.0.0.1"]
    assert not [secret for secret in wrong if any(secret in repr(vars(record)) for record in caplog.records)]
    async with stage.http.get(stage.address + "/metrics") as answer:
        page = await answer.text()
    assert f'turnkeeper_refused_keys_total{{reason="unknown"}} {float(len(wrong) + len(again) - 2)}' in page
    assert 'turnkeeper_refused_keys_total{reason="too_many_wrong_keys"} 2.0' in page


BODIES = snapshot(
    {
        "native": '{"type":"urn:turnkeeper:problem:too_many_wrong_keys","title":"Too Many Requests","status":429,'
        '"detail":"Too many wrong keys came from your address; try again in 1 s.",'
        '"instance":"/v1/me","code":"too_many_wrong_keys","request_id":"id","retry_after":1}',
        "nairi": '{"error":"rate limit exceeded: try again in 1 seconds"}',
        "enthusiast": '{"detail":"Request was throttled. Expected available in 1 seconds."}',
    }
)


@pytest.mark.requirement("native.wrong_keys")
async def test_a_good_key_that_was_never_used_waits_until_the_wrong_ones_stop(stage: Stage) -> None:
    admin = await admin_of(stage)
    fresh = [await key_for(stage, admin, ALL_SCOPES) for _ in range(5)]
    said: list[str] = []
    for key in fresh:  # several: one gets in where a second goes by between the two requests
        await exhausted(stage, "/v1/me")
        said.append((await asked(stage, "/v1/me", key))[2])
        if "Too many wrong keys came from your address" in said[-1]:
            return
    raise AssertionError(said)


@pytest.mark.requirement("native.wrong_keys")
async def test_wrong_keys_cost_the_database_nothing(stage: Stage) -> None:
    wrong = new_secret().text
    assert (await asked(stage, "/v1/me", wrong))[0] == 401
    before = looks(stage)
    for secret in [wrong, "nonsense", "tk_short", "tk_" + "ä" * 43] * 5:
        assert (await asked(stage, "/v1/me", secret))[0] == 401
    for secret in (new_secret().text for _ in range(WRONG_PER_MINUTE)):
        await asked(stage, "/v1/me", secret)
    within = looks(stage)
    answers = [(await asked(stage, "/v1/me", new_secret().text))[0] for _ in range(200)]
    assert answers.count(429) > 150  # a slow machine has its tries back meanwhile, one a second
    assert within - before <= WRONG_PER_MINUTE + OF_OTHERS
    assert looks(stage) - within <= answers.count(401) + OF_OTHERS


@pytest.mark.requirement("native.wrong_keys")
def test_each_address_is_counted_by_itself_and_gets_its_tries_back() -> None:
    clock = StillSeconds()
    wrong = WrongKeys(WRONG_PER_MINUTE, clock=clock)
    for _ in range(WRONG_PER_MINUTE):
        wrong.check("203.0.113.7")
        wrong.note("203.0.113.7")
        wrong.note("2001:db8::1")
    for address in ("203.0.113.7", "::ffff:203.0.113.7", "2001:db8::2"):
        with pytest.raises(TooManyWrongKeysError) as refused:
            wrong.check(address)
        assert refused.value.retry_after == 1
    for address in ("203.0.113.8", "2001:db8:0:1::1", None):
        wrong.check(address)
    clock.seconds = 1
    wrong.check("203.0.113.7")
