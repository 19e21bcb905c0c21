"""Whose tries to sign in are counted together: the address is what a trusted proxy says, and nobody else's word."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from tests.dialects.conftest import Stage, staged
from tests.fakes.people import Company
from turnkeeper.actions.tries import TRIES_OF_ONE, Tries
from turnkeeper.core.errors import RateLimitedError

CODE = {"code": "tkc_wrong"}
TRIES = 5 * TRIES_OF_ONE
"""More than a slow machine has back meanwhile: one each six seconds."""


@pytest.fixture
async def behind_a_proxy(database_url: str, company: Company, tmp_path: Path) -> AsyncGenerator[Stage]:
    """The server behind a proxy on this machine, which is trusted."""
    async with staged(database_url, company, tmp_path / "data", trusted_proxies="127.0.0.1") as stage:
        yield stage


async def tried(stage: Stage, said: Sequence[str]) -> list[int]:
    """Try to sign in, once for each word for where the request comes from, until it is refused; the statuses."""
    statuses: list[int] = []
    for client in said:
        headers = {"X-Forwarded-For": client}
        async with stage.http.post(f"{stage.address}/v1/sessions", json=CODE, headers=headers) as answer:
            statuses.append(answer.status)
        if statuses[-1] == 429:
            break
    return statuses


@pytest.mark.requirement("native.sessions")
async def test_behind_a_trusted_proxy_each_client_has_its_own_tries(behind_a_proxy: Stage) -> None:
    first = await tried(behind_a_proxy, ["203.0.113.7"] * TRIES)
    assert first[:TRIES_OF_ONE] == [401] * TRIES_OF_ONE
    assert first[-1] == 429
    assert await tried(behind_a_proxy, ["203.0.113.8", "198.51.100.1, 203.0.113.9"]) == [401, 401]
    assert 429 in await tried(behind_a_proxy, ["198.51.100.1, 203.0.113.7"] * 3)


@pytest.mark.requirement("native.sessions")
def test_passwords_are_counted_by_client_too() -> None:
    tries = Tries(clock=lambda: 0.0)
    for number in range(1, TRIES_OF_ONE + 1):
        tries.take("someone@example.com", f"2001:db8::{number:x}")
    for address in ("203.0.113.7", "2001:db8:0:1::1", "no address"):
        tries.take("someone@example.com", address)
    with pytest.raises(RateLimitedError):
        tries.take(" SOMEONE@example.com", "2001:db8::ffff")


@pytest.mark.requirement("native.sessions")
async def test_one_house_of_ipv6_is_one_client(behind_a_proxy: Stage) -> None:
    assert 429 in await tried(behind_a_proxy, [f"2001:db8::{number:x}" for number in range(1, TRIES)])
    assert await tried(behind_a_proxy, ["2001:db8:0:1::1"]) == [401]


@pytest.mark.requirement("native.sessions")
async def test_what_a_client_says_of_itself_gives_it_no_further_tries(stage: Stage) -> None:
    assert 429 in await tried(stage, [f"203.0.113.{number}" for number in range(TRIES)])
