"""The database goes away: cut off, unheard, stopped, without room. It comes back, and no process is started again."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from bench.server import BenchError
from bench.torture.findings import Count, Finding
from bench.torture.plan import SMALL, chance_for
from bench.torture.scenarios.load import under_load
from bench.torture.site import Site, open_site

CUTS = 6
FULL_SECONDS = 4.0
SMALL_DISK_MEGABYTES = 400
_BLOCK = bytes(1 << 20)


async def cut(site: Site) -> Finding:
    """All connections are cut, several times; in between only those that listen."""

    async def harm() -> Mapping[str, Count]:
        chance, gone = chance_for(site.seed, "cut"), {True: 0, False: 0}
        for number in range(CUTS):
            await asyncio.sleep(chance.uniform(0.2, 0.8))
            only_listeners = number % 2 == 0
            gone[only_listeners] += await site.cluster.cut(only_listeners=only_listeners)
        return {"connections cut": gone[False], "listeners cut": gone[True]}

    return await under_load(site, "cut", harm, conversations=site.scale.conversations // 5, may_restart=False)


async def away(site: Site) -> Finding:
    """PostgreSQL is stopped for a while: connections stay, and nothing answers."""

    async def harm() -> Mapping[str, Count]:
        await asyncio.sleep(0.3)
        site.cluster.stop()
        try:
            await asyncio.sleep(site.scale.away_seconds)
        finally:
            site.cluster.go_on()
        return {"seconds away": site.scale.away_seconds}

    return await under_load(site, "away", harm, conversations=site.scale.conversations // 5, may_restart=False)


async def disk_full(site: Site) -> Finding:
    """The disk of a second installation fills up, and has room again."""
    try:
        async with open_site(site.seed, SMALL, megabytes=SMALL_DISK_MEGABYTES) as small:

            async def harm() -> Mapping[str, Count]:
                await asyncio.sleep(0.3)
                filler = small.cluster.folder / "filler"
                written = await asyncio.to_thread(_fill, filler)
                await asyncio.sleep(FULL_SECONDS)
                filler.unlink()
                return {"megabytes filled": written, "seconds full": FULL_SECONDS}

            return await under_load(small, "disk", harm, conversations=SMALL.conversations, may_restart=False)
    except BenchError as error:
        if "small file system" not in str(error):
            raise
        return Finding(scenario="disk", seconds=0.0, left_out=str(error))


def _fill(filler: Path) -> int:
    written = 0
    file = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (len(_BLOCK), 4096, 1):
            while True:
                try:
                    written += os.write(file, _BLOCK[:size])
                except OSError:
                    break
    finally:
        os.close(file)
    return written >> 20
