"""Tools and MCP servers on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.effects import ToolKind

_OBJECT: dict[str, object] = {"type": "object", "additionalProperties": True}


class ToolShape(msgspec.Struct, kw_only=True):
    """A tool."""

    name: Annotated[str, Meta(examples=["search_documents"])]
    kind: Annotated[
        ToolKind,
        Meta(description="What a second call would do: nothing (`pure`), the same (`idempotent`, `keyed`), or more."),
    ]
    description: Annotated[str, Meta(description="What a model is told of it.")]
    parameters: Annotated[msgspec.Raw, Meta(description="JSON Schema of the arguments.", extra_json_schema=_OBJECT)]
    source: Annotated[
        Literal["server", "plugin", "http", "mcp"],
        Meta(
            description="`plugin`: another package brings it. `http`: agents have it by their rules for HTTP, and need not "
            "name it. `mcp`: an MCP server of the agent has it."
        ),
    ]


class ToolsShape(msgspec.Struct, kw_only=True):
    """The tools that agents may use here, by name."""

    items: list[ToolShape]


class AgentToolsShape(msgspec.Struct, kw_only=True):
    """The tools that a turn of the agent would have now."""

    items: list[ToolShape]
    missing: Annotated[list[str], Meta(description="Sentences about what it should have, and has not.")]


class ServerShape(msgspec.Struct, kw_only=True):
    """An MCP server of an agent at this moment."""

    name: str
    transport: Annotated[Literal["stdio", "http"], Meta(description="`stdio`: a program that the server starts.")]
    state: Literal["connected", "away"]
    problem: Annotated[str | None, Meta(description="Why it is away: a sentence.")]
    tools: list[ToolShape]
    seconds: Annotated[float, Meta(description="How long it took to find out.")]


class ServersShape(msgspec.Struct, kw_only=True):
    """The MCP servers of an agent, in their order."""

    items: list[ServerShape]


class TestToolBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A call to try."""

    arguments: Annotated[
        msgspec.Raw | UnsetType, Meta(description="As a model would give them.", extra_json_schema=_OBJECT)
    ] = UNSET
    confirm: Annotated[bool, Meta(description="Needed for a call that may change something: it really happens.")] = (
        False
    )


class TrialShape(msgspec.Struct, kw_only=True):
    """What came of a try."""

    tool: str
    kind: ToolKind
    outcome: Annotated[
        Literal["completed", "error", "unknown"], Meta(description="`unknown`: it may or may not have happened.")
    ]
    output: Annotated[str, Meta(description="As a model would read it; at most 32,000 characters.")]
    seconds: float
