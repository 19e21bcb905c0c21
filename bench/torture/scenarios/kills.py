"""Processes die, or stop and come back."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.torture import witness
from bench.torture.findings import Count, Finding
from bench.torture.nodes import Node
from bench.torture.plan import chance_for
from bench.torture.scenarios.load import under_load
from bench.torture.site import Site

VICTIMS = ("serve", "work", "postgres", "all")
SETTLE_SECONDS = 0.3
LONG_THOUGHTS_MILLISECONDS = (1_000, 2_000)
CATCH_SECONDS = 60.0
"""By then somebody was stopped with a turn in hand."""
TAKE_OVER_SECONDS = 60.0
"""By then others have done with it."""
LOOK_SECONDS = 0.1
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
    """A process is stopped in the middle of its turns, and comes back when others have answered them."""
    wrong: list[str] = []

    async def harm() -> Mapping[str, Count]:
        await asyncio.sleep(SETTLE_SECONDS)
        node, caught = await _caught(site)
        if node is None:
            wrong.append("Nobody was stopped with a turn in hand: nothing was shown.")
            return {"seconds stopped": 0.0, "turns in hand": 0}
        try:
            stopped_at = time.monotonic()
            left = 1
            while time.monotonic() < stopped_at + TAKE_OVER_SECONDS:
                await asyncio.sleep(LOOK_SECONDS)
                left = await witness.unfinished(site, caught)
                if not left and time.monotonic() >= stopped_at + site.scale.stop_seconds:
                    break
        finally:
            node.send(signal.SIGCONT)
        if left:
            wrong.append(f"{left} turns of a stopped process were not done by others within {TAKE_OVER_SECONDS:g} s.")
        return {"seconds stopped": time.monotonic() - stopped_at, "turns in hand": len(caught)}

    finding = await under_load(
        site,
        "stopped",
        harm,
        conversations=site.scale.conversations // 3,
        may_restart=False,
        thoughts_milliseconds=LONG_THOUGHTS_MILLISECONDS,
    )
    return replace(finding, broken=(*wrong, *finding.broken))


async def _caught(site: Site) -> tuple[Node | None, Sequence[int]]:
    """The process that has most turns in hand, stopped, and their messages; who had just ended them goes on.

    So does who is in the middle of a transaction: nobody can take over what it keeps locked (docs/torture.md).
    """
    until = time.monotonic() + CATCH_SECONDS
    while time.monotonic() < until:
        busiest, _ = max((await witness.in_hand(site)).items(), key=lambda one: len(one[1]), default=(0, ()))
        for node in site.nodes:
            if busiest in node.pids():
                node.send(signal.SIGSTOP)
                # What it had sent before is written now.
                await asyncio.sleep(LOOK_SECONDS)
                caught = (await witness.in_hand(site)).get(busiest)
                if caught and not await witness.has_open_transaction(site, busiest):
                    return node, caught
                node.send(signal.SIGCONT)
        await asyncio.sleep(LOOK_SECONDS)
    return None, ()


def _kill(site: Site, victim: str, unlucky: Node) -> None:
    of_kind = [node for node in site.nodes if node.kind == victim]
    for node in site.nodes if victim == "all" else [unlucky if unlucky in of_kind else node for node in of_kind[:1]]:
        node.send(signal.SIGKILL)
    if victim in {"postgres", "all"}:
        site.cluster.kill()
