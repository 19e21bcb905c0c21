"""Much at the same moment: one key many times, and many messages in one conversation."""

import asyncio
import time
from collections import Counter

import msgspec

from bench.stub_model import reply_of
from bench.torture import witness
from bench.torture.findings import Finding
from bench.torture.plan import chance_for
from bench.torture.site import AGENT, Site
from bench.torture.talks import NativeTalk


class _Made(msgspec.Struct):
    id: str


async def twins(site: Site) -> Finding:
    """One Idempotency-Key, many times at once: one turn."""
    began, chance = time.monotonic(), chance_for(site.seed, "twins")
    ticket = f"Ticket 0-{chance.getrandbits(64):016x}"
    broken: list[str] = []
    statuses: Counter[int] = Counter()
    made: set[str] = set()
    web = site.web(chance)
    try:
        talk = NativeTalk(web, site.tenant.key, AGENT)
        await talk.begin(f"twins-{site.seed}-new")
        path, headers = f"/v1/conversations/{talk.id}/messages", {"Idempotency-Key": f"twins-{site.seed}"}

        async def send() -> None:
            status, answer, _ = await web.once("POST", path, site.tenant.key, body={"text": ticket}, headers=headers)
            statuses[status] += 1
            if status == 202:
                made.add(msgspec.json.decode(answer, type=_Made).id)

        await asyncio.gather(*(send() for _ in range(site.scale.twins)))
        if set(statuses) != {202} or len(made) != 1:
            broken.append(f"{site.scale.twins} requests with one key made {len(made)} messages: {dict(statuses)}")
        for message in made:
            await talk.until_finished(message)
        texts = await talk.texts()
        if texts != [reply_of(ticket)]:
            broken.append(f"One message has {len(texts)} replies.")
    finally:
        await web.close()
    broken.extend(await witness.judge(site, [ticket]))
    return Finding(
        scenario="twins",
        seconds=time.monotonic() - began,
        counts={"requests with one key": site.scale.twins, "messages": len(made), "replies": len(texts)},
        broken=tuple(broken),
        lost=int(not texts),
    )


async def volley(site: Site) -> Finding:
    """Many messages at once into one conversation: as many replies, in the order in which the messages stand."""
    began, chance = time.monotonic(), chance_for(site.seed, "volley")
    tickets = [f"Ticket {chance.choice((0, 5, 20))}-{chance.getrandbits(64):016x}" for _ in range(site.scale.volley)]
    broken: list[str] = []
    web = site.web(chance)
    try:
        talk = NativeTalk(web, site.tenant.key, AGENT)
        await talk.begin(f"volley-{site.seed}-new")
        sending = [talk.send(ticket, f"volley-{site.seed}-{n}") for n, ticket in enumerate(tickets)]
        for message in await asyncio.gather(*sending):
            await talk.until_finished(message)
        texts = await talk.texts()
        if sorted(texts) != sorted(reply_of(ticket) for ticket in tickets):
            broken.append(f"{len(tickets)} messages have {len(texts)} replies, or others.")
    finally:
        await web.close()
    broken.extend(await witness.judge(site, tickets))
    return Finding(
        scenario="volley",
        seconds=time.monotonic() - began,
        counts={"messages at once": len(tickets), "replies": len(texts)},
        broken=tuple(broken),
        lost=len(tickets) - len(texts),
    )
