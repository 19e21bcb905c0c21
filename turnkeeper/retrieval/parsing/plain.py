"""Bytes to clean text: encodings, control characters, line ends; and the plain-text parser."""

import codecs
import re
import unicodedata
from pathlib import PurePosixPath

from turnkeeper.retrieval.parsing.parsed import ParsedDocument

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNWANTED = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANKS = (" ", "\t", "\u00a0")
# The look behind lets only the first blank of a run be a start: without it a long run takes quadratic time.
_TRAILING_SPACE = re.compile("(?<![ \t\u00a0])[ \t\u00a0]+$", re.MULTILINE)
_LONGEST_TITLE = 120


def decode(data: bytes, declared: str = "") -> str:
    """Decode by byte order mark, else by the `declared` encoding, else UTF-8, else the western single-byte ones."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, errors="replace")
    for encoding in (declared, "utf-8", "cp1252"):
        try:
            return data.decode(encoding) if encoding else data.decode("utf-8")
        except (UnicodeError, LookupError):
            continue
    return data.decode("latin-1")


def clean(text: str) -> str:
    """Make text safe to store and compare: NFC, `\\n` line ends, no control characters, no trailing space."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _SURROGATES.sub("\ufffd", _UNWANTED.sub("", text))
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if any(f"{blank}\n" in text for blank in _BLANKS) or text[-1:] in _BLANKS:  # fifty times as fast as the next line
        text = _TRAILING_SPACE.sub("", text)
    return text.strip("\n\f")


def one_line(text: str) -> str:
    """All white space as single blanks, none at the ends."""
    return " ".join(text.split())


def shorten_title(text: str) -> str:
    """A title on one line, cut with an ellipsis where it would be too long to show."""
    title = one_line(clean(text))
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"


def title_from_address(address: str) -> str:
    """The file's name without its suffix, for documents that do not name themselves."""
    stem = PurePosixPath(address).stem
    return shorten_title(stem.replace("_", " ").replace("-", " ")) or address


def title_from_first_line(text: str, address: str) -> str:
    """The first line when it reads like a heading, else the file's name."""
    first = next((line.strip() for line in text.split("\n", 50) if line.strip()), "")
    reads_like_a_heading = 0 < len(first) <= _LONGEST_TITLE and first[-1] not in ".,;:" and any(map(str.isalpha, first))
    return shorten_title(first) if reads_like_a_heading else title_from_address(address)


def parse_plain(data: bytes, address: str) -> ParsedDocument:
    """A text file as it is."""
    text = clean(decode(data))
    return ParsedDocument(address=address, title=title_from_first_line(text, address), text=text)
