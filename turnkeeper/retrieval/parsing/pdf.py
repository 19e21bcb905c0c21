"""PDF text, page by page; pages are parted by a blank line."""

import re
from collections.abc import Iterator
from threading import Lock

from pypdfium2 import PdfDocument, PdfiumError
from pypdfium2.raw import (
    FPDF_ERR_PASSWORD,
    FPDF_ERR_SECURITY,
    FPDF_GetSecurityHandlerRevision,  # pyright: ignore[reportUnknownVariableType] - untyped
)

from turnkeeper.retrieval.parsing.parsed import (
    MAX_PAGES,
    MAX_TEXT_CHARACTERS,
    Parsed,
    ParsedDocument,
    Unreadable,
    UnreadableError,
)
from turnkeeper.retrieval.parsing.plain import clean, shorten_title, title_from_first_line

# PDFium is one C library for the whole process and must not be called from two threads at once.
_one_at_a_time = Lock()

_NOT_ENCRYPTED = -1
_NO_TEXT = "It holds no text, only pictures of pages; run text recognition (OCR) on it first."
_SOFT_HYPHEN_AT_LINE_END = re.compile("[\ufffe\x02\u00ad]\r?\n?")
_FILE_LIKE_TITLE = re.compile(r"^(untitled|document\d*|microsoft \w+ - .*|.*\.\w{2,4})$", re.IGNORECASE)


def parse_pdf(data: bytes, address: str) -> Iterator[Parsed]:
    """The text of every page, up to `MAX_PAGES`; of pictures only, that it is unreadable.

    Raises:
        UnreadableError: damaged, or behind a password.
    """
    with _one_at_a_time:
        title, text, rest, pages = _read(data)
    text = clean(text)
    if not any(map(str.isalnum, text)):
        yield Unreadable(address=address, why=_NO_TEXT, scanned_pages=pages)
        return
    if _FILE_LIKE_TITLE.match(title):
        title = ""
    title = title or title_from_first_line(text, address)
    yield ParsedDocument(address=address, title=title, text=text, pages=pages)
    if rest:
        yield Unreadable(address=address, why=rest)


def _read(data: bytes) -> tuple[str, str, str, int | None]:
    """Title, text, what was left out, and how many pages anybody may look at."""
    try:
        document = PdfDocument(data)
    except PdfiumError as error:
        code: object = getattr(error, "err_code", None)  # which the library leaves untyped
        if code in (FPDF_ERR_PASSWORD, FPDF_ERR_SECURITY):
            raise UnreadableError("It is protected by a password; save it without one.") from error
        raise UnreadableError("It is a damaged PDF; save it again.") from error
    try:
        pages, rest = _read_pages(document)
        title = document.get_metadata_value("Title")  # pyright: ignore[reportUnknownMemberType] - partly untyped
        # Providers refuse what is encrypted, also where no password is asked for.
        is_open = not _is_encrypted(document)
        return shorten_title(title), "\n\n".join(pages), rest, len(document) if is_open else None
    finally:
        document.close()


def _is_encrypted(document: PdfDocument) -> bool:
    return FPDF_GetSecurityHandlerRevision(document.raw) != _NOT_ENCRYPTED  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]


def _read_pages(document: PdfDocument) -> tuple[list[str], str]:
    pages: list[str] = []
    length = 0
    for number in range(min(len(document), MAX_PAGES)):
        text = _read_page(document, number)
        length += len(text)
        if length > MAX_TEXT_CHARACTERS:
            return pages, f"Only the first {number:,} pages were read; the rest is too much text for one document."
        pages.append(text)
    rest = f"Only the first {MAX_PAGES:,} of {len(document):,} pages were read." if len(document) > MAX_PAGES else ""
    return pages, rest


def _read_page(document: PdfDocument, number: int) -> str:
    try:
        page = document[number]
    except PdfiumError:
        return ""  # one broken page does not spoil the others
    try:
        text_page = page.get_textpage()
        try:
            text: str = text_page.get_text_range()
        finally:
            text_page.close()
    finally:
        page.close()
    return _SOFT_HYPHEN_AT_LINE_END.sub("", text).strip()
