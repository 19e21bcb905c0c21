"""All nodes are started anew, one after the other, as at an upgrade."""

from collections.abc import Mapping

from bench.torture.findings import Count, Finding
from bench.torture.scenarios.load import under_load
from bench.torture.site import Site


async def rolling(site: Site) -> Finding:
    """Each node is asked to end, and the next one waits until its successor is ready."""
    codes: list[int] = []

    async def harm() -> Mapping[str, Count]:
        codes.extend([await node.restart() for node in site.nodes])
        return {"nodes restarted": len(codes)}

    finding = await under_load(site, "rolling", harm, conversations=site.scale.conversations // 2)
    if any(codes):
        return Finding(
            scenario=finding.scenario,
            seconds=finding.seconds,
            counts=finding.counts,
            broken=(*finding.broken, f"Nodes that were asked to end did so with {codes}."),
            lost=finding.lost,
            doubled=finding.doubled,
            gaps=finding.gaps,
        )
    return finding
