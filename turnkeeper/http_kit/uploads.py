"""Many uploaded files out of one multipart form, handed on piece by piece: memory stays bounded whatever is sent."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from litestar.types import Receive
from multipart import MultipartError, MultipartSegment, ParserLimitReached, PushMultipartParser

from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.upload import LONGEST_SECONDS, Body, boundary_of

_OVERHEAD_BYTES = 1_000
"""Of the head of a part, at most, on average."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UploadLimits:
    """How much one form may bring."""

    file_bytes: int
    total_bytes: int
    files: int


class FileSink(Protocol):
    """Takes the files of a form, one after the other."""

    async def begin(self, name: str) -> None:
        """A file begins; its name as the client gave it."""
        ...

    async def write(self, piece: bytes) -> None:
        """The next bytes of it."""
        ...

    async def end(self) -> None:
        """All of it is there."""
        ...


async def receive_files(
    receive: Receive, content_type: str | None, *, field: str, limits: UploadLimits, sink: FileSink
) -> None:
    """Hand all files of the form named `field` to `sink`; a field of another name is refused.

    After a fault the rest of the body is read and thrown away for a while: a client that is still sending would otherwise
    see its connection cut instead of the answer that says why.

    Raises:
        InvalidError: field `body`, code `not_multipart`, `broken`, `too_large`, `too_slow` or `cut`; field `file`, code
            `missing` or `too_many`; the name of a field that is not known, code `unknown_field`.
    """
    boundary = boundary_of(content_type)
    body = Body(receive)
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            try:
                await _FilesReader(field, limits, sink).read(body, boundary)
            except InvalidError:
                await body.discard()
                raise
    except TimeoutError as error:
        raise InvalidError("body", "The files did not arrive in time.", code="too_slow") from error


class _FilesReader:
    """Reads one form; knows which part it is in, and how much came."""

    def __init__(self, field: str, limits: UploadLimits, sink: FileSink) -> None:
        self._field = field
        self._limits = limits
        self._sink = sink
        self._is_in_file = False
        self._name = ""
        self._files = 0
        self._size = 0
        self._total = 0

    async def read(self, body: Body, boundary: str) -> None:
        try:
            with PushMultipartParser(boundary, max_segment_count=self._limits.files + 1) as parser:
                while (piece := await body.piece()) is not None:
                    self._count(piece)
                    for event in parser.parse(piece):
                        await self._take(event)
        except ParserLimitReached as error:
            raise self._too_many() from error
        except MultipartError as error:
            why = error.args[0] if error.args else "it cannot be read"
            raise InvalidError("body", f"The multipart form is broken: {why}.", code="broken") from error
        if not self._files:
            raise InvalidError("file", f"No file came in the field {self._field!r}.", code="missing")

    async def _take(self, event: MultipartSegment | bytes | bytearray | None) -> None:
        if isinstance(event, MultipartSegment):
            await self._begin(event)
        elif event is None:
            if self._is_in_file:
                self._is_in_file = False
                await self._sink.end()
        elif self._is_in_file:
            self._size += len(event)
            if self._size > self._limits.file_bytes:
                most = self._limits.file_bytes
                why = f"The file {self._name!r} is too large; the most is {most:,} bytes."
                raise InvalidError("body", why, code="too_large")
            await self._sink.write(bytes(event))

    async def _begin(self, part: MultipartSegment) -> None:
        if part.name != self._field:
            name = part.name[:60]
            why = f"The field {name!r} is not known here; files come in the field {self._field!r}."
            raise InvalidError(name, why, code="unknown_field")
        if not part.filename:
            why = f"What came in the field {self._field!r} has no file name; send it as a file."
            raise InvalidError("file", why, code="missing")
        self._files += 1
        if self._files > self._limits.files:
            raise self._too_many()
        self._is_in_file, self._size, self._name = True, 0, part.filename[:200]
        await self._sink.begin(part.filename)

    def _count(self, piece: bytes) -> None:
        self._total += len(piece)
        if self._total > self._limits.total_bytes + self._limits.files * _OVERHEAD_BYTES:
            why = f"The files are too large together; the most is {self._limits.total_bytes:,} bytes."
            raise InvalidError("body", why, code="too_large")

    def _too_many(self) -> InvalidError:
        most = self._limits.files
        why = (
            "Several files came; send one." if most == 1 else f"There are more than {most:,} files; send a ZIP of them."
        )
        return InvalidError("file", why, code="several" if most == 1 else "too_many")
