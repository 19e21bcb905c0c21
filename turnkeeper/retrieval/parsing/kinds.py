"""What a file really is: its first bytes decide, its name only chooses among kinds of text."""

import re
from enum import StrEnum
from io import BytesIO
from pathlib import PurePosixPath
from zipfile import ZipFile

from turnkeeper.retrieval.parsing.parsed import UnreadableError
from turnkeeper.retrieval.parsing.zip_guard import ZIP_ERRORS


class Kind(StrEnum):
    """A format with a parser of its own."""

    MARKDOWN = "Markdown"
    PLAIN = "text"
    WEB_PAGE = "HTML"
    PDF = "PDF"
    WORD = "Word document"
    SPREADSHEET = "Excel workbook"
    DELIMITED = "CSV"
    JSON_LINES = "JSON Lines"


_SUFFIXES = {
    ".md": Kind.MARKDOWN,
    ".markdown": Kind.MARKDOWN,
    ".html": Kind.WEB_PAGE,
    ".htm": Kind.WEB_PAGE,
    ".xhtml": Kind.WEB_PAGE,
    ".pdf": Kind.PDF,
    ".docx": Kind.WORD,
    ".docm": Kind.WORD,
    ".xlsx": Kind.SPREADSHEET,
    ".xlsm": Kind.SPREADSHEET,
    ".csv": Kind.DELIMITED,
    ".tsv": Kind.DELIMITED,
    ".jsonl": Kind.JSON_LINES,
    ".ndjson": Kind.JSON_LINES,
}
_NOT_TEXT = (Kind.PDF, Kind.WORD, Kind.SPREADSHEET)
_FOREIGN = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an encrypted or an old (before 2007) Office file; save it as DOCX or XLSX"),
    (b"{\\rtf", "an RTF file; save it as DOCX or text"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a compressed archive; unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed archive; unpack it first"),
    (b"Rar!", "a compressed archive; unpack it first"),
    (b"BZh", "a compressed archive; unpack it first"),
    (b"\xfd7zXZ", "a compressed archive; unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a compressed archive; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"OggS", "a recording"),
    (b"ID3", "a recording"),
)
_TEXT_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_WEB_PAGE_START = re.compile(
    rb"\s*(<\?xml[^>]*>\s*)?(<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_ZIP_ENTRY = b"PK\x01\x02"
_MOST_ZIP_ENTRIES = 20_000
_SNIFFED = 64 * 1024


def kind_of(data: bytes, address: str) -> Kind:
    """Tell the kind of a file. A PDF or Office file is known by its bytes whatever its name is.

    Raises:
        UnreadableError: it is none of the kinds, or named as one that it is not.
    """
    named = _SUFFIXES.get(PurePosixPath(address).suffix.lower())
    if b"%PDF-" in data[:1024] and (named is Kind.PDF or data.startswith(b"%PDF-")):
        return Kind.PDF
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    for magic, what in _FOREIGN:
        if data.startswith(magic):
            raise UnreadableError(f"It is {what}.")
    if _is_binary(data):
        raise UnreadableError("It is not text: its bytes belong to a format that is not supported.")
    if named is not None and named in _NOT_TEXT:
        raise UnreadableError(f"It is named like a {named.value} but its content is not one.")
    if _WEB_PAGE_START.match(data[:4096].removeprefix(b"\xef\xbb\xbf")):
        return Kind.WEB_PAGE
    return named or Kind.PLAIN


def _kind_of_zip(data: bytes) -> Kind:
    if data.count(_ZIP_ENTRY) > _MOST_ZIP_ENTRIES:  # their names alone would take hundreds of megabytes
        raise UnreadableError(f"It holds more than {_MOST_ZIP_ENTRIES:,} parts.")
    try:
        with ZipFile(BytesIO(data)) as archive:
            names = set(archive.namelist())
    except ZIP_ERRORS as error:
        raise UnreadableError("It is a damaged archive or Office file; save it again.") from error
    if "word/document.xml" in names:
        return Kind.WORD
    if "xl/workbook.xml" in names:
        return Kind.SPREADSHEET
    raise UnreadableError("It is a ZIP archive or an Office format that is not supported; unpack or convert it first.")


def _is_binary(data: bytes) -> bool:
    start = data[:_SNIFFED]
    if start.startswith(_TEXT_MARKS):
        return False
    controls = len(_CONTROLS.findall(start))
    # A few stray control characters occur in real text; compressed or compiled data has them everywhere.
    return controls > 3 and controls * 50 > len(start)
