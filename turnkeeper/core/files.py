"""Files: what people attach to a message, and what the agent writes for them."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from turnkeeper.core.errors import InvalidError

MOST_FILES_A_MESSAGE = 10
LONGEST_NAME = 255
"""Characters of a file's name."""

IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""The pictures that models can see."""
PDF_TYPE = "application/pdf"

SUPPORTED_SUFFIXES = (
    *(".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".html", ".htm"),
    *(".pdf", ".docx", ".xlsx", ".jpg", ".jpeg", ".png", ".gif", ".webp"),
)
"""The usual suffixes of the kinds of files that can be uploaded. The bytes decide, not the name: other text is text too."""

_SEPARATORS = re.compile(r"[/\\]")
# Controls, line and paragraph separators, surrogates, and marks that turn the direction of what follows.
_UNSHOWN = ("Cc", "Cf", "Cs", "Zl", "Zp")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file as its users know it. `media_type` is what the bytes are, whatever the client said."""

    id: int
    public_id: UUID
    name: str
    """As it was given, without folders and without what cannot be shown; for display only."""
    media_type: str
    size: int
    """In bytes."""
    conversation_id: int | None
    """The only conversation that it may be attached in; None for any."""
    created_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class PlacedFile:
    """A file, and where it is in a conversation."""

    file: File
    digest: str
    """Of its bytes, in hexadecimal: another one means other bytes."""
    is_written: bool
    """Whether the agent wrote it."""
    message_id: UUID | None
    """The first message that has it, or whose answer came with it; None while no message has it."""
    conversation_id: UUID | None
    """The conversation of that message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Attachment:
    """A file as a turn may use it: its bytes where it is shown as it is, and the text that it holds."""

    id: str
    """By which the model names it."""
    name: str
    media_type: str
    size: int
    text: str = ""
    """The beginning of its text; as much as could ever be shown at once."""
    characters: int = 0
    """The length of the whole text."""
    pages: int = 0
    """Of a PDF that anybody may open and whose pages were counted, else 0."""
    message_id: int = 0
    """Of the message that has it."""
    content: bytes | None = None
    """The bytes of a picture or a PDF that is shown to the model as it is."""

    @property
    def is_image(self) -> bool:
        """Whether it is a picture."""
        return self.media_type in IMAGE_TYPES

    @property
    def is_pdf(self) -> bool:
        """Whether it is a PDF."""
        return self.media_type == PDF_TYPE


class UnknownFilesError(InvalidError):
    """Files that were named do not exist, or are not the caller's to attach here; `files` are their ids, as they came."""

    def __init__(self, files: tuple[int | UUID, ...]) -> None:
        named = ", ".join(str(file) for file in files)
        super().__init__("files", f"There are no such files to attach: {named}.", code="unknown_files")
        self.files = files


def safe_name(name: str | None) -> str:
    """The name to show for a file: the last part of the path, what cannot be shown left out, at most 255 characters.

    A name that is too long keeps its suffix. Nothing is ever stored under this name.
    """
    last = _SEPARATORS.split(unicodedata.normalize("NFC", name or ""))[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in _UNSHOWN)
    shown = " ".join(shown.split())
    if not shown.strip(". "):
        return "file"
    if len(shown) <= LONGEST_NAME:
        return shown
    stem, dot, suffix = shown.rpartition(".")
    if not dot or len(suffix) > 16:
        return shown[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
