"""MCP servers by name: where the name leads is checked at each request, and the request goes there and nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from aiohttp import web

from tests.patience import PROCESS_PATIENCE
from tests.tools.things import Names, Vault, context
from turnkeeper.agents.tools.mcp.servers import McpServers, ServerTools
from turnkeeper.agents.tools.mcp.settings import check_servers
from turnkeeper.core.agents import McpServer
from turnkeeper.core.errors import InvalidError

PUBLIC, LOOPBACK = "93.184.215.14", "127.0.0.1"
NAME = "tools.shop.example"


@dataclass(frozen=True, kw_only=True, slots=True)
class Inner:
    """A server of tools that stands in the private network, and the hosts by which it was asked."""

    port: int
    asked: list[str]

    def server(self, host: str = NAME, *, allows: bool = False) -> McpServer:
        return McpServer(name="inner", url=f"http://{host}:{self.port}/mcp", seconds=5, allows_private_addresses=allows)


@pytest.fixture
async def inner() -> AsyncIterator[Inner]:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.host)
        if request.method != "POST":
            return web.Response(status=405)
        body = await request.json()
        results: dict[str, object] = {
            "initialize": {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "inner", "version": "1"},
            },
            "tools/list": {"tools": [{"name": "secrets", "inputSchema": {"type": "object"}}]},
            "tools/call": {"content": [{"type": "text", "text": "the crown jewels"}]},
        }
        if body.get("method") not in results:
            return web.Response(status=202 if "id" not in body else 400)
        return web.json_response({"jsonrpc": "2.0", "id": body["id"], "result": results[body["method"]]})

    app = web.Application()
    app.router.add_route("*", "/mcp", answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, LOOPBACK, 0).start()
    yield Inner(port=int(runner.addresses[0][1]), asked=asked)
    await runner.cleanup()


async def found_at(server: McpServer, names: Names) -> ServerTools:
    async with (
        asyncio.timeout(PROCESS_PATIENCE),
        McpServers(Vault(), look_up=names) as servers,
        servers.tools_of(1, [server]) as (found,),
    ):
        return found


@pytest.mark.parametrize("addresses", [[LOOPBACK], [PUBLIC, LOOPBACK], ["::ffff:127.0.0.1"], ["169.254.169.254"]])
async def test_a_public_name_that_leads_to_a_private_address_is_not_asked(inner: Inner, addresses: list[str]) -> None:
    found = await found_at(inner.server(), Names({NAME: addresses}))

    assert found.tools == ()
    assert found.why_away == ("The server 'inner' does not answer: its address is not one of the public internet.")
    assert inner.asked == []


@pytest.mark.parametrize("host", ["127.1", "0x7f.0.0.1", "127.0.0.1.", "localhost.localdomain"])
async def test_other_spellings_of_a_private_address_are_not_asked(inner: Inner, host: str) -> None:
    # Whatever the system makes of these is checked as what it is.
    async with McpServers(Vault()) as servers, servers.tools_of(1, [inner.server(host)]) as (found,):
        assert found.tools == ()
    assert inner.asked == []


async def test_where_an_operator_allows_it_the_request_goes_to_the_address_that_was_looked_up(inner: Inner) -> None:
    names = Names({NAME: ["127.0.0.2", LOOPBACK]})

    async with (
        asyncio.timeout(PROCESS_PATIENCE),
        McpServers(Vault(), look_up=names) as servers,
        servers.tools_of(1, [inner.server(allows=True)]) as (found,),
    ):
        (tool,) = found.tools
        assert (await tool.call("{}", context())).text == "the crown jewels"

    # Nobody but ours can look up this name; the server sees the name all the same. It is looked up for each request, so that
    # one that leads elsewhere later is found out.
    assert set(inner.asked) == {f"{NAME}:{inner.port}"}
    assert names.asked == [NAME] * len(inner.asked)


async def test_an_address_that_is_written_as_a_private_one_is_asked(inner: Inner) -> None:
    found = await found_at(inner.server(LOOPBACK), Names({}))

    assert [tool.spec.name for tool in found.tools] == ["inner__secrets"]


async def test_a_name_that_nothing_has_is_said_so(inner: Inner) -> None:
    found = await found_at(inner.server("nothing.example"), Names({}))

    assert found.why_away == "The server 'inner' does not answer: it cannot be reached."


def test_a_command_has_no_address_to_allow() -> None:
    with pytest.raises(InvalidError) as refused:
        check_servers([McpServer(name="a", command=("x",), allows_private_addresses=True)])
    assert refused.value.field == "settings.mcp_servers[0].allows_private_addresses"
