"""Servers that are spoken to over HTTP: failures told apart, long answers shortened. Imports mcp, which is slow."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx2
import msgspec
from mcp.client._transport import TransportStreams
from mcp.client.streamable_http import streamable_http_client

from turnkeeper.agents.tools.http.look_up import LookUp
from turnkeeper.agents.tools.mcp.long_lines import LongLines, shortened, shortened_event
from turnkeeper.core.addresses import is_numeric, is_public

NOT_SENT = -32_951
"""Our own codes of errors, beside those of JSON-RPC: nothing was sent."""
BROKEN_OFF = -32_952
"""It was sent, and no answer came, or one of somebody on the way."""

_CONNECT_SECONDS = 10.0
_SILENT_SECONDS = 300.0


@asynccontextmanager
async def web_transport(
    url: str, headers: Mapping[str, str], *, look_up: LookUp, only_public: bool
) -> AsyncGenerator[TransportStreams]:
    """A server at an address; with `only_public` nothing is sent to what is not of the public internet."""
    timeout = httpx2.Timeout(_CONNECT_SECONDS, read=_SILENT_SECONDS)
    transport = _Telling(look_up, only_public=only_public)
    async with (
        httpx2.AsyncClient(headers=dict(headers), timeout=timeout, transport=transport, trust_env=False) as client,
        streamable_http_client(url, http_client=client, max_sse_event_size=None) as streams,
    ):
        yield streams


class _Telling(httpx2.AsyncBaseTransport):
    """A transport whose failures are answers: an exception would end the whole connection, and not say what it means."""

    def __init__(self, look_up: LookUp, *, only_public: bool) -> None:
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False)
        self._look_up = look_up
        self._only_public = only_public

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._sent(request)
        except _NotPublicError:
            return _failure(request, NOT_SENT, "its address is not one of the public internet")
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

    async def _sent(self, request: httpx2.Request) -> httpx2.Response:
        """Send it to one of the addresses of its host, which were checked: the name is not looked up again."""
        refusal: httpx2.TransportError = httpx2.ConnectError("the name has no address")
        for address in await self._addresses(request.url):
            try:
                return await self._inner.handle_async_request(_pinned(request, address))
            except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
                refusal = error
        raise refusal

    async def _addresses(self, url: httpx2.URL) -> list[str]:
        """Raises: _NotPublicError, and ConnectError when the name cannot be looked up."""
        if is_numeric(url.host):
            found = [url.host]
        else:
            port = url.port or (443 if url.scheme == "https" else 80)
            try:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    found = await self._look_up.addresses(url.host, port)
            except OSError as error:  # a time-out is one, too
                raise httpx2.ConnectError("the name cannot be looked up") from error
        if self._only_public and not all(map(is_public, found)):
            raise _NotPublicError
        return found


class _NotPublicError(Exception):
    """The host has an address that is not of the public internet."""


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


def _pinned(request: httpx2.Request, address: str) -> httpx2.Request:
    """The request as it goes to this address. `Host`, and the name that its certificate must have, stay."""
    return httpx2.Request(
        request.method,
        request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": request.url.host},
    )


def _failure(request: httpx2.Request, code: int, why: str) -> httpx2.Response:
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": why}}
    headers = {"content-type": "application/json"}
    return httpx2.Response(503, headers=headers, content=msgspec.json.encode(body), request=request)
