"""Processes die, or stop and come back."""

import asyncio
import signal
from collections import Counter
from collections.abc import Mapping

from bench.torture import witness
from bench.torture.findings import Count, Finding
from bench.torture.nodes import Node
from bench.torture.plan import chance_for
from bench.torture.scenarios.load import under_load
from bench.torture.site import Site

VICTIMS = ("serve", "work", "postgres", "all")
SETTLE_SECONDS = 0.3
LONG_THOUGHT_MILLISECONDS = 2_000
MOST_STOPS = 6
"""A worker that turns out to have nothing in hand is let go on, and stopped another time."""
UNHEARD_SECONDS = 2.5
RECOVERED = 0.75
"""How often a kill waits until the last one is got over."""


async def kills(site: Site) -> Finding:
    """SIGKILL of serve, work, PostgreSQL, and all at once, in random order at random moments."""

    async def harm() -> Mapping[str, Count]:
        chance = chance_for(site.seed, "kills")
        killed: Counter[str] = Counter()
        order = [*VICTIMS] * (-(-site.scale.kills // len(VICTIMS)))
        chance.shuffle(order)
        for victim in order[: site.scale.kills]:
            # Mostly everybody is there and has work when somebody dies; sometimes they are still coming back.
            if chance.random() < RECOVERED:
                await site.ready()
            await asyncio.sleep(chance.uniform(SETTLE_SECONDS, site.scale.longest_peace_seconds))
            _kill(site, victim, chance.choice(site.nodes))
            killed[victim] += 1
        return {f"kills of {victim}": killed[victim] for victim in VICTIMS}

    return await under_load(site, "kills", harm, conversations=site.scale.conversations)


async def stopped(site: Site) -> Finding:
    """A worker is stopped in the middle of its turns, and comes back when others have answered them."""

    async def harm() -> Mapping[str, Count]:
        # One that serves, too: it is told first of what it accepts, and has most turns in hand.
        node = next(node for node in site.nodes if node.kind == "serve")
        in_hand = 0
        for number in range(MOST_STOPS):
            await asyncio.sleep(SETTLE_SECONDS * (1 + 2 * number))
            node.send(signal.SIGSTOP)
            try:
                await asyncio.sleep(UNHEARD_SECONDS)
                in_hand = await witness.in_dead_hands(site)
                if in_hand:
                    await asyncio.sleep(site.scale.stop_seconds - UNHEARD_SECONDS)
                    break
            finally:
                node.send(signal.SIGCONT)
        return {"seconds stopped": site.scale.stop_seconds if in_hand else 0.0, "turns in hand": in_hand}

    return await under_load(
        site,
        "stopped",
        harm,
        conversations=site.scale.conversations // 3,
        may_restart=False,
        longest_thought_milliseconds=LONG_THOUGHT_MILLISECONDS,
    )


def _kill(site: Site, victim: str, unlucky: Node) -> None:
    of_kind = [node for node in site.nodes if node.kind == victim]
    for node in site.nodes if victim == "all" else [unlucky if unlucky in of_kind else node for node in of_kind[:1]]:
        node.send(signal.SIGKILL)
    if victim in {"postgres", "all"}:
        site.cluster.kill()
