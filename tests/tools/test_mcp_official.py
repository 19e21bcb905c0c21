"""Against servers made with the protocol's own library: what we send and read is not only our own understanding."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.types import ToolAnnotations

from tests.patience import PROCESS_PATIENCE
from tests.tools.things import EFFECT, Vault, context
from turnkeeper.agents.tools.mcp.servers import McpServers, ServerTools
from turnkeeper.core.agents import McpServer
from turnkeeper.core.errors import ToolFailedError


def payments() -> MCPServer:
    server = MCPServer("payments")

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def list_charges(customer: str) -> str:  # pyright: ignore[reportUnusedFunction] - the library has it now
        """List the charges of a customer."""
        return f"ch_1 of {customer}"

    @server.tool()
    def refund(context: Context[object]) -> str:  # pyright: ignore[reportUnusedFunction]
        """Refund."""
        meta = context.request_context.meta or {}
        return f"refunded under {meta.get('turnkeeper.dev/idempotency-key')}"

    @server.tool()
    def picture() -> Image:  # pyright: ignore[reportUnusedFunction]
        """Show."""
        return Image(data=b"\x89PNG", format="png")

    @server.tool(structured_output=True)
    def facts() -> dict[str, int]:  # pyright: ignore[reportUnusedFunction]
        """Tell."""
        return {"charges": 3}

    @server.tool()
    def shout() -> str:  # pyright: ignore[reportUnusedFunction]
        """Answer with more than is read."""
        return "ä" * 3_000_000

    return server


@pytest.fixture(params=[False, True], ids=["events", "json"])
async def found(request: pytest.FixtureRequest) -> AsyncIterator[ServerTools]:
    """The tools of the server over HTTP, answering with streams of events or with JSON."""
    app = payments().streamable_http_app(json_response=bool(request.param))
    config = uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(PROCESS_PATIENCE):
        while not server.started:
            await asyncio.wait([serving], timeout=0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        settings = McpServer(name="payments", url=f"http://127.0.0.1:{port}/mcp", seconds=10)
        async with McpServers(Vault()) as servers, servers.tools_of(1, [settings]) as (found,):
            assert found.why_away is None
            yield found
        server.should_exit = True
        await serving


async def called(found: ServerTools, name: str, arguments: str = "{}") -> str:
    (tool,) = [tool for tool in found.tools if tool.spec.name == f"payments__{name}"]
    return (await tool.call(arguments, context())).text


async def test_a_server_over_http_is_listed_and_called(found: ServerTools) -> None:
    assert {tool.spec.name: tool.kind for tool in found.tools}["payments__list_charges"] == "pure"
    assert await called(found, "list_charges", '{"customer": "cus_123"}') == "ch_1 of cus_123"
    assert await called(found, "refund") == f"refunded under {EFFECT}"
    assert await called(found, "picture") == "[A picture (image/png, 6 bytes) that is not shown.]"
    assert '"charges": 3' in await called(found, "facts")
    with pytest.raises(ToolFailedError, match="customer"):
        await called(found, "list_charges")


async def test_a_long_answer_over_http_is_cut(found: ServerTools) -> None:
    text = await called(found, "shout")

    assert text.startswith("äää")
    assert "only the beginning was read" in text
    assert len(text) < 300_000
