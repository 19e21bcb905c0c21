"""All MCP servers that a process is connected to: opened when a turn needs one, shared, closed when idle."""

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.secrets import Secrets
from turnkeeper.agents.tools.http.look_up import LookUp, SystemLookUp
from turnkeeper.agents.tools.mcp.failures import ServerAwayError, SessionLostError
from turnkeeper.agents.tools.mcp.names import tool_name
from turnkeeper.agents.tools.mcp.tool import McpTool
from turnkeeper.agents.tools.outcomes import NoAnswerError, cut_off
from turnkeeper.agents.tools.secret_values import hidden, revealed
from turnkeeper.agents.tools.tool import Tool
from turnkeeper.core.agents import McpServer
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolFailedError

if TYPE_CHECKING:
    from turnkeeper.agents.tools.mcp.connection import Connection


@dataclass(frozen=True, kw_only=True, slots=True)
class McpLimits:
    """How long servers are waited for and kept, and how many at the same time."""

    start_seconds: float = 20.0
    """From the start of a process, or of a connection, to the list of its tools."""
    rest_seconds: float = 15.0
    """After a start that failed; meanwhile turns do without the server, and do not wait for it."""
    idle_seconds: float = 300.0
    servers: int = 64


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerTools:
    """What a turn has of one server: its tools, or a sentence about why it has none."""

    server: McpServer
    tools: tuple[Tool, ...]
    why_away: str | None = None


class McpServers:
    """The connections of one process; an async context manager. A server's settings and secrets are what tells it apart."""

    def __init__(self, secrets: Secrets, *, limits: McpLimits | None = None, look_up: LookUp | None = None) -> None:
        self._secrets = secrets
        self._limits = limits or McpLimits()
        self._look_up = look_up or SystemLookUp()
        self._links: dict[bytes, _Link] = {}
        self._tidying: asyncio.Task[None] | None = None
        self._closing: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._tidying is not None:
            self._tidying.cancel()
        await asyncio.gather(*self._closing, *(link.close() for link in self._links.values()), return_exceptions=True)
        self._links.clear()

    @asynccontextmanager
    async def tools_of(
        self, organization_id: int, servers: Sequence[McpServer]
    ) -> AsyncGenerator[tuple[ServerTools, ...]]:
        """The tools of these servers, all asked at the same time; none is closed meanwhile.

        A server that fails is in the result with its reason and without tools.

        Raises:
            TransientError: the database, where secrets are, is away.
        """
        links = [await self._link(organization_id, server) for server in servers]
        open_links = [link for link in links if isinstance(link, _Link)]
        for link in open_links:
            link.users += 1
        try:
            yield tuple(
                await asyncio.gather(*(_tools_of(server, link) for server, link in zip(servers, links, strict=True)))
            )
        finally:
            for link in open_links:
                link.users -= 1
                link.used_at = time.monotonic()

    async def probe(self, organization_id: int, server: McpServer) -> ServerTools:
        """Connect to a server anew, whatever is known of it, list its tools, and close the connection again.

        Raises:
            TransientError: the database, where secrets are, is away.
        """
        known = await self._revealed(organization_id, server)
        if isinstance(known, str):
            return ServerTools(server=server, tools=(), why_away=known)
        link = _Link(server, known, self._limits, self._look_up)
        try:
            return await _tools_of(server, link)
        finally:
            await link.close()

    async def _revealed(self, organization_id: int, server: McpServer) -> McpServer | str:
        """The server with its secrets; or why it cannot have them."""
        try:
            return replace(
                server,
                environment=await revealed(self._secrets, organization_id, server.environment),
                headers=await revealed(self._secrets, organization_id, server.headers),
            )
        except ToolFailedError as error:
            return f"The server {server.name!r} is not set up: {error}"

    async def _link(self, organization_id: int, server: McpServer) -> "_Link | str":
        """The link of these settings, perhaps a new one; or why there can be none."""
        known = await self._revealed(organization_id, server)
        if isinstance(known, str):
            return known
        key = hashlib.sha256(msgspec.json.encode((organization_id, known))).digest()
        link = self._links.get(key)
        if link is None:
            if len(self._links) >= self._limits.servers and not self._drop_idle():
                return (
                    f"The server {server.name!r} is not connected: {self._limits.servers} servers are in use already."
                )
            link = self._links[key] = _Link(server, known, self._limits, self._look_up)
        if self._tidying is None:
            self._tidying = asyncio.create_task(self._tidy(), name="tidy mcp servers")
        return link

    def _drop_idle(self) -> bool:
        """Make room by closing what was idle longest; whether there was any."""
        idle = [(link.used_at, key) for key, link in self._links.items() if link.users == 0]
        if idle:
            closing = asyncio.create_task(self._links.pop(min(idle)[1]).close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)
        return bool(idle)

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(self._limits.idle_seconds / 10)
            oldest = time.monotonic() - self._limits.idle_seconds
            for key, link in list(self._links.items()):
                if link.users == 0 and link.used_at < oldest:
                    del self._links[key]
                    await link.close()


