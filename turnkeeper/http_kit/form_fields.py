"""The text fields of a multipart form that is there as a whole."""

from multipart import MultipartError, MultipartSegment, PushMultipartParser

from turnkeeper.core.errors import InvalidError
from turnkeeper.http_kit.upload import boundary_of

_MOST_PARTS = 1_000


def fields_of(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Names and values in their order, without files; what is no UTF-8 in a value is replaced.

    What a part says of its charset is not listened to: there are charsets that take minutes for a megabyte.

    Raises:
        InvalidError: field `body`, code `not_multipart` or `broken`.
    """
    found: list[tuple[str, str]] = []
    part: MultipartSegment | None = None
    value = bytearray()
    try:
        with PushMultipartParser(boundary_of(content_type), max_segment_count=_MOST_PARTS) as parser:
            for event in parser.parse(body):
                if isinstance(event, MultipartSegment):
                    part, value = event, bytearray()
                elif event is not None:
                    value += event
                elif part is not None and part.filename is None:
                    found.append((part.name, value.decode(errors="replace")))
    except MultipartError as error:
        why = error.args[0] if error.args else "it cannot be read"
        raise InvalidError("body", f"The multipart form is broken: {why}.", code="broken") from error
    return found
