"""The world outside the server, in a process of its own that is never killed: a model that acts, and who takes its orders.

The model answers as the one of the benchmark does, and echoes the question's ticket. A question that says `pay` or `mail`
behind its ticket makes it call `http_request` first, once. The refunds honour keys; an e-mail goes out each time that one is
asked for. Both take their time before and after the deed, so that a caller may die at any moment of it. What happened is
told at `/happened`. Prints two ports, for refunds and model, and for e-mails; ends when its standard input does.
"""

import asyncio
import contextlib
import random
import re
import sys
from collections import defaultdict

import msgspec
import orjson
import uvloop
from aiohttp import web

from bench.stub_model import TICKET, StubModel, ending, event

LONGEST_PAUSE_SECONDS = 0.25
DEED = re.compile(rb"(Ticket \d+-[0-9a-f]{16}) (pay|mail)")


class Happened(msgspec.Struct):
    """What the world saw, by ticket."""

    refunds: dict[str, list[str]]
    """The keys that were honoured, each once."""
    repeats: int
    """Refunds that were asked for again with the same key, and not made again."""
    mails: dict[str, int]
    on_the_way: dict[str, int]
    """E-mails that were asked for and did not go out yet."""


class ActingModel(StubModel):
    """The model's wire."""

    ports: tuple[int, int] = (0, 0)
    """Where refunds and e-mails are asked for."""

    def asked(self, body: bytes) -> None:
        """Answer the last message: call a tool, or say the last words."""
        messages = orjson.loads(body)["messages"]
        question = next(each for each in reversed(messages) if each["role"] == "user")
        text = orjson.dumps(question["content"])
        deed = DEED.search(text)
        if deed is None or messages[-1]["role"] == "tool":
            self.answer(TICKET.search(text))
        else:
            self._call(deed[1].decode(), deed[2].decode())

    def _call(self, ticket: str, deed: str) -> None:
        port, path = (self.ports[0], "refund") if deed == "pay" else (self.ports[1], "mail")
        arguments = {"method": "POST", "url": f"http://127.0.0.1:{port}/{path}", "json": {"ticket": ticket}}
        function = {"name": "http_request", "arguments": orjson.dumps(arguments).decode()}
        call = {"index": 0, "id": "call_1", "type": "function", "function": function}
        self.say(event({"role": "assistant", "tool_calls": [call]}) + ending("tool_calls"), is_first=True, is_last=True)


class Service:
    """Refunds and e-mails, and what became of them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._happened = Happened(refunds=defaultdict(list), repeats=0, mails=defaultdict(int), on_the_way={})

    async def refund(self, request: web.Request) -> web.Response:
        """Once for each key."""
        ticket, key = await self._ticket(request), request.headers["Idempotency-Key"]
        await self._pause()
        if key in self._happened.refunds[ticket]:
            self._happened.repeats += 1
        else:
            self._happened.refunds[ticket].append(key)
        await self._pause()
        return web.json_response({"refunded": ticket})

    async def mail(self, request: web.Request) -> web.Response:
        """Each time."""
        on_the_way = self._happened.on_the_way
        ticket = await self._ticket(request)
        on_the_way[ticket] = on_the_way.get(ticket, 0) + 1
        await self._pause()
        self._happened.mails[ticket] += 1
        on_the_way[ticket] -= 1
        await self._pause()
        return web.json_response({"sent": ticket})

    async def happened(self, _request: web.Request) -> web.Response:
        """All of it."""
        return web.Response(body=msgspec.json.encode(self._happened), content_type="application/json")

    async def _ticket(self, request: web.Request) -> str:
        return str((await request.json())["ticket"])

    async def _pause(self) -> None:
        await asyncio.sleep(self._chance.uniform(0, LONGEST_PAUSE_SECONDS))


async def serve(seed: int) -> None:
    """Listen on free ports until standard input ends."""
    service = Service(seed)
    app = web.Application()
    app.add_routes(
        [
            web.post("/refund", service.refund),
            web.post("/mail", service.mail),
            web.get("/happened", service.happened),
        ]
    )
    # Whoever hangs up has changed nothing: a deed that was begun is done.
    runner = web.AppRunner(app, access_log=None, handler_cancellation=False, shutdown_timeout=0.2)
    await runner.setup()
    sites = [web.TCPSite(runner, "127.0.0.1", 0) for _ in range(2)]
    for site in sites:
        await site.start()
    ports = [int(address[1]) for address in runner.addresses]
    ActingModel.ports = (ports[0], ports[1])
    server = await asyncio.get_running_loop().create_server(ActingModel, "127.0.0.1", 0, backlog=1024)
    async with server:
        print(server.sockets[0].getsockname()[1], *ports, flush=True)
        await asyncio.to_thread(sys.stdin.read)
    with contextlib.suppress(asyncio.TimeoutError):
        await runner.cleanup()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
