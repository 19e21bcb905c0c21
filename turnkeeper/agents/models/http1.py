"""One connection that speaks HTTP/1.1: a request at a time, its answer as it comes. It knows no addresses, no deadlines."""

import asyncio
from collections.abc import Callable, Mapping

import httptools

GATHER_SECONDS = 0.02
"""Half of what events wait anyway: the log of a turn is written every 40 ms."""
_LONGEST_HEAD = 64 * 1024
_MOST_HELD = 512 * 1024
"""Bytes that wait for their reader; and the most that may come in a row without bringing any of the body."""


class BrokenOffError(Exception):
    """The connection ended before the answer was whole, or what came on it is no answer."""


class Connection(asyncio.Protocol):
    """One connection. The parser is llhttp; it calls the `on_…` methods, and `on_body` with each piece of the body.

    Reading is put off for a moment after each packet while `gathers` is set, so that the kernel gathers what then is read
    at once: a packet that wakes the process costs more than parsing it.
    """

    def __init__(self, on_lost: Callable[["Connection"], None]) -> None:
        """`on_lost` is called once, when the connection has ended for whatever reason."""
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._resumption: asyncio.TimerHandle | None = None
        self._failure: Exception | None = None
        self._fields: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self.on_body = self._pieces.append
        """Of the parser's; a method of C's own, as a reply has many hundred pieces."""
        self._held = 0
        self._is_paused = False
        self._stays_open = False
        self.any_came = False
        """Whether a byte came in answer to the request."""
        self.status = 0
        """Of the answer, once its head is there."""
        self.is_whole = False
        """The answer's last byte has come."""
        self.gathers = False
        self.kept_at = 0.0
        """When it was last given back, by the loop's clock; for the one who keeps it."""

    def ask(self, head: bytes, body: bytes) -> None:
        """Send a request. Whatever came before is forgotten."""
        self._fields.clear()
        self._pieces.clear()
        self._held = self.status = 0
        self.any_came = self.is_whole = self._stays_open = False
        self._parser = httptools.HttpResponseParser(self)
        # What servers in use do, though they should not: ends of lines without CR, spaces behind the size of a chunk.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self.hurry()
        if self._transport is None or self._transport.is_closing():
            self.fail(BrokenOffError())
        elif len(body) < _LONGEST_HEAD:
            self._transport.write(head + body)
        else:
            self._transport.write(head)
            self._transport.write(body)

    async def head(self) -> int:
        """The status, once the answer's head has come. Answers that only announce one (1xx) are skipped.

        Raises:
            BrokenOffError: none will come.
        """
        while not self.status:
            await self._more()
        return self.status

    async def read(self) -> bytes:
        """The next bytes of the body, as many as have come; none at its end.

        Raises:
            BrokenOffError: the answer is not whole, and no more of it will come.
        """
        self._held = 0
        if self._is_paused and self._resumption is None:
            self._resume()
        while not self._pieces:
            if self.is_whole:
                return b""
            await self._more()
        pieces = self._pieces
        read = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        return read

    @property
    def headers(self) -> Mapping[str, str]:
        """The answer's headers; the names as in `Retry-After`, however the server wrote them."""
        return {name.decode("latin-1").title(): value.decode("latin-1") for name, value in self._fields.items()}

    @property
    def encoding(self) -> str:
        """In which the body is sent; empty when as it is."""
        encoding = self._fields.get(b"content-encoding", b"").strip().lower().decode("latin-1")
        return "" if encoding == "identity" else encoding

    @property
    def is_ready(self) -> bool:
        """Another request may be sent: the answer is whole, nothing follows it, and both sides stay."""
        transport = self._transport
        return (
            self.is_whole
            and self._stays_open
            and self._failure is None
            and transport is not None
            and not transport.is_closing()
            and not transport.get_write_buffer_size()
        )

    def hurry(self) -> None:
        """Put no reading off any longer."""
        self.gathers = False
        if self._resumption is not None:
            self._resumption.cancel()
        self._resume()

    def fail(self, error: Exception) -> None:
        """End the waiting under way, and the next, with this error; what came before may still be read."""
        self._failure = self._failure or error
        self._wake()

    def abort(self) -> None:
        """End the connection at once."""
        self._stays_open = False
        self.fail(BrokenOffError())
        if self._transport is not None:
            self._transport.abort()

    def connection_made(  # pyright: ignore[reportIncompatibleMethodOverride] - what both loops give to a stream
        self, transport: asyncio.Transport
    ) -> None:
        """Take the transport."""
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """The end. It is the body's, too, where the server did not say how long that is."""
        length, coding = self._fields.get(b"content-length"), self._fields.get(b"transfer-encoding", b"")
        has_length = length is not None or coding.lower().endswith(b"chunked")
        if exc is None and self._failure is None and self.status and not has_length:
            self.is_whole = True
        self._stays_open = False
        if self._resumption is not None:
            self._resumption.cancel()
            self._resumption = None
        self._parser = None
        self.fail(BrokenOffError())
        self._on_lost(self)

    def data_received(self, data: bytes) -> None:
        """Parse what came, and wake who waits for it."""
        if self._parser is None or self.is_whole:
            self.abort()  # nobody asked for it
            return
        self.any_came = True
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.abort()  # no HTTP; a whole answer before it stays one
            return
        self._held += len(data)
        if self.gathers:
            self._put_off()
        if self._held > (_MOST_HELD if self.status else _LONGEST_HEAD):
            self._bound()
        self._wake()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Of the parser's; trailers are headers, too, but come too late to say anything."""
        if not self.status:
            self._fields[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Of the parser's: a head is there."""
        assert self._parser is not None
        status = self._parser.get_status_code()
        if status >= 200:
            self.status = status
        else:
            self._fields.clear()

    def on_message_complete(self) -> None:
        """Of the parser's: an answer has ended, if only one that announces another."""
        assert self._parser is not None
        if self.status:
            self.is_whole = True
            self._stays_open = self._parser.should_keep_alive()

    def on_message_begin(self) -> None:
        """Of the parser's: an answer begins; one behind the whole answer belongs to no request."""
        if self.is_whole:
            self._stays_open = False

    async def _more(self) -> None:
        if self._failure is not None:
            raise self._failure
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _bound(self) -> None:
        """Hold no more than there is room for: of a body by not reading on, of anything else not at all."""
        if self._pieces:
            self._pause()
        elif not self.is_whole:
            self.abort()

    def _pause(self) -> None:
        if not self._is_paused and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()
            self._is_paused = True

    def _put_off(self) -> None:
        """Read no more until the next moment of a fixed beat: all replies that are gathered wake the process together."""
        if self._resumption is None and not self.is_whole:
            self._pause()
            now = self._loop.time()
            self._resumption = self._loop.call_at(now + GATHER_SECONDS - now % GATHER_SECONDS, self._resume)

    def _resume(self) -> None:
        self._resumption = None
        if self._is_paused and self._held <= _MOST_HELD:
            self._is_paused = False
            if self._transport is not None and not self._transport.is_closing():
                self._transport.resume_reading()
