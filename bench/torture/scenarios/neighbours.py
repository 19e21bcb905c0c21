"""A noisy organization beside a quiet one: the quiet one's waits at most double."""

import asyncio
import time
from contextlib import suppress

from bench.torture import witness
from bench.torture.findings import Finding
from bench.torture.plan import chance_for
from bench.torture.site import AGENT, Site, Tenant
from bench.torture.talks import NativeTalk
from bench.torture.web import GaveUpError, Web

THOUGHT_MILLISECONDS = 300
WARM_SECONDS = 3.0
MOST_TIMES = 2.0
JUDGED_TURNS = 100
"""With fewer turns of the quiet one a 95th percentile says nothing."""


async def neighbours(site: Site) -> Finding:
    """The quiet one alone, and then beside a hundred times as many clients of the other organization."""
    began = time.monotonic()
    tickets: list[str] = []
    noise: list[str] = []
    web, noisy = site.web(chance_for(site.seed, "quiet")), site.web(chance_for(site.seed, "noisy"))
    try:
        alone = await _quiet(site, web, tickets, "alone")
        crowd = [asyncio.create_task(_clamour(site, noisy, number, noise)) for number in range(site.scale.noise)]
        await asyncio.sleep(WARM_SECONDS)
        heard = len(noise)
        since = time.monotonic()
        beside = await _quiet(site, web, tickets, "beside")
        rate = (len(noise) - heard) / (time.monotonic() - since)
        for task in crowd:
            task.cancel()
        await asyncio.gather(*crowd, return_exceptions=True)
    finally:
        await web.close()
        await noisy.close()
    broken = [*web.troubles.unmendable, *noisy.troubles.unmendable, *(await witness.judge(site, tickets))]
    times = _at(beside, 0.95) / _at(alone, 0.95)
    if times > MOST_TIMES and len(beside) >= JUDGED_TURNS:
        broken.append(f"The quiet organization waits {times:.2f} times as long beside a noisy one.")
    return Finding(
        scenario="neighbours",
        seconds=time.monotonic() - began,
        counts={
            "ms p50 alone": _at(alone, 0.5) * 1000,
            "ms p95 alone": _at(alone, 0.95) * 1000,
            "ms p50 beside": _at(beside, 0.5) * 1000,
            "ms p95 beside": _at(beside, 0.95) * 1000,
            "times the p95": times,
            "noisy clients": site.scale.noise,
            "noisy turns a second": rate,
        },
        broken=tuple(broken),
        lost=0,
    )


async def _quiet(site: Site, web: Web, tickets: list[str], phase: str) -> list[float]:
    talk = NativeTalk(web, site.tenant.key, AGENT)
    await talk.begin(f"quiet-{phase}-{site.seed}-new")
    times: list[float] = []
    for number in range(site.scale.quiet_turns):
        began = time.perf_counter()
        tickets.append(await _ask(site, web, talk, site.tenant, f"quiet-{phase}-{number}"))
        times.append(time.perf_counter() - began)
    return sorted(times)


async def _clamour(site: Site, web: Web, number: int, noise: list[str]) -> None:
    """One noisy client: a conversation, and one message after another."""
    with suppress(GaveUpError):
        talk = NativeTalk(web, site.neighbour.key, AGENT)
        await talk.begin(f"noisy-{site.seed}-{number}-new")
        place = 0
        while True:
            noise.append(await _ask(site, web, talk, site.neighbour, f"noisy-{number}-{place}"))
            place += 1


async def _ask(site: Site, web: Web, talk: NativeTalk, tenant: Tenant, name: str) -> str:
    ticket = f"Ticket {THOUGHT_MILLISECONDS}-{chance_for(site.seed, name).getrandbits(64):016x}"
    headers = {"Idempotency-Key": f"{name}-{site.seed}", "Prefer": "wait=15"}
    path = f"/v1/conversations/{talk.id}/messages"
    await web.ask("POST", path, tenant.key, body={"text": f"Question: {ticket}"}, headers=headers)
    return ticket


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
