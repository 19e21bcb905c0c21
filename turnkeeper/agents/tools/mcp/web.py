"""Servers that are spoken to over HTTP: failures told apart, long answers shortened. Imports mcp, which is slow."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
import msgspec
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from turnkeeper.agents.tools.mcp.long_lines import LongLines, shortened, shortened_event

NOT_SENT = -32_951
"""Our own codes of errors, beside those of JSON-RPC: nothing was sent."""
BROKEN_OFF = -32_952
"""It was sent, and no answer came, or one of somebody on the way."""

_CONNECT_SECONDS = 10.0
_SILENT_SECONDS = 300.0


@asynccontextmanager
async def web_transport(url: str, headers: Mapping[str, str]) -> AsyncGenerator[TransportStreams]:
    """A server at an address."""
    timeout = httpx2.Timeout(_CONNECT_SECONDS, read=_SILENT_SECONDS)
    async with (
        httpx2.AsyncClient(headers=dict(headers), timeout=timeout, transport=_Telling(), trust_env=False) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=None) as streams,
    ):
        yield streams


class _Telling(httpx2.AsyncBaseTransport):
    """A transport whose failures are answers: an exception would end the whole connection, and not say what it means."""

    def __init__(self) -> None:
        self._inner = httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout, httpx2.UnsupportedProtocol):
            return _failure(request, NOT_SENT, "it cannot be reached")
        except httpx2.TransportError:
            return _failure(request, BROKEN_OFF, "the connection broke off")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code >= 400 and kind != "application/json" and response.status_code not in {404, 405}:
            await response.aclose()
            code = BROKEN_OFF if response.status_code >= 500 else NOT_SENT
            return _failure(request, code, f"it answered with HTTP {response.status_code}")
        if kind in {"application/json", "text/event-stream"} and "content-encoding" not in response.headers:
            response.stream = _Shortening(response.stream, is_events=kind == "text/event-stream")
            response.headers.pop("content-length", None)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Shortening(httpx2.AsyncByteStream):
    """A body in which no message is longer than the limit."""

    def __init__(self, inner: httpx2.SyncByteStream | httpx2.AsyncByteStream, *, is_events: bool) -> None:
        assert isinstance(inner, httpx2.AsyncByteStream)
        self._inner = inner
        self._is_events = is_events

    async def __aiter__(self) -> AsyncIterator[bytes]:
        lines = LongLines(shortened_event if self._is_events else shortened, splits=self._is_events)
        async for chunk in self._inner:
            for line in lines.feed(chunk):
                yield line + b"\n"
        yield lines.end()

    async def aclose(self) -> None:
        await self._inner.aclose()


def _failure(request: httpx2.Request, code: int, why: str) -> httpx2.Response:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": why}}
    headers = {"content-type": "application/json"}
    return httpx2.Response(503, headers=headers, content=msgspec.json.encode(body), request=request)
