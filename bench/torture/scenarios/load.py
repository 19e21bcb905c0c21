"""Harm under load: clients hold conversations meanwhile, and then everything must be as it was promised."""

import time
from collections.abc import Callable, Coroutine, Mapping

from bench.torture import witness
from bench.torture.crowd import Crowd
from bench.torture.findings import Count, Finding
from bench.torture.site import Site

Harm = Callable[[], Coroutine[None, None, Mapping[str, Count]]]
"""Does its harm, and says how much it was."""


async def under_load(
    site: Site,
    scenario: str,
    harm: Harm,
    *,
    conversations: int,
    may_restart: bool = True,
    thoughts_milliseconds: tuple[int, int] | None = None,
) -> Finding:
    """Hold conversations, harm, and judge. Without `may_restart` every node must live through it."""
    began = time.monotonic()
    starts = [node.starts for node in site.nodes]
    attempts = await witness.attempts(site)
    done: dict[str, Count] = {}
    crowd = Crowd(site, scenario, conversations=conversations, thoughts_milliseconds=thoughts_milliseconds)

    async def noted() -> None:
        done.update(await harm())

    seen = await crowd.run(noted)
    await site.ready()
    effects, doubled, wrong = await witness.doubled_effects(site)
    broken = [*seen.broken, *wrong, *(await witness.judge(site, seen.promised))]
    if not may_restart and starts != [node.starts for node in site.nodes]:
        broken.append("A node had to be started again.")
    lost = await witness.lost_turns(site, seen.promised)
    if lost:
        broken.append(f"{lost} accepted messages were not answered.")
    troubles = crowd.web.troubles
    return Finding(
        scenario=scenario,
        seconds=time.monotonic() - began,
        counts={
            **done,
            "messages": len(seen.promised),
            "answered": seen.answered,
            "turns begun again": await witness.attempts(site) - attempts,
            "effects": effects,
            "streams": seen.streams,
            "stream connections": seen.stream_connections,
            "requests": troubles.requests,
            "mended by another try": sum(troubles.mended.values()),
            "questions to a person": seen.decided,
        },
        broken=tuple(broken),
        lost=lost,
        doubled=doubled,
        gaps=seen.gaps,
    )
