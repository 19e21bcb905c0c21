"""One uploaded file out of a multipart form, handed on piece by piece: memory stays bounded whatever is sent."""

import asyncio
from collections.abc import Awaitable, Callable

from litestar.types import Receive
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser, parse_options_header

from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.body import MOST_DISCARDED_BYTES

LONGEST_SILENCE_SECONDS = 30.0
LONGEST_SECONDS = 900.0
_MOST_PARTS = 100
_MOST_OTHER_BYTES = 1_000_000
"""Of all parts but the file, which are read and dropped, and of what stands between parts."""


async def receive_file(
    receive: Receive,
    content_type: str | None,
    *,
    field: str,
    most_bytes: int,
    sink: Callable[[bytes], Awaitable[None]],
) -> str:
    """Hand the bytes of the form's one file named `field` to `sink`; its name as the client gave it.

    Other fields are ignored. After a fault the rest of the body is read and thrown away for a while: a client that is
    still sending would otherwise see its connection cut instead of the answer that says why.

    Raises:
        InvalidError: field `body`, code `not_multipart`, `broken`, `too_large`, `too_slow` or `cut` (the client went
            away); field `file`, code `missing` or `several`.
    """
    body = Body(receive)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            try:
                return await _FormReader(field, most_bytes, sink).read(body, boundary_of(content_type))
            except InvalidError:
                await body.discard()
                raise
    except TimeoutError as error:
        raise InvalidError("body", "The file did not arrive in time.", code="too_slow") from error


class Body:
    """The pieces of a request's body, each awaited for a bounded time."""

    def __init__(self, receive: Receive) -> None:
        """`receive` is ASGI's."""
        self._receive = receive
        self._ended = False

    async def piece(self) -> bytes | None:
        """The next piece; None after the last one."""
        while not self._ended:
            async with asyncio.timeout(LONGEST_SILENCE_SECONDS):
                message = await self._receive()
            if message["type"] != "http.request":
                self._ended = True
                raise InvalidError("body", "The connection ended before the body did.", code="cut")
            self._ended = not message["more_body"]
            if message["body"]:
                return message["body"]
        return None

    async def discard(self) -> None:
        """Read on for a while, keeping nothing."""
        size = 0
        while size <= MOST_DISCARDED_BYTES:
            try:
                piece = await self.piece()
            except (InvalidError, TimeoutError):
                return
            if piece is None:
                return
            size += len(piece)


class _FormReader:
    """Reads one form; knows which part it is in, and how much came."""

    def __init__(self, field: str, most_bytes: int, sink: Callable[[bytes], Awaitable[None]]) -> None:
        self._field = field
        self._most_bytes = most_bytes
        self._sink = sink
        self._in_file = False
        self._name: str | None = None
        self._size = 0
        self._total = 0

    async def read(self, body: Body, boundary: str) -> str:
        try:
            with PushMultipartParser(boundary, max_segment_count=_MOST_PARTS) as parser:
                while (piece := await body.piece()) is not None:
                    self._count(piece)
                    for event in parser.parse(piece):
                        await self._take(event)
        except ParserLimitReached as error:
            raise InvalidError("body", f"The form has too many or too long parts: {error}.", code="broken") from error
        except MultipartError as error:
            why = error.args[0] if error.args else "it cannot be read"
            raise InvalidError("body", f"The multipart form is broken: {why}.", code="broken") from error
        if self._name is None:
            raise InvalidError("file", f"No file came in the field {self._field!r}.", code="missing")
        return self._name

    async def _take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._in_file = False
        elif self._in_file:
            self._size += len(event)
            if self._size > self._most_bytes:
                why = f"The file is too large; the most is {self._most_bytes:,} bytes."
                raise InvalidError("body", why, code="too_large")
            await self._sink(bytes(event))

    def _count(self, piece: bytes) -> None:
        self._total += len(piece)
        if self._total > self._most_bytes + _MOST_OTHER_BYTES:
            why = f"The form is too large; the most is a file of {self._most_bytes:,} bytes."
            raise InvalidError("body", why, code="too_large")

    def _begin(self, part: MultipartSegment) -> None:
        if part.name != self._field or not part.filename:
            return
        if self._name is not None:
            raise InvalidError("file", f"Several files came in the field {self._field!r}; send one.", code="several")
        self._name = part.filename
        self._in_file = True


def boundary_of(content_type: str | None) -> str:
    """What stands between the parts of a form.

    Raises:
        InvalidError: field `body`, code `not_multipart` or `broken`.
    """
    kind, options = parse_options_header(content_type or "")
    if kind != "multipart/form-data":
        raise InvalidError(
            "body", "The file must come as a form: send `Content-Type: multipart/form-data`.", code="not_multipart"
        )
    boundary = options.get("boundary", "")
    if not 1 <= len(boundary) <= 200:
        raise InvalidError("body", "The `Content-Type` has no usable boundary.", code="broken")
    return boundary
