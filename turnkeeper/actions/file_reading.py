"""What an uploaded file really is, and the text that a model reads of it. The bytes decide; of text, the name says which."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TypeVar

from turnkeeper.core.errors import InvalidError, TransientError
from turnkeeper.core.files import IMAGE_TYPES, PDF_TYPE, SUPPORTED_SUFFIXES
from turnkeeper.retrieval.parsing import ParsedDocument, ParsedProduct, Unreadable, parse_apart
from turnkeeper.retrieval.parsing.kinds import Kind, kind_of
from turnkeeper.retrieval.parsing.parsed import UnreadableError
from turnkeeper.retrieval.parsing.plain import clean, decode

MOST_CHARACTERS = 5_000_000
"""Of the text of one file; the rest of a longer one is left out, and the text says so."""
READING_SECONDS = 60.0
"""After so long a file counts as unreadable. A thread cannot be stopped, so there are few of them."""
_WAIT_SECONDS = 5.0
"""When to try again where all threads were busy for so long."""
_THREADS = 2

_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = {Kind.PDF: PDF_TYPE, Kind.WORD: _WORD, Kind.SPREADSHEET: _SPREADSHEET, Kind.WEB_PAGE: "text/html"}
_PARSED = {PDF_TYPE: "file.pdf", _WORD: "file.docx", _SPREADSHEET: "file.xlsx"}
_TEXTS = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".html": "text/html",
    ".htm": "text/html",
}

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class FileText:
    """What was read of a file."""

    text: str | None = None
    """None for a picture, empty for a PDF of scanned pages."""
    pages: int | None = None
    """Of a PDF that models may be shown as it is."""


class FileReader:
    """Reads files in threads of its own, few at a time; whoever has no text after so many seconds is told why."""

    def __init__(self, *, seconds: float = READING_SECONDS) -> None:
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="read file")

    def close(self) -> None:
        """Begin nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def media_type(self, path: Path, name: str) -> str:
        """What the file is.

        Raises:
            InvalidError: field `file`, code `unsupported`: it is nothing that a model could be shown.
            TransientError: others are being read.
        """
        return await self._within_time(name, lambda: media_type_of(path.read_bytes(), name))

    async def text(self, path: Path, name: str, media_type: str) -> FileText:
        """What a model reads of the file; nothing of a picture.

        Raises:
            InvalidError: field `file`, code `unreadable`: it is damaged, protected, too much, or without text or pages.
            TransientError: others are being read.
        """
        if media_type in IMAGE_TYPES:
            return FileText()
        return await self._within_time(name, lambda: text_of(path.read_bytes(), name, media_type))

    async def _within_time(self, name: str, work: Callable[[], T]) -> T:
        begun = threading.Event()

        def run() -> T:
            begun.set()
            return work()

        running = asyncio.get_running_loop().run_in_executor(self._threads, run)
        try:
            async with asyncio.timeout(self._seconds):
                return await running
        except TimeoutError as error:
            if not begun.is_set():  # it may be as good a file as any
                why = f"Too many files are being read; send {name!r} again soon."
                raise TransientError("file reader", why, retry_after=_WAIT_SECONDS) from error
            raise _unreadable(name, f"Reading it took more than {self._seconds:g} seconds.") from error


def media_type_of(data: bytes, name: str) -> str:
    """What these bytes are; `name` only tells one kind of text from another.

    Raises:
        InvalidError: field `file`, code `unsupported`.
    """
    for magic, media_type in _PICTURES:
        if data.startswith(magic):
            return media_type
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    suffix = PurePosixPath(name).suffix.lower()
    try:
        # Some programs write something before the mark of a PDF; in a file of another name it is only talked about.
        kind = kind_of(data, "file.pdf" if suffix == ".pdf" and b"%PDF-" in data[:1024] else "")
    except UnreadableError as error:
        supported = ", ".join(SUPPORTED_SUFFIXES)
        why = f"The file {name!r} cannot be used. {error.message} Supported types: {supported}."
        raise InvalidError("file", why, code="unsupported") from error
    return _KINDS.get(kind) or _TEXTS.get(suffix, "text/plain")


def text_of(data: bytes, name: str, media_type: str) -> FileText:
    """What a model reads of a file that is no picture.

    Raises:
        InvalidError: field `file`, code `unreadable`.
    """
    is_page = media_type == "text/html" and kind_of(data, "") is Kind.WEB_PAGE
    address = "file.html" if is_page else _PARSED.get(media_type)
    text, notes, pages = (clean(decode(data)), [], None) if address is None else _parsed(data, address)
    if not text.strip():
        if pages is not None:
            return FileText(text="", pages=pages)
        raise _unreadable(name, " ".join(notes) or "It holds no text.")
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS]
        notes = [*notes, f"Only the first {MOST_CHARACTERS:,} characters are kept."]
    return FileText(text="\n\n".join([text, *(f"[{note}]" for note in notes)]), pages=pages)


def _parsed(data: bytes, address: str) -> tuple[str, list[str], int | None]:
    """The text, what was left out and why, and how many pages can be looked at."""
    texts: list[str] = []
    notes: list[str] = []
    pages: int | None = None
    for part in parse_apart(data, address):
        match part:
            case ParsedDocument():
                texts.append(part.text)
                pages = part.pages or pages
            case ParsedProduct():
                texts.append(_product(part))
            case Unreadable():
                notes.append(part.why)
                pages = part.scanned_pages or pages
    return "\n\n".join(texts), notes, pages


def _product(product: ParsedProduct) -> str:
    """A row of a table of products, as lines."""
    fields = {
        "id": product.entry_id,
        "name": product.name,
        "sku": product.sku,
        "price": "" if product.price is None else f"{product.price:g}",
        "categories": product.categories,
        "description": product.description,
    }
    lines = [f"{name}: {value}" for name, value in fields.items() if value]
    return "\n".join([*lines, *([product.properties] if product.properties else [])])


def _unreadable(name: str, why: str) -> InvalidError:
    return InvalidError("file", f"The file {name!r} cannot be read. {why}", code="unreadable")
