"""The operations on tools and MCP servers."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.agents import AGENT, NO_AGENT, NOT_ALLOWED
from turnkeeper.dialects.native.operations.parameters import KEY, REPLAYED
from turnkeeper.dialects.native.operations.problems import conflict, problem, wrong
from turnkeeper.dialects.native.shapes.tools import (
    AgentToolsShape,
    ServerShape,
    ServersShape,
    TestToolBody,
    ToolsShape,
    TrialShape,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_TOOL_EXAMPLE: Mapping[str, object] = {
    "name": "search_documents",
    "kind": "pure",
    "description": "Search the documents.",
    "parameters": {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
    "source": "server",
}
_SERVER_EXAMPLE: Mapping[str, object] = {
    "name": "payments",
    "transport": "http",
    "state": "connected",
    "problem": None,
    "tools": [{**_TOOL_EXAMPLE, "name": "payments__refund", "kind": "keyed", "source": "mcp"}],
    "seconds": 0.31,
}
_TOOL = Parameter(name="tool", where="path", description="The tool, as the agent's list names it.")
_SERVER = Parameter(name="server", where="path", description="The server's name in the agent's settings.")
_SLOW = "Each server is waited for 20 seconds at most; one that failed is not asked again for 15 seconds."

LIST = Operation(
    method="get",
    path="/tools",
    name="listTools",
    tag="Tools",
    scope="read",
    summary="The tools that agents may use here",
    description="All but those of MCP servers, which each agent has of its own.",
    replies=(Reply(status=200, description="The tools.", shape=ToolsShape, example={"items": [_TOOL_EXAMPLE]}),),
)

OF_AGENT = Operation(
    method="get",
    path="/agents/{agent_id}/tools",
    name="listAgentTools",
    tag="Tools",
    scope="read",
    summary="The tools that an agent has now",
    description=f"Its MCP servers are asked. {_SLOW}",
    parameters=(AGENT,),
    replies=(
        Reply(
            status=200,
            description="The tools, and what is missing.",
            shape=AgentToolsShape,
            example={"items": [_TOOL_EXAMPLE], "missing": ["The server 'gone' does not answer: it cannot be reached."]},
        ),
        NO_AGENT,
    ),
)

TEST = Operation(
    method="post",
    path="/agents/{agent_id}/tools/{tool}/test",
    name="testTool",
    tag="Tools",
    scope="manage_agents",
    summary="Try a tool of an agent",
    description=(
        "As a turn would call it, outside any conversation; no approval is asked for, and it is logged. A call that may "
        "change something needs `confirm`. It is waited for 60 seconds at most."
    ),
    parameters=(AGENT, _TOOL, KEY),
    request=TestToolBody,
    request_example={"arguments": {"query": "returns"}, "confirm": False},
    replies=(
        Reply(
            status=200,
            description="What came of it.",
            shape=TrialShape,
            example={
                "tool": "search_documents",
                "kind": "pure",
                "outcome": "completed",
                "output": "[1] returns.md\nWithin 30 days.",
                "seconds": 0.02,
            },
            headers=REPLAYED,
        ),
        wrong("The field 'arguments' must be an object.", "wrong_type", pointer="/arguments"),
        NOT_ALLOWED,
        problem(
            404,
            "not_found",
            "There is no tool 'nothing' for you.",
            description="You have no such agent, or it has no such tool.",
        ),
        conflict(
            "confirmation_needed",
            "A call of 'refund' may change something (keyed); send `confirm` as true to make it.",
            description="It may change something; or `tool_absent`: the agent should have the tool, and has not now.",
        ),
    ),
)

SERVERS = Operation(
    method="get",
    path="/agents/{agent_id}/mcp-servers",
    name="listMcpServers",
    tag="Tools",
    scope="read",
    summary="The MCP servers of an agent",
    description=f"Each is asked for its tools. For admins. {_SLOW}",
    parameters=(AGENT,),
    replies=(
        Reply(status=200, description="The servers.", shape=ServersShape, example={"items": [_SERVER_EXAMPLE]}),
        NOT_ALLOWED,
        NO_AGENT,
    ),
)

TEST_SERVER = Operation(
    method="post",
    path="/agents/{agent_id}/mcp-servers/{server}/test",
    name="testMcpServer",
    tag="Tools",
    scope="manage_agents",
    summary="Connect to an MCP server anew",
    description=(
        "Whatever is known of it; the connection is closed again. A server that is away is no error of this request: "
        "`problem` says why. The body is empty, or `{}`."
    ),
    parameters=(AGENT, _SERVER),
    replies=(
        Reply(status=200, description="How it is.", shape=ServerShape, example=_SERVER_EXAMPLE),
        wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
        NOT_ALLOWED,
        problem(
            404,
            "not_found",
            "There is no MCP server 'gone' for you.",
            description="You have no such agent, or it has no such server.",
        ),
    ),
)
