"""What reading a file yields: documents, products, and what could not be read and why."""

from dataclasses import dataclass

from turnkeeper.core.errors import CallerError

MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_ROWS = 50_000
MAX_PAGES = 5_000
MAX_TEXT_CHARACTERS = 20_000_000
"""One document's text; the rest of a longer one is left out, and the report says so."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedDocument:
    """One readable thing as plain text, Markdown where the source had structure."""

    address: str
    title: str
    text: str
    pages: int | None = None
    """Of a PDF that opens without a password."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ParsedProduct:
    """One thing that is sold. `properties` has one "name: value" a line; `categories` are joined by commas."""

    entry_id: str
    name: str
    slug: str = ""
    sku: str = ""
    description: str = ""
    properties: str = ""
    categories: str = ""
    price: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """Something that was left out: a whole file, or the part of it that `why`, a sentence, names."""

    address: str
    why: str
    scanned_pages: int | None = None
    """Of a PDF that is whole and can be looked at, and holds no text."""


Parsed = ParsedDocument | ParsedProduct | Unreadable


class UnreadableError(CallerError):
    """Raised by one format's parser and turned into `Unreadable` by `parse`; the message is the sentence."""

    code = "unreadable"
