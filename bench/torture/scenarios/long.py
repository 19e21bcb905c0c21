"""One client, one message after another: what a turn costs, and that it costs the same after thousands."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.torture import witness
from bench.torture.findings import Finding
from bench.torture.plan import chance_for
from bench.torture.site import AGENT, Site
from bench.torture.talks import NativeTalk
from bench.torture.web import Web

BLOCKS = 10
FLAT = 1.35
"""The last blocks may cost so many times what the early ones did. The first one, in which memory fills, does not count."""
LONG_BLOCK = 500
"""In shorter blocks processor time is counted too coarsely to be judged."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """What so many turns cost, each."""

    milliseconds: float
    cpu_milliseconds: float
    log_bytes: float
    """What PostgreSQL wrote to its log."""
    kept_bytes: float
    """What its tables and indexes grew by."""


async def overhead(site: Site) -> Finding:
    """From question to reply, by one client that waits, with a model that answers at once."""
    began = time.monotonic()
    web = site.web(chance_for(site.seed, "overhead"))
    tickets: list[str] = []
    try:
        talk = NativeTalk(web, site.tenant.key, AGENT)
        await talk.begin(f"overhead-{site.seed}-new")
        times = [await _turn(site, web, talk, "overhead", tickets) for _ in range(site.scale.overhead_turns)]
    finally:
        await web.close()
    times.sort()
    middle = statistics.median(times) * 1000
    return Finding(
        scenario="overhead",
        seconds=time.monotonic() - began,
        counts={"turns": len(times), "ms p50": middle, "ms p95": times[int(0.95 * len(times))] * 1000},
        broken=tuple(await witness.judge(site, tickets)),
        lost=0,
        overhead_milliseconds=middle,
    )


async def long_talk(site: Site, progress: Callable[[float], None]) -> Finding:
    """A conversation of thousands of turns: time, processor time and bytes of a turn stay the same."""
    began, size = time.monotonic(), max(1, site.scale.long_turns // BLOCKS)
    web = site.web(chance_for(site.seed, "long"))
    tickets: list[str] = []
    blocks: list[Block] = []
    try:
        talk = NativeTalk(web, site.tenant.key, AGENT)
        await talk.begin(f"long-{site.seed}-new")
        for number in range(BLOCKS):
            blocks.append(await _block(site, web, talk, size, tickets))
            progress((number + 1) / BLOCKS)
    finally:
        await web.close()
    early, late = _mean(blocks[1:4]), _mean(blocks[-3:])
    broken = await witness.judge(site, tickets)
    for what, before, after, counts in (
        ("Time", early.milliseconds, late.milliseconds, False),
        ("Processor time", early.cpu_milliseconds, late.cpu_milliseconds, size >= LONG_BLOCK),
        ("What PostgreSQL logs", early.log_bytes, late.log_bytes, True),
        ("What is kept", early.kept_bytes, late.kept_bytes, size >= LONG_BLOCK),
    ):
        if counts and after > FLAT * before:
            broken.append(f"{what} of a turn grows: {before:.1f} early, {after:.1f} late.")
    return Finding(
        scenario="long",
        seconds=time.monotonic() - began,
        counts={
            "turns": len(tickets),
            "ms a turn early": early.milliseconds,
            "late": late.milliseconds,
            "CPU ms early": early.cpu_milliseconds,
            "CPU ms late": late.cpu_milliseconds,
            "logged bytes early": round(early.log_bytes),
            "logged bytes late": round(late.log_bytes),
            "kept bytes early": round(early.kept_bytes),
            "kept bytes late": round(late.kept_bytes),
        },
        broken=tuple(broken),
        lost=0,
        bytes_a_turn=late.kept_bytes if size >= LONG_BLOCK else None,
    )


async def _block(site: Site, web: Web, talk: NativeTalk, size: int, tickets: list[str]) -> Block:
    before, cpu, began = await _sizes(site), site.used_seconds(), time.monotonic()
    for _ in range(size):
        await _turn(site, web, talk, "long", tickets)
    seconds, used, after = time.monotonic() - began, site.used_seconds() - cpu, await _sizes(site)
    return Block(
        milliseconds=seconds * 1000 / size,
        cpu_milliseconds=used * 1000 / size,
        log_bytes=(after[0] - before[0]) / size,
        kept_bytes=(after[1] - before[1]) / size,
    )


async def _turn(site: Site, web: Web, talk: NativeTalk, name: str, tickets: list[str]) -> float:
    """One message and its reply; seconds."""
    ticket = f"Ticket 0-{chance_for(site.seed, name, len(tickets)).getrandbits(64):016x}"
    headers = {"Idempotency-Key": f"{name}-{site.seed}-{len(tickets)}", "Prefer": "wait=15"}
    began = time.perf_counter()
    path = f"/v1/conversations/{talk.id}/messages"
    await web.ask("POST", path, site.tenant.key, body={"text": f"Question: {ticket}"}, headers=headers)
    tickets.append(ticket)
    return time.perf_counter() - began


async def _sizes(site: Site) -> tuple[int, int]:
    """Bytes that PostgreSQL logged so far without whole pages, and those of the database."""
    async with await site.cluster.connect() as connection:
        cursor = await connection.execute(
            "SELECT wal_bytes::bigint - wal_fpi * current_setting('block_size')::bigint,"
            " pg_database_size(current_database()) FROM pg_stat_wal"
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(str(row[0])), int(str(row[1]))


def _mean(blocks: list[Block]) -> Block:
    return Block(
        milliseconds=statistics.mean(block.milliseconds for block in blocks),
        cpu_milliseconds=statistics.mean(block.cpu_milliseconds for block in blocks),
        log_bytes=statistics.mean(block.log_bytes for block in blocks),
        kept_bytes=statistics.mean(block.kept_bytes for block in blocks),
    )
