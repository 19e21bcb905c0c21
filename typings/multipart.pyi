"""What we use of the library `multipart`; a namesake that other libraries bring hides its own types."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

class MultipartError(ValueError): ...
class ParserLimitReached(MultipartError): ...  # noqa: N818 - the library's name

class MultipartSegment:
    name: str
    filename: str | None

class PushMultipartParser:
    def __init__(self, boundary: str | bytes, *, max_segment_count: float = ...) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...
    def parse(self, chunk: bytes) -> Iterator[MultipartSegment | bytes | bytearray | None]: ...

def parse_options_header(header: str) -> tuple[str, dict[str, str]]: ...
