"""The torture's person answers every question: otherwise a turn that rightly waits for people looks like a lost one."""

import asyncio
from pathlib import Path

from aiohttp import web

from bench.torture.nodes import Node
from bench.torture.person import Person
from bench.torture.plan import chance_for
from bench.torture.web import Troubles, Web
from bench.torture.world import Happened

WAIT_SECONDS = 5


class DyingDesk:
    """Keeps one question, and hangs up on the first decision after it was written, as a server does that is killed then."""

    def __init__(self) -> None:
        self.decisions: list[tuple[str, object]] = []
        """The key and the body of each try."""
        self.answered = asyncio.Event()

    async def listed(self, _request: web.Request) -> web.Response:
        """The question, until an answer to it arrived."""
        asked = {"id": "one", "arguments": {"method": "POST", "json": {"ticket": "Ticket 1"}}}
        return web.json_response({"items": [] if self.answered.is_set() else [asked]})

    async def decide(self, request: web.Request) -> web.Response:
        """Hang up once, then answer."""
        self.decisions.append((request.headers["Idempotency-Key"], await request.json()))
        if len(self.decisions) == 1:
            assert request.transport is not None
            request.transport.abort()
        else:
            self.answered.set()
        return web.json_response({})


async def test_a_person_decides_again_with_the_same_key_when_the_server_dies_before_it_answers(tmp_path: Path) -> None:
    desk, troubles = DyingDesk(), Troubles()
    app = web.Application()
    app.add_routes([web.get("/v1/approvals", desk.listed), web.post("/v1/approvals/one/decide", desk.decide)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    node = Node("serve", "serve-1", port=int(runner.addresses[0][1]), folder=tmp_path, environment={})
    client = Web((node,), chance_for(1, "person"), troubles)

    async def happened() -> Happened:
        return Happened(refunds={}, repeats=0, mails={"Ticket 1": 1})

    person = Person(client, "key", happened)
    deciding = asyncio.create_task(person.decide())
    waiting = asyncio.create_task(desk.answered.wait())
    try:
        async with asyncio.timeout(WAIT_SECONDS):
            await asyncio.wait({deciding, waiting}, return_when=asyncio.FIRST_COMPLETED)
        assert not deciding.done(), "whoever dies with the server answers nobody any more"
    finally:
        deciding.cancel()
        waiting.cancel()
        await asyncio.gather(deciding, waiting, return_exceptions=True)
        await client.close()
        await runner.cleanup()

    denied = {"decision": "deny", "note": "It was sent."}
    assert desk.decisions == [("decide-one", denied), ("decide-one", denied)]
    assert troubles.unmendable == []
    assert troubles.mended.total() == 1
