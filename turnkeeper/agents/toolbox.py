"""All tools that a process can give to turns: its own, those of plug-ins, HTTP, and those of MCP servers."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Self

from turnkeeper.agents.approval_policy import check_policy
from turnkeeper.agents.secrets import Secrets
from turnkeeper.agents.tools.absent import whole_server
from turnkeeper.agents.tools.http.rules import check_rules
from turnkeeper.agents.tools.mcp.servers import McpLimits, McpServers, ServerTools
from turnkeeper.agents.tools.mcp.settings import check_servers
from turnkeeper.agents.tools.secret_values import secret_names
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.core.agents import Agent, AgentSettings, HttpRule, McpServer
from turnkeeper.core.errors import InvalidError

if TYPE_CHECKING:
    from turnkeeper.agents.tools.http.tools import HttpTools

HTTP_TOOLS = ("http_get", "http_request")
"""Every agent has them whose settings have rules for HTTP; it need not name them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnTools:
    """What a turn may call, and what it should have had."""

    tools: tuple[Tool, ...]
    absent: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why tools are missing, a sentence each; for the keys see `tools.absent`."""


class Toolbox:
    """Where turns get their tools from; an async context manager that closes what was opened for them."""

    def __init__(
        self,
        *,
        tools: Sequence[Tool],
        secrets: Secrets,
        mcp_limits: McpLimits | None = None,
        plugins: Sequence[Tool] = (),
    ) -> None:
        """`tools` are those that agents choose by name; `plugins` are those that come from other packages."""
        tools = (*tools, *plugins)
        self.plugin_names = frozenset(tool.spec.name for tool in plugins)
        self._tools = {tool.spec.name: tool for tool in tools}
        self._secrets = secrets
        self._servers = McpServers(secrets, limits=mcp_limits)
        self._http: HttpTools | None = None
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._servers)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def tools(self) -> tuple[Tool, ...]:
        """The tools that agents choose by name."""
        return tuple(self._tools.values())

    async def http_tools(self) -> Sequence[Tool]:
        """The HTTP tools as an agent with a rule for every host would have them."""
        every = HttpRule(host="*", methods=("GET", "POST"))
        return await self._http_tools(AgentSettings(http=(every,)))

    @asynccontextmanager
    async def servers_of(self, agent: Agent) -> AsyncGenerator[tuple[ServerTools, ...]]:
        """The MCP servers of this agent, each asked, with its tools or a sentence about why it has none.

        Raises:
            TransientError: the database is away.
        """
        async with self._servers.tools_of(agent.organization_id, agent.settings.mcp_servers) as found:
            yield found

    async def probe(self, agent: Agent, server: McpServer) -> ServerTools:
        """Connect to an MCP server of this agent anew, whatever is known of it, and close the connection again.

        Raises:
            TransientError: the database is away.
        """
        return await self._servers.probe(agent.organization_id, server)

    async def check(self, organization_id: int, names: Sequence[str], settings: AgentSettings) -> None:
        """Refuse what an agent of this organization could not work with.

        Raises:
            InvalidError: a tool that does not exist, malformed settings, or a secret that the vault does not have.
            TransientError: the database is away.
        """
        known = {*self._tools, *(HTTP_TOOLS if settings.http else ())}
        for name in names:
            if name in HTTP_TOOLS and name not in known:
                raise InvalidError("tools", f"The tool {name!r} needs to know hosts; add rules for HTTP to the agent.")
            if name not in known:
                there = ", ".join(sorted(known)) or "none"
                raise InvalidError("tools", f"There is no tool {name!r}. The tools of this server: {there}.")
        check_servers(settings.mcp_servers)
        check_rules(settings.http)
        check_policy(settings.approvals)
        for where, values in _secret_places(settings):
            for name in secret_names(values):
                if await self._secrets.secret(organization_id, name) is None:
                    raise InvalidError(
                        where, f"The vault of the organization has no secret {name!r}; put it there first."
                    )

    @asynccontextmanager
    async def opened(self, agent: Agent, also: Sequence[str] = ()) -> AsyncGenerator[TurnTools]:
        """The tools of this agent, and those named `also`, usable until the end.

        What fails to come is absent, and disturbs nothing else.

        Raises:
            TransientError: the database is away.
        """
        chosen = [self._tools[name] for name in dict.fromkeys((*agent.tools, *also)) if name in self._tools]
        absent = {
            name: f"The tool {name!r} is not installed on this server."
            for name in agent.tools
            if name not in self._tools and name not in HTTP_TOOLS
        }
        if agent.settings.http:
            chosen += await self._http_tools(agent.settings)
        if not agent.settings.mcp_servers:
            yield TurnTools(tools=tuple(chosen), absent=absent)
            return
        async with self._servers.tools_of(agent.organization_id, agent.settings.mcp_servers) as found:
            for each in found:
                chosen += each.tools
                if each.why_away is not None:
                    absent[whole_server(each.server.name)] = each.why_away
            yield TurnTools(tools=tuple(chosen), absent=absent)

    async def _http_tools(self, settings: AgentSettings) -> Sequence[Tool]:
        if self._http is None:
            make = await asyncio.to_thread(_load_http)
            self._http = await self._stack.enter_async_context(make(self._secrets))
        return self._http.tools(settings.http)


def _load_http() -> "type[HttpTools]":
    from turnkeeper.agents.tools.http.tools import HttpTools  # noqa: PLC0415 - slow import

    return HttpTools


def _secret_places(settings: AgentSettings) -> list[tuple[str, Mapping[str, str]]]:
    """Where in the settings secrets may stand, by field."""
    places: list[tuple[str, Mapping[str, str]]] = []
    for number, server in enumerate(settings.mcp_servers):
        places += [
            (f"settings.mcp_servers[{number}].environment", server.environment),
            (f"settings.mcp_servers[{number}].headers", server.headers),
        ]
    places += [(f"settings.http[{number}].headers", rule.headers) for number, rule in enumerate(settings.http)]
    return places
