"""What a server says it offers, made fit for models; what is malformed is left out. Imports mcp, which is slow."""

import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeGuard

from jsonschema.exceptions import SchemaError
from jsonschema.validators import validator_for
from mcp.client._transport import ReadStream, TransportStreams
from mcp.client.session import ClientSession
from mcp.shared.message import SessionMessage
from mcp_types import JSONRPCResponse, PaginatedRequestParams, Tool

from turnkeeper.core.effects import ToolKind

MOST_TOOLS = 128
"""Of one server; providers take no more in a request."""
_MOST_PAGES = 20
_LONGEST_DESCRIPTION = 4_000

_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListedTool:
    """A tool as its server describes it. `kind` is what its annotations promise, None when they promise nothing."""

    name: str
    description: str
    parameters: Mapping[str, object]
    kind: ToolKind | None


async def listed_tools(session: ClientSession, server: str) -> tuple[ListedTool, ...]:
    """Everything on offer, all pages, at most `MOST_TOOLS`; what the server calls malformed things was sifted out before."""
    found: dict[str, ListedTool] = {}
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        page = await session.list_tools(params=PaginatedRequestParams(cursor=cursor) if cursor else None)
        found |= {tool.name: _listed(tool) for tool in page.tools}
        cursor = page.next_cursor
        if not cursor:
            break
    if cursor or len(found) > MOST_TOOLS:
        _log.warning("mcp_tools_cut server=%s kept=%d", server, MOST_TOOLS)
    return tuple(found.values())[:MOST_TOOLS]


@asynccontextmanager
async def sifted(
    transport: AbstractAsyncContextManager[TransportStreams], server: str
) -> AsyncGenerator[TransportStreams]:
    """The transport, with malformed tools taken out of listings: one of them would make the library refuse all."""
    async with transport as (inbox, outbox):
        yield _Sifted(inbox, server), outbox


class _Sifted:
    """The stream of a server's messages, as the library reads it."""

    def __init__(self, inner: ReadStream[SessionMessage | Exception], server: str) -> None:
        self._inner = inner
        self._server = server

    @property
    def last_context(self) -> object:
        """What the library looks up on streams of its own."""
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> SessionMessage | Exception:
        return self._sift(await self._inner.receive())

    async def aclose(self) -> None:
        await self._inner.aclose()

    def close(self) -> None:
        close = getattr(self._inner, "close", None)
        if callable(close):
            close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        return self._sift(await self._inner.__anext__())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc_val: BaseException | None, exc_tb: TracebackType | None
    ) -> bool | None:
        await self.aclose()
        return None

    def _sift(self, item: SessionMessage | Exception) -> SessionMessage | Exception:
        if isinstance(item, SessionMessage) and isinstance(item.message, JSONRPCResponse):
            result: dict[str, object] = item.message.result
            tools = result.get("tools")
            if _is_list(tools):
                result["tools"] = [tool for tool in tools if self._is_fit(tool)]
        return item

    def _is_fit(self, tool: object) -> bool:
        why = _why_malformed(tool)
        if why is not None:
            name = str(tool.get("name"))[:100] if _is_object(tool) else "?"
            _log.warning("mcp_tool_left_out server=%s tool=%s why=%s", self._server, name, why)
        return why is None


def _why_malformed(tool: object) -> str | None:
    """Why a model cannot be offered this; None when it can."""
    if not _is_object(tool):
        return "it is no object"
    name, schema = tool.get("name"), tool.get("inputSchema")
    if not isinstance(name, str) or not name.strip():
        return "it has no name"
    if not isinstance(tool.get("description", ""), str | None):
        return "its description is no text"
    if not _is_object(schema) or schema.get("type") != "object" or not _is_object(schema.get("properties", {})):
        return "its inputSchema is no schema of an object"
    try:
        validator_for(dict(schema)).check_schema(dict(schema))
    except SchemaError as error:
        return f"its inputSchema is no JSON Schema: {error.message[:200]}"
    return None


def _listed(tool: Tool) -> ListedTool:
    hints = tool.annotations
    kind: ToolKind | None = None
    if hints is not None and hints.read_only_hint:
        kind = "pure"
    elif hints is not None and hints.idempotent_hint:
        kind = "idempotent"
    description = (tool.description or tool.title or tool.name).strip()
    return ListedTool(
        name=tool.name,
        description=description[:_LONGEST_DESCRIPTION],
        parameters={"properties": {}, **tool.input_schema},
        kind=kind,
    )


def _is_object(value: object) -> TypeGuard[Mapping[str, object]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)
