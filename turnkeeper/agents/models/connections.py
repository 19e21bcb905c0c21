"""HTTP to model providers: one pool of connections for all wires, and the reading of a streamed reply under deadlines."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import aiohttp
from yarl import URL

from turnkeeper.agents.model import ModelDelta
from turnkeeper.core.errors import TransientError, UpstreamError

_LONGEST_ERROR = 64 * 1024
_ATTEMPTS_TO_SEND = 2
_GATHER_SECONDS = 0.02
"""Half of what events wait anyway: the log of a turn is written every 40 ms."""
_READS_BEFORE_GATHERING = 8
"""So many reads in a row must have brought something at once before any is put off: a short reply never waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadlines:
    """Seconds that a provider may be silent."""

    connect: float = 10.0
    first_byte: float = 120.0
    """From the request to the first byte of the reply's body: a long prompt on a small machine takes its time."""
    between_bytes: float = 60.0
    after_end: float = 5.0
    """From the model's last word to the end of the stream, which brings the usage; missing it is no failure."""


FailureOf = Callable[[int, Mapping[str, str], bytes], UpstreamError]
"""What an answer with a status other than 200 means: status, headers, as much of the body as was read."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One streaming request. `who` names the model in errors."""

    who: str
    url: URL
    headers: Mapping[str, str]
    body: Callable[[], bytes]
    is_large: bool
    """The body is megabytes: too much to be made on the event loop, which has other turns to serve."""
    failure_of: FailureOf


class ReplyReader(Protocol):
    """Turns the bytes of one reply into deltas. It knows no sockets."""

    @property
    def is_finished(self) -> bool:
        """The model's reply is whole; only what it cost may still follow."""
        ...

    @property
    def is_done(self) -> bool:
        """The server said that nothing follows."""
        ...

    def feed(self, chunk: bytes) -> Sequence[ModelDelta]:
        """The thoughts and the text that these bytes bring.

        Raises:
            TransientError: the stream tells of a failure that may get better.
            RefusedError: it tells of one that will not, or does not speak the protocol, or is far too long.
        """
        ...

    def end(self) -> Sequence[ModelDelta]:
        """What remains when no more bytes come: text, tool calls, and the end.

        Raises:
            TransientError: the reply is not whole.
            RefusedError: what came does not speak the protocol.
        """
        ...


class Connections:
    """The connections of one process. None is opened before it is needed; `close` closes them all, for good."""

    def __init__(self, deadlines: Deadlines | None = None, *, gathers_after: int = _READS_BEFORE_GATHERING) -> None:
        """`gathers_after` so many quick reads the tokens of a reply are no longer read one by one."""
        self._deadlines = deadlines or Deadlines()
        self._gathers_after = gathers_after
        self._session: aiohttp.ClientSession | None = None
        self._is_closed = False

    async def close(self) -> None:
        """Close all connections; calls under way break off."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def stream(self, call: Call, reader: ReplyReader) -> AsyncGenerator[ModelDelta, None]:
        """Send the request and read the reply; see `LanguageModel.stream`."""
        try:
            async with (
                await self._send(call) as response,
                _Patience(response, self._deadlines, self._gathers_after) as patience,
            ):
                while not reader.is_done:
                    try:
                        chunk = await patience.read(is_finished=reader.is_finished)
                    except (aiohttp.ClientError, TimeoutError):
                        if reader.is_finished:
                            break
                        raise
                    if not chunk:
                        break
                    for delta in reader.feed(chunk):
                        yield delta
                for delta in reader.end():
                    yield delta
        except TimeoutError as error:
            raise TransientError(call.who, "The model provider did not answer in time.") from error
        except aiohttp.ClientConnectorError as error:
            raise TransientError(call.who, "The model provider cannot be reached.") from error
        except aiohttp.ClientError as error:
            raise TransientError(call.who, "The connection to the model provider broke off.") from error

    async def _send(self, call: Call) -> aiohttp.ClientResponse:
        """The response to the request, once its status is known to be 200."""
        session = self._opened(call.who)
        body = await asyncio.to_thread(call.body) if call.is_large else call.body()
        for attempt in range(1, _ATTEMPTS_TO_SEND + 1):
            try:
                async with asyncio.timeout(self._deadlines.connect + self._deadlines.first_byte):
                    response = await session.post(call.url, data=body, headers=call.headers, allow_redirects=False)
                break
            except (aiohttp.ServerDisconnectedError, ConnectionResetError):
                # A kept connection may have been closed by the server just now; a fresh one tells.
                if attempt == _ATTEMPTS_TO_SEND:
                    raise
        else:
            raise AssertionError
        if response.status == 200:
            return response
        async with response, asyncio.timeout(self._deadlines.connect):
            told = b""
            async for chunk in response.content.iter_any():
                told += chunk
                if len(told) > _LONGEST_ERROR:
                    break
        raise call.failure_of(response.status, response.headers, told)

    def _opened(self, who: str) -> aiohttp.ClientSession:
        if self._is_closed:
            raise TransientError(who, "The server is shutting down.")
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30.0),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._deadlines.connect),
            )
        return self._session


class _Patience:
    """Reads a response's body and gives up after a silence.

    One timer serves the whole reply and looks, when it fires, how long the read under way has waited: a timer for each
    read would cost more than parsing what is read. Waking up for each token costs most of all: when the pieces of a reply
    come fast, the socket is left alone for a moment, so that the kernel gathers what then is read at once.
    """

    def __init__(self, response: aiohttp.ClientResponse, deadlines: Deadlines, gathers_after: int) -> None:
        self._response = response
        self._content = response.content
        self._deadlines = deadlines
        self._allowed = 0.0
        self._any_came = False
        self._loop = asyncio.get_running_loop()
        self._gathers_after = gathers_after
        self._quick_reads = 0
        self._waiting_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> "_Patience":
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()

    async def read(self, *, is_finished: bool) -> bytes:
        """The next bytes of the body; none at its end.

        Raises:
            TimeoutError: none came in time.
        """
        if self._any_came and self._quick_reads >= self._gathers_after and not is_finished:
            await self._gather()
        deadlines = self._deadlines
        silence = deadlines.between_bytes if self._any_came else deadlines.first_byte
        allowed = deadlines.after_end if is_finished else silence
        if allowed != self._allowed:
            self._allowed = allowed
            self._watch(allowed)
        self._waiting_since = started = self._loop.time()
        chunk = await self._content.readany()
        self._waiting_since = None
        if self._any_came:
            is_quick = self._loop.time() - started < _GATHER_SECONDS
            self._quick_reads = self._quick_reads + 1 if is_quick else 0
        self._any_came = True
        return chunk

    async def _gather(self) -> None:
        connection = self._response.connection
        if connection is None or connection.transport is None:
            return  # the reply is read to its end
        transport = connection.transport
        transport.pause_reading()
        try:
            await asyncio.sleep(_GATHER_SECONDS)
        finally:
            if not transport.is_closing():
                transport.resume_reading()

    def _watch(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        waited = 0.0 if self._waiting_since is None else self._loop.time() - self._waiting_since
        # The loop's clock is coarse: a timer may fire a hair before its moment.
        if self._waiting_since is not None and waited >= self._allowed - 0.01:
            self._content.set_exception(TimeoutError())
        else:
            self._watch(max(self._allowed - waited, 0.01))
