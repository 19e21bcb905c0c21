"""Tools: which there are, what an agent has of them, and trying one out."""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from turnkeeper.actions.agents import AgentName, check_admin, found
from turnkeeper.actions.once import once
from turnkeeper.agents.model import ToolCall
from turnkeeper.agents.tool_reply import log_failure, reply_of
from turnkeeper.agents.toolbox import Toolbox
from turnkeeper.agents.tools.absent import why_absent
from turnkeeper.agents.tools.mcp.servers import ServerTools
from turnkeeper.agents.tools.tool import Tool, ToolContext, kind_of_call
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import (
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    OutcomeUnknownError,
    ToolFailedError,
    ToolRetryError,
)
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.store import audit
from turnkeeper.store.database import Connection, Database

MOST_SECONDS = 60.0
"""Of one try, from opening the agent's tools to the answer."""
_MOST_TRIES = 2
"""At the same time in one process: a try with an Idempotency-Key holds a connection to the database."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolSummary:
    """A tool as people see it."""

    name: str
    kind: ToolKind
    description: str
    parameters: Mapping[str, object]
    """JSON Schema of the arguments."""
    source: Literal["server", "plugin", "http", "mcp"] = "server"
    """`http`: agents have it by their rules for HTTP; `mcp`: it comes from an MCP server of the agent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgentTools:
    """What an agent has at this moment, and sentences about what it misses."""

    tools: tuple[ToolSummary, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerState:
    """An MCP server of an agent at this moment."""

    name: str
    is_started: bool
    """Whether it is a program that is started here; else it is reached at an address."""
    problem: str | None
    """A sentence about why it is away; None when it is there."""
    tools: tuple[ToolSummary, ...]
    seconds: float
    """How long it took to find out."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolTrial:
    """What came of trying a tool."""

    kind: ToolKind
    outcome: Literal["completed", "error", "unknown"]
    """`unknown`: it was called, and may or may not have happened."""
    output: str
    """As a model would read it."""
    seconds: float


class ToolActions:
    """What operators and admins may ask of tools."""

    def __init__(self, database: Database, toolbox: Toolbox) -> None:
        self._database = database
        self._toolbox = toolbox
        self._trying = asyncio.Semaphore(_MOST_TRIES)

    def list(self) -> Sequence[ToolSummary]:
        """The tools that agents can choose by name."""
        return [self._summary(tool) for tool in self._toolbox.tools]

    async def offered(self) -> Sequence[ToolSummary]:
        """All that agents may use here but for tools of MCP servers, by name."""
        http = [replace(self._summary(tool), source="http") for tool in await self._toolbox.http_tools()]
        return sorted([*self.list(), *http], key=lambda tool: tool.name)

    async def of_agent(self, caller: Caller, agent: AgentName) -> AgentTools:
        """The tools that a turn of this agent would have now; its MCP servers are asked.

        Raises:
            NotFoundError: there is no such agent for this caller.
        """
        async with self._toolbox.opened(await self._agent(caller, agent)) as there:
            missing = tuple(dict.fromkeys(there.absent.values()))
            return AgentTools(tools=tuple(self._summary(tool) for tool in there.tools), missing=missing)

    async def servers_of(self, caller: Caller, agent: AgentName) -> Sequence[ServerState]:
        """The MCP servers of an agent, each asked for its tools.

        Raises:
            NotAllowedError: members may not.
            NotFoundError: there is no such agent for this caller.
        """
        _check_may_look(caller)
        began = time.monotonic()
        async with self._toolbox.servers_of(await self._agent(caller, agent)) as there:
            return [self._state(server, began) for server in there]

    async def try_server(self, caller: Caller, agent: AgentName, name: str) -> ServerState:
        """Connect to an MCP server of an agent anew, and close the connection again.

        Raises:
            NotAllowedError: members may not.
            NotFoundError: there is no such agent for this caller, or it has no such server.
        """
        check_admin(caller, "try the servers of")
        there = await self._agent(caller, agent)
        wanted = next((server for server in there.settings.mcp_servers if server.name == name), None)
        if wanted is None:
            raise NotFoundError("MCP server", name)
        began = time.monotonic()
        return self._state(await self._toolbox.probe(there, wanted), began)

    async def test(
        self,
        caller: Caller,
        agent: AgentName,
        tool: str,
        arguments: str,
        *,
        is_confirmed: bool,
        key: IdempotencyKey | None = None,
    ) -> Once[ToolTrial]:
        """Call a tool of the agent as a turn would, outside any conversation and without any approval; it is logged.

        Raises:
            NotAllowedError: members may not.
            NotFoundError: there is no such agent for this caller, or it has no such tool.
            ConflictError: code `confirmation_needed`: the call may change the world; `tool_absent`: the agent should
                have the tool, and has not now.
            TransientError: something that the tool needs is away.
        """
        check_admin(caller, "try the tools of")
        there = await self._agent(caller, agent)
        context = _context(caller, there, key)

        async def work(_connection: Connection | None = None) -> ToolTrial:
            # Before the call, in a transaction of its own: whatever comes of it, it is known that it was tried.
            async with self._database.transaction() as connection:
                details = {"tool": tool, "confirmed": is_confirmed}
                await audit.append(
                    connection, caller.actor, "agent.tool_called", target=there.public_id, details=details
                )
            return await self._tried(there, tool, arguments, context, is_confirmed=is_confirmed)

        # A key holds a connection from here on: those that wait for their turn must not hold all there are.
        async with self._trying:
            if key is None:
                return Once(value=await work(), replayed=False)
            return await once(self._database, caller, key, ToolTrial, work, is_one_statement=False)

    async def call(self, caller: Caller, slug: str, tool: str, arguments: str) -> str:
        """Call a tool of the agent as a turn would, outside any conversation and without any approval.

        Raises:
            NotAllowedError: members may not.
            NotFoundError: there is no such agent for this caller, or it has no such tool.
            InvalidError: the field `arguments` does not fit, or the tool says that it did not work.
            UpstreamError: the tool's other side does not answer.
        """
        if caller.role != "admin":
            raise NotAllowedError("Only admins may try tools; ask one, or use an admin's key.")
        agent = await self._agent(caller, slug)
        async with self._toolbox.opened(agent) as there:
            wanted = next((each for each in there.tools if each.spec.name == tool), None)
            if wanted is None:
                why = why_absent(there.absent, tool)
                raise InvalidError("tool", why) if why else NotFoundError("tool", tool)
            try:
                return (await wanted.call(arguments, _context(caller, agent, None))).text
            except (ToolRetryError, ToolFailedError) as error:
                raise InvalidError("arguments", str(error)) from error

    async def _tried(
        self, agent: Agent, tool: str, arguments: str, context: ToolContext, *, is_confirmed: bool
    ) -> ToolTrial:
        began = time.monotonic()
        async with self._toolbox.opened(agent) as there:
            wanted = next((each for each in there.tools if each.spec.name == tool), None)
            if wanted is None:
                why = why_absent(there.absent, tool)
                raise ConflictError(why, code="tool_absent") if why else NotFoundError("tool", tool)
            kind = kind_of_call(wanted, arguments)
            if kind != "pure" and not is_confirmed:
                raise ConflictError(
                    f"A call of {tool!r} may change something ({kind}); send `confirm` as true to make it.",
                    code="confirmation_needed",
                )
            left = began + MOST_SECONDS - time.monotonic()
            outcome, output = await _outcome(wanted, kind, arguments, context, seconds=left)
        seconds = time.monotonic() - began
        _log.info(
            "a tool was tried",
            extra={
                "organization_id": context.organization_id,
                "account_id": context.account_id,
                "agent_id": agent.id,
                "tool": tool,
                "kind": kind,
                "outcome": outcome,
                "effect_id": str(context.effect_id),
            },
        )
        return ToolTrial(kind=kind, outcome=outcome, output=output, seconds=seconds)

    async def _agent(self, caller: Caller, agent: AgentName) -> Agent:
        async with self._database.connection() as connection:
            return await found(connection, caller, agent)

    def _state(self, server: ServerTools, began: float) -> ServerState:
        return ServerState(
            name=server.server.name,
            is_started=bool(server.server.command),
            problem=server.why_away,
            tools=tuple(replace(self._summary(tool), source="mcp") for tool in server.tools),
            seconds=time.monotonic() - began,
        )

    def _summary(self, tool: Tool) -> ToolSummary:
        return ToolSummary(
            name=tool.spec.name,
            kind=tool.kind,
            description=tool.spec.description,
            parameters=tool.spec.parameters,
            source="plugin" if tool.spec.name in self._toolbox.plugin_names else "server",
        )


async def _outcome(
    tool: Tool, kind: ToolKind, arguments: str, context: ToolContext, *, seconds: float
) -> tuple[Literal["completed", "error", "unknown"], str]:
    """What a call came to, and what a model would read of it."""
    call = ToolCall(call_id="try", tool=tool.spec.name, arguments=arguments)
    try:
        async with asyncio.timeout(max(seconds, 0.0)):
            reply = await reply_of(tool, call, context, log_failure, kind=kind)
    except OutcomeUnknownError as error:
        return "unknown", error.message
    except TimeoutError:
        why = f"The tool {tool.spec.name!r} did not answer within {MOST_SECONDS:g} seconds."
        return ("error", why) if kind == "pure" else ("unknown", f"{why} Whether it happened is not known.")
    return reply.outcome, reply.output


def _check_may_look(caller: Caller) -> None:
    if caller.role != "admin":
        raise NotAllowedError("Only admins may see the servers of agents; ask one, or use an admin's key.")


def _context(caller: Caller, agent: Agent, key: IdempotencyKey | None) -> ToolContext:
    """Of no conversation. Each try is a call of its own, but for those with the same Idempotency-Key."""
    return ToolContext(
        organization_id=caller.organization_id,
        account_id=caller.account_id,
        conversation_id=0,
        message_id=0,
        data_set_id=agent.data_set_id,
        first_mark=1,
        effect_id=uuid4() if key is None else _effect_of(agent, key),
    )


def _effect_of(agent: Agent, key: IdempotencyKey) -> UUID:
    return uuid5(NAMESPACE_URL, f"{agent.public_id}\0{key.route}\0{key.key}")
