"""HTTP requests for agents: to checked addresses only, bounded in time and size. Imports aiohttp, which is slow."""

import asyncio
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from turnkeeper.agents.tools.http.look_up import LookUp, SystemLookUp
from turnkeeper.agents.tools.outcomes import NoAnswerError
from turnkeeper.core.addresses import is_numeric, is_public
from turnkeeper.core.errors import ToolFailedError
from turnkeeper.core.sentences import counted

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class HttpLimits:
    """What one request may take. `bytes` is how much of a body is read."""

    connect_seconds: float = 10.0
    seconds: float = 30.0
    bytes: int = 1024 * 1024
    connections: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """An answer. `is_whole` is False when the body was longer than the limit, or broke off."""

    status: int
    reason: str
    content_type: str
    charset: str | None
    location: str | None
    retry_after: float | None
    body: bytes
    is_whole: bool


class HttpClient:
    """Connections of one process for the HTTP tools; an async context manager. No cookies, no proxies, no redirects."""

    def __init__(self, *, look_up: LookUp | None = None, limits: HttpLimits | None = None) -> None:
        self._look_up = look_up or SystemLookUp()
        self._limits = limits or HttpLimits()

    async def __aenter__(self) -> Self:
        self._public = self._session(only_public=True)
        self._any = self._session(only_public=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._public.close()
        await self._any.close()

    async def fetch(
        self,
        method: str,
        url: URL,
        *,
        headers: Mapping[str, str],
        body: bytes | None = None,
        allows_private_addresses: bool = False,
    ) -> Fetched:
        """One request and its answer, whatever its status; redirects are not followed.

        Raises:
            ToolFailedError: the host has an address that is not of the public internet.
            NoAnswerError: it could not be reached, or broke off before its answer.
        """
        host = url.host or ""
        if is_numeric(host) and not allows_private_addresses and not is_public(host):
            raise _not_public(host)
        session = self._any if allows_private_addresses else self._public
        ends_at = asyncio.get_running_loop().time() + self._limits.seconds
        try:
            async with asyncio.timeout_at(ends_at):
                response = await session.request(method, url, headers=headers, data=body, allow_redirects=False)
            async with response:
                return await self._read(response, ends_at)
        except aiohttp.InvalidURL as error:
            raise NoAnswerError(f"{host!r} is no host that can be called.", was_sent=False) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, _NotPublicError):
                raise _not_public(host) from error
            why = f"{host!r} cannot be reached: {error.os_error.strerror or 'the connection failed'}."
            raise NoAnswerError(why, was_sent=False) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise NoAnswerError(f"{host!r} cannot be reached in time.", was_sent=False) from error
        except TimeoutError as error:
            why = f"{host!r} did not answer within {counted(self._limits.seconds, 'second')}."
            raise NoAnswerError(why, was_sent=True) from error
        except aiohttp.ClientError as error:
            raise NoAnswerError(f"The connection to {host!r} broke off before its answer.", was_sent=True) from error

    def _session(self, *, only_public: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            resolver=_CheckedResolver(self._look_up, only_public=only_public),
            limit=self._limits.connections,
            # An answer that never comes on a connection kept from before may mean anything; on a new one it means
            # that the request was sent.
            force_close=True,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, connect=self._limits.connect_seconds),
            trust_env=False,
        )

    async def _read(self, response: aiohttp.ClientResponse, ends_at: float) -> Fetched:
        """The answer; once its head is there, a body that breaks off or takes too long is kept as far as it came."""
        body, is_whole = bytearray(), True
        try:
            async with asyncio.timeout_at(ends_at):
                async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
                    body += chunk
                    if len(body) > self._limits.bytes:
                        del body[self._limits.bytes :]
                        is_whole = False
                        break
        except (aiohttp.ClientError, TimeoutError):
            is_whole = False
        return Fetched(
            status=response.status,
            reason=response.reason or "",
            content_type=response.content_type,
            charset=response.charset,
            location=response.headers.get("Location"),
            retry_after=_seconds(response.headers.get("Retry-After")),
            body=bytes(body),
            is_whole=is_whole,
        )


class _NotPublicError(OSError):
    """A name stands for an address that is not of the public internet."""


class _CheckedResolver(AbstractResolver):
    """Names to addresses that were checked: aiohttp connects to exactly these."""

    def __init__(self, look_up: LookUp, *, only_public: bool) -> None:
        self._look_up = look_up
        self._only_public = only_public

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - aiohttp's own interface
    ) -> list[ResolveResult]:
        found = await self._look_up.addresses(host, port)
        if not found:
            raise OSError(None, "the name has no address")
        if self._only_public and not all(is_public(address) for address in found):
            raise _NotPublicError
        return [_resolved(host, address, port) for address in found]

    async def close(self) -> None:
        return None


def _resolved(host: str, address: str, port: int) -> ResolveResult:
    return ResolveResult(
        hostname=host,
        host=address,
        port=port,
        family=socket.AF_INET6 if ":" in address else socket.AF_INET,
        proto=0,
        flags=socket.AI_NUMERICHOST,
    )


def _not_public(host: str) -> ToolFailedError:
    return ToolFailedError(f"{host!r} is not called: its address is not one of the public internet.")


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() and len(text) < 7 else None
