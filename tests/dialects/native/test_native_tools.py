"""Tools and MCP servers: listed, tried; what is away is a sentence."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import msgspec
import pytest
from inline_snapshot import snapshot

from tests.dialects.conftest import Stage
from tests.dialects.native.client import Native
from turnkeeper.actions.agents import NewAgent
from turnkeeper.core.agents import AgentSettings, McpServer

SERVER = Path(__file__).parents[2] / "tools" / "plain_server.py"


class Tool(msgspec.Struct):
    name: str
    kind: str
    description: str
    parameters: dict[str, object]
    source: str


class Tools(msgspec.Struct):
    items: list[Tool]
    missing: list[str] = []


class Server(msgspec.Struct):
    name: str
    transport: str
    state: str
    problem: str | None
    tools: list[Tool]


class Servers(msgspec.Struct):
    items: list[Server]


class Trial(msgspec.Struct):
    kind: str
    outcome: str
    output: str


def trial(body: bytes) -> Trial:
    return msgspec.json.decode(body, type=Trial)


@pytest.fixture
async def agent(stage: Stage) -> str:
    """The path of an agent with a server that is there and one that is not."""
    servers = (
        McpServer(name="pay", command=("python", str(SERVER)), tools=("list", "pay")),
        McpServer(name="gone", command=("/no/such/program",)),
    )
    new = NewAgent(name="Payer", tools=("search_products",), settings=AgentSettings(mcp_servers=servers))
    await stage.turnkeeper.actions.agents.save(stage.people.admin, new, slug="payer")
    return "/agents/payer"


@pytest.mark.requirement("native.tools.list")
async def test_the_tools_of_the_server_are_listed_with_their_schemas(admin: Native) -> None:
    tools = msgspec.json.decode((await admin.get("/tools")).body, type=Tools).items

    assert {tool.name: (tool.kind, tool.source) for tool in tools} == snapshot(
        {
            "http_get": ("pure", "http"),
            "http_request": ("at_most_once", "http"),
            "read_attachment": ("pure", "server"),
            "search_documents": ("pure", "server"),
            "search_products": ("pure", "server"),
            "write_file": ("idempotent", "server"),
        }
    )
    assert all(tool.parameters["type"] == "object" and tool.description for tool in tools)


@pytest.mark.requirement("native.tools.list")
async def test_an_agent_s_tools_are_listed_with_what_is_missing(admin: Native, agent: str) -> None:
    found = msgspec.json.decode((await admin.get(f"{agent}/tools")).body, type=Tools)

    assert [tool.name for tool in found.items] == ["search_products", "pay__list", "pay__pay"]
    assert len(found.missing) == 1
    assert "'gone' does not answer" in found.missing[0]


@pytest.mark.requirement("native.tools.test")
async def test_a_tool_that_only_reads_is_tried_at_once(admin: Native, agent: str) -> None:
    done = await admin.post("/agents/helper/tools/search_documents/test", {"arguments": {"query": "nothing"}})
    wrong = await admin.post("/agents/helper/tools/search_documents/test", {"arguments": {"query": 7}})
    listed = await admin.post(f"{agent}/tools/pay__list/test", {})

    assert (done.status, trial(done.body).kind, trial(done.body).outcome) == (200, "pure", "completed")
    assert (trial(wrong.body).outcome, "do not fit" in trial(wrong.body).output) == ("error", True)
    assert trial(listed.body).outcome == "completed"


@pytest.mark.requirement("native.tools.test")
async def test_a_call_that_may_change_something_is_made_once_and_when_it_is_confirmed(
    admin: Native, agent: str
) -> None:
    path = f"{agent}/tools/pay__pay/test"
    refused = await admin.post(path, {"arguments": {"amount": 5}})
    done = [
        await admin.post(path, {"arguments": {"amount": 5}, "confirm": True}, Idempotency_Key="pay") for _ in range(2)
    ]

    assert (refused.status, refused.problem.code) == (409, "confirmation_needed")
    assert trial(done[0].body).output.startswith("pay done by ")
    assert (done[1].body, done[1].headers["Idempotency-Replayed"]) == (done[0].body, "true")


@pytest.mark.requirement("native.tools.test")
async def test_many_tries_at_once_do_not_wait_for_each_other_s_connections(admin: Native, agent: str) -> None:
    done = await asyncio.gather(
        *(admin.post(f"{agent}/tools/pay__list/test", {}, Idempotency_Key=f"try-{number}") for number in range(8))
    )

    # Who waits for a connection until its time is over is told so.
    assert {answer.status for answer in done} == {200}


BAD: Mapping[str, tuple[str, object, int, str]] = {
    "unknown": ("/agents/payer/tools/nothing/test", {}, 404, "not_found"),
    "away": ("/agents/payer/tools/gone__pay/test", {}, 409, "tool_absent"),
    "arguments": ("/agents/payer/tools/pay__list/test", {"arguments": [1]}, 400, "invalid"),
    "field": ("/agents/payer/tools/pay__list/test", {"args": {}}, 400, "invalid"),
    "server": ("/agents/payer/mcp-servers/nothing/test", {}, 404, "not_found"),
}


@pytest.mark.requirement("native.tools.test")
@pytest.mark.usefixtures("agent")
async def test_what_cannot_be_tried_is_refused(admin: Native, member: Native, outsider: Native) -> None:
    for path, body, status, code in BAD.values():
        answer = await admin.post(path, body)
        assert (answer.status, answer.problem.code) == (status, code)
    for path in ("/agents/payer/tools/pay__list/test", "/agents/payer/mcp-servers/pay/test"):
        assert (await member.post(path, {})).status == 403
        assert (await outsider.post(path, {})).status == 404


@pytest.mark.requirement("native.tools.servers")
async def test_servers_are_listed_and_tried_and_what_is_wrong_is_a_sentence(admin: Native, agent: str) -> None:
    listed = msgspec.json.decode((await admin.get(f"{agent}/mcp-servers")).body, type=Servers).items
    tried = [
        msgspec.json.decode((await admin.post(f"{agent}/mcp-servers/{name}/test")).body, type=Server)
        for name in ("pay", "gone")
    ]

    for pay, gone in (listed, tried):
        assert (pay.state, pay.transport, pay.problem) == ("connected", "stdio", None)
        assert [(tool.name, tool.source) for tool in pay.tools] == [("pay__list", "mcp"), ("pay__pay", "mcp")]
        assert (gone.state, gone.tools) == ("away", [])
        assert gone.problem is not None
        assert "'gone' does not answer" in gone.problem
