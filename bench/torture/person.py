"""The person whom the agent asks: looks whether an e-mail went out whose sender died, and has it sent only if it did not."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import msgspec

from bench.torture.web import GaveUpError, Web
from bench.torture.world import Happened

LOOK_SECONDS = 0.3


class _Mail(msgspec.Struct):
    ticket: str


class _Arguments(msgspec.Struct):
    json: _Mail


class _Approval(msgspec.Struct):
    id: str
    arguments: _Arguments


class _Approvals(msgspec.Struct):
    items: list[_Approval]


class Person:
    """Answers every question of an organization. `happened` tells what the world outside saw."""

    def __init__(self, web: Web, key: str, happened: Callable[[], Awaitable[Happened]]) -> None:
        self.decided = 0
        """Questions that were answered."""
        self._web = web
        self._key = key
        self._happened = happened

    async def decide(self) -> None:
        """Answer until cancelled, whatever dies meanwhile: a turn whose question nobody answers waits for ever."""
        while True:
            with suppress(GaveUpError):  # noted where it was found
                found = await self._web.ask("GET", "/v1/approvals?state=waiting&limit=100", self._key)
                for approval in msgspec.json.decode(found, type=_Approvals).items:
                    await self._decide_one(approval)
            await asyncio.sleep(LOOK_SECONDS)

    async def _decide_one(self, approval: _Approval) -> None:
        ticket, happened = approval.arguments.json.ticket, await self._happened()
        if happened.on_the_way.get(ticket):
            return  # who looks too early would have a second one sent
        was_sent = ticket in happened.mails
        body = {"decision": "deny", "note": "It was sent."} if was_sent else {"decision": "approve"}
        # The key makes one decision of all tries, of which any may meet a server that dies before it has answered.
        headers = {"Idempotency-Key": f"decide-{approval.id}"}
        await self._web.ask("POST", f"/v1/approvals/{approval.id}/decide", self._key, body=body, headers=headers)
        self.decided += 1
