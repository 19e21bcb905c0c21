"""One file's bytes to what it holds: the kind decides the parser, and no error gets out."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from turnkeeper.retrieval.parsing.delimited import parse_delimited
from turnkeeper.retrieval.parsing.json_lines import parse_json_lines
from turnkeeper.retrieval.parsing.kinds import Kind, kind_of
from turnkeeper.retrieval.parsing.markdown import parse_markdown
from turnkeeper.retrieval.parsing.parsed import (
    MAX_FILE_BYTES,
    MAX_TEXT_CHARACTERS,
    Parsed,
    ParsedDocument,
    Unreadable,
    UnreadableError,
)
from turnkeeper.retrieval.parsing.plain import parse_plain

TOOK_TOO_MUCH = "Reading it took more memory or time than one file may."


def parse(data: bytes, address: str) -> Sequence[Parsed]:
    """Everything that the file holds, in its order; what could not be read is named among it. Raises nothing.

    `address` gives the kind by its suffix where the bytes do not tell, and names the document. This is slow work for
    a thread: up to some seconds for the largest files.
    """
    try:
        _check_size(data)
        return [part for item in _parse_as(kind_of(data, address), data, address) for part in _within_limits(item)]
    except UnreadableError as error:
        return [Unreadable(address=address, why=error.message)]
    except MemoryError:
        return [Unreadable(address=address, why=TOOK_TOO_MUCH)]
    except Exception as error:  # noqa: BLE001 - the format libraries raise anything when a file is damaged
        return [Unreadable(address=address, why=f"The file is damaged and could not be read ({type(error).__name__}).")]


def too_large(size_bytes: int) -> str:
    """The sentence about a file above the limit."""
    size, limit = f"{size_bytes / 2**20:.1f}", MAX_FILE_BYTES // 2**20
    return f"The file has {size} MiB and the limit is {limit} MiB; split it."


def _check_size(data: bytes) -> None:
    if not data:
        raise UnreadableError("The file is empty.")
    if len(data) > MAX_FILE_BYTES:
        raise UnreadableError(too_large(len(data)))


def _within_limits(item: Parsed) -> Iterator[Parsed]:
    if not isinstance(item, ParsedDocument):
        yield item
    elif not item.text.strip():
        yield Unreadable(address=item.address, why="The file holds no text.")
    elif len(item.text) <= MAX_TEXT_CHARACTERS:
        yield item
    else:
        yield replace(item, text=item.text[:MAX_TEXT_CHARACTERS].rstrip())
        why = f"Only the first {MAX_TEXT_CHARACTERS:,} characters of the text were read."
        yield Unreadable(address=item.address, why=why)


def _parse_as(kind: Kind, data: bytes, address: str) -> Iterator[Parsed]:
    match kind:
        case Kind.MARKDOWN:
            yield parse_markdown(data, address)
        case Kind.PLAIN:
            yield parse_plain(data, address)
        case Kind.DELIMITED:
            yield from parse_delimited(data, address)
        case Kind.JSON_LINES:
            yield from parse_json_lines(data, address)
        case _:
            yield from _parse_with_library(kind, data, address)


def _parse_with_library(kind: Kind, data: bytes, address: str) -> Iterator[Parsed]:
    """Formats whose libraries take a third of a second to import: loaded when the first such file is met."""
    if kind is Kind.WEB_PAGE:
        from turnkeeper.retrieval.parsing.web_page import parse_web_page  # noqa: PLC0415 - slow import

        yield parse_web_page(data, address)
    elif kind is Kind.PDF:
        from turnkeeper.retrieval.parsing.pdf import parse_pdf  # noqa: PLC0415 - slow import

        yield from parse_pdf(data, address)
    elif kind is Kind.WORD:
        from turnkeeper.retrieval.parsing.word import parse_word  # noqa: PLC0415 - slow import

        yield parse_word(data, address)
    elif kind is Kind.SPREADSHEET:
        from turnkeeper.retrieval.parsing.spreadsheet import parse_spreadsheet  # noqa: PLC0415 - slow import

        yield from parse_spreadsheet(data, address)
