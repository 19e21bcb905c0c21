"""Tools and MCP servers in the dialect's words."""

import msgspec

from turnkeeper.actions.tools import ServerState, ToolSummary, ToolTrial
from turnkeeper.dialects.native.shapes.tools import ServerShape, ToolShape, TrialShape


def tool_shape(tool: ToolSummary) -> ToolShape:
    """A tool."""
    return ToolShape(
        name=tool.name,
        kind=tool.kind,
        description=tool.description,
        parameters=msgspec.Raw(msgspec.json.encode(tool.parameters)),
        source=tool.source,
    )


def server_shape(server: ServerState) -> ServerShape:
    """An MCP server."""
    return ServerShape(
        name=server.name,
        transport="stdio" if server.is_started else "http",
        state="connected" if server.problem is None else "away",
        problem=server.problem,
        tools=[tool_shape(tool) for tool in server.tools],
        seconds=round(server.seconds, 3),
    )


def trial_shape(tool: str, trial: ToolTrial) -> TrialShape:
    """What came of trying this tool."""
    return TrialShape(
        tool=tool, kind=trial.kind, outcome=trial.outcome, output=trial.output, seconds=round(trial.seconds, 3)
    )