class _Link:
    """One server by its settings; connects when it is needed, and again when the server is gone."""

    def __init__(self, written: McpServer, known: McpServer, limits: McpLimits, look_up: LookUp) -> None:
        """`known` is `written` with its secrets revealed."""
        self._written = written
        self._known = known
        self._limits = limits
        self._look_up = look_up
        self._connecting = asyncio.Lock()
        self._connection: Connection | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._rests_until = 0.0
        self._why_away = ""
        self.users = 0
        self.used_at = time.monotonic()

    async def connected(self) -> "Connection":
        """A live connection.

        Raises:
            NoAnswerError: there is none; nothing was sent.
        """
        async with self._connecting:
            if self._connection is not None and self._connection.is_alive:
                return self._connection
            if time.monotonic() < self._rests_until:
                raise NoAnswerError(self._why_away, was_sent=False)
            if self._connection is not None:
                self._end(self._connection)
            connection_class = await asyncio.to_thread(_load_library)  # the first time takes more than a second
            connection = connection_class(self._known, self._look_up)
            try:
                await connection.started(self._limits.start_seconds)
            except asyncio.CancelledError:
                self._end(connection)
                raise
            except ServerAwayError as error:
                self._end(connection)
                self._why_away = self._without_secrets(str(error))
                self._rests_until = time.monotonic() + self._limits.rest_seconds
                raise NoAnswerError(self._why_away, was_sent=False) from error
            self._connection = connection
            return connection

    async def call(self, tool: str, arguments: Mapping[str, object], meta: Mapping[str, str], kind: ToolKind) -> str:
        """See `Link.call`. A server that forgot us before it looked at the call is called once more."""
        try:
            for _ in range(2):
                connection = await self.connected()
                try:
                    return self._without_secrets(await connection.call(tool, arguments, meta))
                except SessionLostError:
                    continue
        except NoAnswerError as error:
            raise cut_off(kind, self._written.name, error) from error
        except ToolFailedError as error:
            raise ToolFailedError(self._without_secrets(str(error))) from error
        lost = NoAnswerError(f"The server {self._written.name!r} ends every session at once.", was_sent=False)
        raise cut_off(kind, self._written.name, lost)

    async def close(self) -> None:
        """End the connection, if there is one, and wait for those that are ending."""
        if self._connection is not None:
            self._end(self._connection)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _end(self, connection: "Connection") -> None:
        """Close it without waiting: a process may need seconds for its end."""
        if connection is self._connection:
            self._connection = None
        closing = asyncio.create_task(connection.close())
        self._ending.add(closing)
        closing.add_done_callback(self._ending.discard)

    def _without_secrets(self, text: str) -> str:
        text = hidden(text, self._written.environment, self._known.environment)
        return hidden(text, self._written.headers, self._known.headers)


def _load_library() -> "type[Connection]":
    from turnkeeper.agents.tools.mcp.connection import Connection  # noqa: PLC0415 - slow import

    return Connection


async def _tools_of(server: McpServer, link: _Link | str) -> ServerTools:
    if isinstance(link, str):
        return ServerTools(server=server, tools=(), why_away=link)
    try:
        connection = await link.connected()
    except NoAnswerError as error:
        return ServerTools(server=server, tools=(), why_away=error.why)
    offered = [tool for tool in connection.tools if server.tools is None or tool.name in server.tools]
    return ServerTools(
        server=server,
        tools=tuple(
            McpTool(
                spec=ToolSpec(
                    name=tool_name(server.name, tool.name), description=tool.description, parameters=tool.parameters
                ),
                kind=server.kinds.get(tool.name) or tool.kind or "at_most_once",
                tool=tool.name,
                link=link,
            )
            for tool in offered
        ),
    )
