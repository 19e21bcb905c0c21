"""The torture's person answers every question: otherwise a turn that rightly waits for people looks like a lost one."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from bench.torture.nodes import Node
from bench.torture.person import Person
from bench.torture.plan import chance_for
from bench.torture.web import Troubles, Web
from bench.torture.world import Happened
from tests.patience import PATIENCE

SENT = {"decision": "deny", "note": "It was sent."}


class Desk:
    """Keeps one question; `dies` hangs up on the first decision after it was written, as a server that is killed then."""

    def __init__(self, *, dies: bool) -> None:
        self.decisions: list[tuple[str, object]] = []
        """The key and the body of each try."""
        self.answered = asyncio.Event()
        self._dies = dies

    async def listed(self, _request: web.Request) -> web.Response:
        """The question, until an answer to it arrived."""
        asked = {"id": "one", "arguments": {"method": "POST", "json": {"ticket": "Ticket 1"}}}
        return web.json_response({"items": [] if self.answered.is_set() else [asked]})

    async def decide(self, request: web.Request) -> web.Response:
        """Hang up once, then answer."""
        self.decisions.append((request.headers["Idempotency-Key"], await request.json()))
        if self._dies and len(self.decisions) == 1:
            assert request.transport is not None
            request.transport.abort()
        else:
            self.answered.set()
        return web.json_response({})


async def decided(desk: Desk, happened: Callable[[], Awaitable[Happened]], folder: Path) -> Troubles:
    """Have a person answer the desk's question; what it met."""
    app, troubles = web.Application(), Troubles()
    app.add_routes([web.get("/v1/approvals", desk.listed), web.post("/v1/approvals/one/decide", desk.decide)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    node = Node("serve", "serve-1", port=int(runner.addresses[0][1]), folder=folder, environment={})
    client = Web((node,), chance_for(1, "person"), troubles)
    person = Person(client, "key", happened)
    deciding = asyncio.create_task(person.decide())
    waiting = asyncio.create_task(desk.answered.wait())
    try:
        async with asyncio.timeout(PATIENCE):
            await asyncio.wait({deciding, waiting}, return_when=asyncio.FIRST_COMPLETED)
        assert not deciding.done(), "whoever dies with the server answers nobody any more"
    finally:
        deciding.cancel()
        waiting.cancel()
        await asyncio.gather(deciding, waiting, return_exceptions=True)
        await client.close()
        await runner.cleanup()
    return troubles


async def test_a_person_decides_again_with_the_same_key_when_the_server_dies_before_it_answers(tmp_path: Path) -> None:
    desk = Desk(dies=True)

    async def happened() -> Happened:
        return Happened(refunds={}, repeats=0, mails={"Ticket 1": 1}, on_the_way={})

    troubles = await decided(desk, happened, tmp_path)

    assert desk.decisions == [("decide-one", SENT), ("decide-one", SENT)]
    assert troubles.unmendable == []
    assert troubles.mended.total() == 1


async def test_a_person_does_not_decide_while_the_e_mail_is_on_its_way(tmp_path: Path) -> None:
    desk = Desk(dies=False)
    looks = iter([(dict[str, int](), {"Ticket 1": 1}), ({"Ticket 1": 1}, {"Ticket 1": 0})])

    async def happened() -> Happened:
        mails, on_the_way = next(looks)
        return Happened(refunds={}, repeats=0, mails=mails, on_the_way=on_the_way)

    await decided(desk, happened, tmp_path)

    assert desk.decisions == [("decide-one", SENT)]
