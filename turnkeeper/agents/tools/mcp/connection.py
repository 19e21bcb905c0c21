"""A connection to one MCP server: opened, listed, called, closed. Imports mcp, which is slow."""

import asyncio
import logging
import sys
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from importlib import metadata

from mcp import Client, MCPError
from mcp.client._transport import TransportStreams
from mcp.client.session import ClientSession
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_REQUEST,
    REQUEST_TIMEOUT,
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    InputRequiredResult,
)
from pydantic import TypeAdapter, ValidationError
from yarl import URL

from turnkeeper.agents.tools.http.look_up import LookUp
from turnkeeper.agents.tools.mcp.failures import ServerAwayError, SessionLostError
from turnkeeper.agents.tools.mcp.listing import ListedTool, listed_tools, sifted
from turnkeeper.agents.tools.mcp.results import text_of
from turnkeeper.agents.tools.mcp.stdio import LastWords, stdio_transport
from turnkeeper.agents.tools.mcp.web import BROKEN_OFF, NOT_SENT, web_transport
from turnkeeper.agents.tools.outcomes import NoAnswerError
from turnkeeper.core.addresses import reads_as_public
from turnkeeper.core.agents import McpServer
from turnkeeper.core.errors import ToolFailedError
from turnkeeper.core.sentences import counted

_GRACE_SECONDS = 5.0
"""Beyond the time of a call: for writing the request, and for telling the server that nobody waits any more."""
_ANSWER: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)

_log = logging.getLogger(__name__)


class Connection:
    """One server. A task of its own holds it open, because the library must be left by the task that entered it."""

    def __init__(self, server: McpServer, look_up: LookUp) -> None:
        """`server` has its secrets revealed."""
        self._server = server
        self._look_up = look_up
        self._ended = asyncio.Event()
        self._last_words = LastWords()
        self._session: ClientSession | None = None
        self._ready: asyncio.Future[tuple[ListedTool, ...]] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(self._hold(), name=f"mcp {server.name}")
        self.tools: tuple[ListedTool, ...] = ()

    @property
    def is_alive(self) -> bool:
        """Whether calls can be made."""
        return self._session is not None and not self._ended.is_set() and not self._holding.done()

    async def started(self, seconds: float) -> None:
        """Wait until the server has greeted and listed its tools; when it does not, give it up.

        Raises:
            ServerAwayError: it cannot be started or reached, is too slow, or does not speak the protocol.
        """
        try:
            async with asyncio.timeout(seconds):
                self.tools = await asyncio.shield(self._ready)
        except TimeoutError as error:
            self._holding.cancel()
            raise self._away(f"it did not answer within {counted(seconds, 'second')}") from error
        except asyncio.CancelledError:
            self._holding.cancel()
            raise

    async def call(self, tool: str, arguments: Mapping[str, object], meta: Mapping[str, str]) -> str:
        """The text of the answer.

        Raises:
            ToolFailedError: the server says that it did not work.
            NoAnswerError: the connection ended, the time passed, or the answer cannot be read.
            SessionLostError: nothing was done; connect again.
        """
        session = self._session
        if session is None or not self.is_alive:
            raise SessionLostError
        # As it goes over the wire: the library's types know no names of others in `_meta`.
        params = CallToolRequestParams.model_validate({"name": tool, "arguments": arguments, "_meta": meta})
        try:
            async with asyncio.timeout(self._server.seconds + _GRACE_SECONDS):
                result = await session.send_request(CallToolRequest(params=params), _ANSWER, self._server.seconds)
        except TimeoutError as error:
            raise self._too_slow() from error
        except MCPError as error:
            raise self._translated(error) from error
        except ValidationError as error:
            raise NoAnswerError(
                f"The server {self._server.name!r} answered what is no answer.", was_sent=True
            ) from error
        if isinstance(result, InputRequiredResult):
            raise ToolFailedError(
                f"The server {self._server.name!r} wants to ask a person first, which is not supported."
            )
        if result.is_error:
            raise ToolFailedError(text_of(result))
        return text_of(result)

    async def close(self) -> None:
        """End the connection, and the process if there is one; calls under way break off."""
        self._ended.set()
        if self._session is None:
            self._holding.cancel()
        await asyncio.wait([self._holding])

    async def _hold(self) -> None:
        """Open, list, and keep open until the server or we end it."""
        try:
            async with Client(
                sifted(self._transport(), self._server.name),
                cache=None,
                client_info=Implementation(name="turnkeeper", version=metadata.version("turnkeeper")),
            ) as client:
                tools = await listed_tools(client.session, self._server.name)
                self._session = client.session
                if not self._ready.done():
                    self._ready.set_result(tools)
                await self._ended.wait()
        except Exception as error:  # noqa: BLE001 - of a foreign program: whatever it is, the server is away
            self._note(error)
        finally:
            self._ended.set()
            if not self._ready.done():
                self._ready.set_exception(self._away("it was given up"))
                self._ready.exception()  # seen, should nobody wait any more

    def _transport(self) -> AbstractAsyncContextManager[TransportStreams]:
        if self._server.url is not None:
            host = URL(self._server.url).host or ""
            return web_transport(
                self._server.url,
                self._server.headers,
                look_up=self._look_up,
                # What reads as private was allowed, or it would not have been saved.
                only_public=reads_as_public(host) and not self._server.allows_private_addresses,
            )
        program, *words = self._server.command
        command = [sys.executable if program == "python" else program, *words]
        return stdio_transport(command, self._server.environment, ended=self._ended, last_words=self._last_words)

    def _note(self, error: Exception) -> None:
        first = _first(error)
        _log.warning(
            "mcp_server_failed server=%s error=%s said=%r",
            self._server.name,
            type(first).__name__,
            str(self._last_words)[-500:],
        )
        if not self._ready.done():
            self._ready.set_exception(self._away(_why(first)))
            self._ready.exception()

    def _away(self, why: str) -> ServerAwayError:
        return ServerAwayError(f"The server {self._server.name!r} does not answer: {why}.")

    def _too_slow(self) -> NoAnswerError:
        why = f"The server {self._server.name!r} did not answer within {counted(self._server.seconds, 'second')}."
        return NoAnswerError(why, was_sent=True)

    def _translated(self, error: MCPError) -> Exception:
        """What the library's error means for the call."""
        who = f"The server {self._server.name!r}"
        if error.code == REQUEST_TIMEOUT:
            return self._too_slow()
        if error.code == INVALID_REQUEST and error.message == "Session terminated":
            self._ended.set()
            return SessionLostError()
        if error.code in {NOT_SENT, BROKEN_OFF}:
            return NoAnswerError(f"{who} does not answer: {error.message}.", was_sent=error.code == BROKEN_OFF)
        # The library's code for a connection that ended is one that servers use for errors of their own.
        if error.code == CONNECTION_CLOSED and (self._ended.is_set() or error.message.startswith(_ENDINGS)):
            return NoAnswerError(f"{who} ended in the middle of the call.", was_sent=True)
        return ToolFailedError(f"{who} refused the call: {error.message}")


_ENDINGS = ("Connection closed", "SSE stream")


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType] - of errors
    return error  # pyright: ignore[reportUnknownVariableType] - the same


def _why(error: BaseException) -> str:
    match error:
        case FileNotFoundError():
            return "there is no such program on this machine"
        case OSError():
            return f"it could not be started ({error.strerror})"
        case MCPError() if error.code in {NOT_SENT, BROKEN_OFF}:
            return error.message
        case MCPError() if error.code == CONNECTION_CLOSED:
            return "it ended at once"
        case _:
            return "it does not speak the protocol as it should"
