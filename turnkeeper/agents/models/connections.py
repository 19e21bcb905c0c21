"""HTTP to model providers: one pool of connections for all wires, and the reading of a streamed reply under deadlines."""

import asyncio
import zlib
from base64 import b64encode
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from typing import Protocol

from yarl import URL

from turnkeeper.agents.model import ModelDelta
from turnkeeper.agents.models.failures import not_the_protocol
from turnkeeper.agents.models.http1 import GATHER_SECONDS, BrokenOffError, Connection
from turnkeeper.agents.models.http1_pool import CannotConnectError, Pool
from turnkeeper.core.errors import RefusedError, TransientError, UpstreamError

_LONGEST_ERROR = 64 * 1024
_PACKINGS = frozenset({"gzip", "x-gzip", "deflate"})
_LONGEST_UNPACKED = 16 * 1024 * 1024
"""Bytes that may come of those of one read."""
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
        self._pool = Pool()
        self._agent = f"turnkeeper/{metadata.version('turnkeeper')}"

    async def close(self) -> None:
        """Close all connections; calls under way break off."""
        self._pool.close()

    async def stream(self, call: Call, reader: ReplyReader) -> AsyncGenerator[ModelDelta, None]:
        """Send the request and read the reply; see `LanguageModel.stream`."""
        reading: _Reading | None = None
        try:
            reading = await self._send(call)
            while not reader.is_done:
                try:
                    chunk = await reading.read(is_finished=reader.is_finished)
                except (BrokenOffError, TimeoutError):
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
        except CannotConnectError as error:
            raise TransientError(call.who, "The model provider cannot be reached.") from error
        except BrokenOffError as error:
            raise TransientError(call.who, "The connection to the model provider broke off.") from error
        finally:
            if reading is not None:
                self._leave(call, reading, is_done=reader.is_done)

    async def _send(self, call: Call) -> "_Reading":
        """The answer to the request, once its status is known to be 200."""
        if self._pool.is_closed:
            raise TransientError(call.who, "The server is shutting down.")
        body = await asyncio.to_thread(call.body) if call.is_large else call.body()
        reading = await self._asked(call, self._head(call, len(body)), body)
        try:
            await self._check(call, reading)
        except BaseException:
            self._leave(call, reading, is_done=False)
            raise
        return reading

    async def _asked(self, call: Call, head: bytes, body: bytes) -> "_Reading":
        """The answer, once its head is here."""
        kept = self._pool.take(call.url)
        if kept is not None:
            try:
                return await self._begun(kept, head, body)
            except BrokenOffError:
                # The server may have closed it just now, for it was idle; a fresh one tells.
                if kept.any_came:
                    raise
        async with asyncio.timeout(self._deadlines.connect):
            fresh = await self._pool.connect(call.url)
        return await self._begun(fresh, head, body)

    async def _begun(self, connection: Connection, head: bytes, body: bytes) -> "_Reading":
        reading = _Reading(connection, self._deadlines, self._gathers_after)
        connection.ask(head, body)
        try:
            await reading.head()
        except BaseException:
            reading.end()
            connection.abort()
            raise
        return reading

    async def _check(self, call: Call, reading: "_Reading") -> None:
        """See whether the answer is a reply.

        Raises:
            UpstreamError: it is none.
        """
        connection = reading.connection
        if connection.encoding in _PACKINGS:
            reading.unpack = _unpacking(call.who)
        if connection.status != 200:
            raise call.failure_of(connection.status, connection.headers, await self._told(reading))
        if connection.encoding not in _PACKINGS and connection.encoding:
            sentence = (
                f"The model provider packs its answers in a way that is not known here ({connection.encoding!r})."
            )
            raise RefusedError(call.who, sentence)

    async def _told(self, reading: "_Reading") -> bytes:
        """The body of an answer that is no reply, as far as it comes soon."""
        told = b""
        with suppress(TimeoutError, BrokenOffError):
            async with asyncio.timeout(self._deadlines.connect):
                while len(told) <= _LONGEST_ERROR and (chunk := await reading.read(is_finished=False)):
                    told += chunk
        return told

    def _leave(self, call: Call, reading: "_Reading", *, is_done: bool) -> None:
        """Keep the connection where nothing, or only the end, is still to come; else the model would go on for nobody."""
        reading.end()
        if is_done or reading.connection.is_whole:
            self._pool.keep(call.url, reading.connection)
        else:
            reading.connection.abort()

    def _head(self, call: Call, size: int) -> bytes:
        """The request's first line and headers.

        Raises:
            RefusedError: one of them cannot be sent.
        """
        url = call.url
        headers = {
            "Host": url.host_port_subcomponent,
            "User-Agent": self._agent,
            "Content-Length": str(size),
            **call.headers,
        }
        if url.user is not None and "Authorization" not in headers:
            headers["Authorization"] = "Basic " + b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
        lines = [f"POST {url.raw_path_qs} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        head = "\r\n".join(lines)
        if not head.count("\r") == head.count("\n") == len(lines) - 1 or "\0" in head:
            sentence = (
                "The key for the model provider has a line break in it and cannot be sent; the operator must mend it."
            )
            raise RefusedError(call.who, sentence)
        return f"{head}\r\n\r\n".encode(errors="surrogateescape")


class _Reading:
    """Reads an answer and gives up after a silence.

    One timer serves the whole reply and looks, when it fires, how long the read under way has waited: a timer for each
    read would cost more than parsing what is read. Waking up for each token costs most of all: when the pieces of a reply
    come fast, the socket is left alone for a moment, so that the kernel gathers what then is read at once.
    """

    def __init__(self, connection: Connection, deadlines: Deadlines, gathers_after: int) -> None:
        self.connection = connection
        self._deadlines = deadlines
        self._allowed = deadlines.first_byte
        self._any_came = False
        self._expects_end = False
        self._loop = asyncio.get_running_loop()
        self._gathers_after = gathers_after
        self._quick_reads = 0
        self._waiting_since: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self.unpack: Callable[[bytes], bytes] | None = None
        """How to read a body that comes packed, although that was not asked for."""

    async def head(self) -> None:
        """Wait for the answer's head.

        Raises:
            TimeoutError: it did not come in time.
            BrokenOffError: it will not come.
        """
        self._watch(min(self._allowed, self._deadlines.between_bytes))
        self._waiting_since = self._loop.time()
        await self.connection.head()
        self._waiting_since = None

    def end(self) -> None:
        """Read no more."""
        if self._timer is not None:
            self._timer.cancel()

    async def read(self, *, is_finished: bool) -> bytes:
        """The next bytes of the body; none at its end.

        Raises:
            TimeoutError: none came in time.
            BrokenOffError: none will come, and the body is not whole.
        """
        if is_finished:
            self._expect_end()
        self._waiting_since = started = self._loop.time()
        chunk = await (self.connection.read() if self.unpack is None else self._unpacked(self.unpack))
        self._waiting_since = None
        if self._any_came and not is_finished:
            self._pace(self._loop.time() - started)
        elif not self._any_came:
            self._any_came = True
            self._allowed = self._deadlines.between_bytes
        return chunk

    async def _unpacked(self, unpack: Callable[[bytes], bytes]) -> bytes:
        while chunk := await self.connection.read():
            if plain := unpack(chunk):
                return plain
        return b""

    def _pace(self, waited: float) -> None:
        """Gather while the pieces come fast."""
        quick = 2 * GATHER_SECONDS if self.connection.gathers else GATHER_SECONDS
        self._quick_reads = self._quick_reads + 1 if waited < quick else 0
        self.connection.gathers = self._quick_reads >= self._gathers_after

    def _expect_end(self) -> None:
        """The model has said its last word: what may follow is worth no long wait."""
        if not self._expects_end:
            self._expects_end = True
            self.connection.hurry()
            self._allowed = self._deadlines.after_end
            self._watch(self._allowed)

    def _watch(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._look)

    def _look(self) -> None:
        waited = 0.0 if self._waiting_since is None else self._loop.time() - self._waiting_since
        # The loop's clock is coarse: a timer may fire a hair before its moment.
        if self._waiting_since is not None and waited >= self._allowed - 0.01:
            self.connection.fail(TimeoutError())
        else:
            self._watch(min(max(self._allowed - waited, 0.01), self._deadlines.between_bytes))


def _unpacking(who: str) -> Callable[[bytes], bytes]:
    """A function that takes the bytes of a packed body as they come, and gives what they were made of."""
    packed = zlib.decompressobj(zlib.MAX_WBITS | 32)

    def unpack(chunk: bytes) -> bytes:
        try:
            plain = packed.decompress(chunk, _LONGEST_UNPACKED)
        except zlib.error as error:
            raise BrokenOffError from error
        if packed.unconsumed_tail:
            raise not_the_protocol(who)
        return plain

    return unpack
