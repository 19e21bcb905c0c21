"""At every door a quiet organization's request is served next, however many of a noisy one's wait."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from tests.dialects.conftest import Stage
from tests.patience import PATIENCE

NOISE = 20
PATHS = ("/api/conversations", "/api/public/v1/agents", "/v1/agents")
"""One of each dialect; each needs the database."""


@pytest.mark.requirement("native.fair_share")
async def test_a_quiet_organization_does_not_wait_behind_a_noisy_one_at_any_door(stage: Stage) -> None:
    pool = stage.turnkeeper.rooms.database.pool
    ended: list[str] = []

    async def ask(who: str, key: str, path: str) -> int:
        async with stage.http.get(stage.address + path, headers={"Authorization": f"Bearer {key}"}) as answer:
            ended.append(who)
            return answer.status

    async def until_waiting(count: int) -> None:
        while pool.get_stats()["requests_waiting"] < count:
            async with stage.http.get(f"{stage.address}/healthz"):
                pass

    for key in (stage.keys.admin, stage.keys.outsider):
        assert [await ask("known", key, path) for path in PATHS] == [200] * len(PATHS)

    async with asyncio.timeout(PATIENCE), AsyncExitStack() as held:
        for _ in range(pool.max_size - 1):
            await held.enter_async_context(pool.connection())
        async with pool.connection():
            noisy = [asyncio.create_task(ask("noisy", stage.keys.outsider, path)) for path in PATHS * NOISE]
            await until_waiting(len(noisy))
            quiet = [asyncio.create_task(ask("quiet", stage.keys.admin, path)) for path in PATHS]
            await until_waiting(len(noisy) + len(quiet))
        statuses = await asyncio.gather(*noisy, *quiet)

    assert set(statuses) == {200}
    served = [who for who in ended if who != "known"]
    assert max(place for place, who in enumerate(served) if who == "quiet") < NOISE
