"""A ZIP archive of a folder as a source of documents. Nothing of it is ever unpacked to the disk."""

import posixpath
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import ZipFile, ZipInfo

from turnkeeper.core.syncs import LONGEST_ADDRESS
from turnkeeper.retrieval.parsing import Parsed, Unreadable, parse_apart
from turnkeeper.retrieval.parsing.parse import too_large
from turnkeeper.retrieval.parsing.parsed import MAX_FILE_BYTES, UnreadableError
from turnkeeper.retrieval.parsing.zip_guard import ZIP_ERRORS, refuse_many
from turnkeeper.retrieval.sources.noise import is_noise, is_noise_folder

MAX_ARCHIVE_BYTES = 1024 * 1024 * 1024
"""What all files of an archive may have unpacked."""
_PIECE = 1024 * 1024
_OFFICE = frozenset({"word/document.xml", "xl/workbook.xml", "ppt/presentation.xml", "mimetype", "[Content_Types].xml"})
_ENCRYPTED = 0x1


@dataclass(frozen=True, kw_only=True, slots=True)
class ArchivedFile:
    """One file inside an open archive. `address` is its path there."""

    address: str
    size: int
    opened: Callable[[], IO[bytes]]

    def content_hash(self) -> str:
        """SHA-256 of the unpacked bytes in hexadecimal, as a file of a folder has it, or a few words."""
        if self.size > MAX_FILE_BYTES:
            return "too large"
        digest = sha256()
        try:
            with self.opened() as stream:
                while piece := stream.read(_PIECE):
                    digest.update(piece)
        except ZIP_ERRORS:
            return "not readable"
        return digest.hexdigest()

    def read(self) -> Sequence[Parsed]:
        """Everything that the file holds. Slow work, for a thread."""
        if self.size > MAX_FILE_BYTES:
            return [Unreadable(address=self.address, why=too_large(self.size))]
        try:
            with self.opened() as stream:
                data = stream.read(MAX_FILE_BYTES + 1)
        except ZIP_ERRORS:
            return [Unreadable(address=self.address, why="The file is damaged inside its archive; pack it again.")]
        return parse_apart(data, self.address)


class Archive:
    """An archive on disk, open until it is closed."""

    def __init__(self, path: Path) -> None:
        """Open it. Blocks.

        Raises:
            UnreadableError: it is damaged, or unpacks to too much.
        """
        try:
            self._zip = ZipFile(path)
        except ZIP_ERRORS as error:
            raise UnreadableError("It is a damaged ZIP archive; pack it again.") from error
        self.skipped = 0
        self.unreadable: list[Unreadable] = []
        try:
            refuse_many(self._zip.infolist(), max_bytes=MAX_ARCHIVE_BYTES)
            self.files: Sequence[ArchivedFile] = tuple(self._found())
        except UnreadableError:
            self._zip.close()
            raise

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()

    def _found(self) -> Iterator[ArchivedFile]:
        """Every file worth reading, each address once."""
        seen: set[str] = set()
        for folder, members in self._folders().items():
            beside = frozenset(members)
            for name, member in members.items():
                address = posixpath.join(folder, name)
                if any(is_noise_folder(part) for part in folder.split("/") if part) or is_noise(name, beside):
                    self.skipped += 1
                elif address in seen:
                    self._leave_out(address, "The archive holds it twice; the first one is used.")
                elif member.flag_bits & _ENCRYPTED:
                    self._leave_out(address, "It is encrypted; pack the archive again without a password.")
                else:
                    seen.add(address)
                    yield ArchivedFile(address=address, size=member.file_size, opened=self._opener(member))

    def _folders(self) -> Mapping[str, dict[str, ZipInfo]]:
        """The files by their folder and name."""
        folders: dict[str, dict[str, ZipInfo]] = defaultdict(dict)
        for member in self._zip.infolist():
            if member.is_dir():
                continue
            path = _clean(member.filename)
            if path is None:
                self._leave_out(member.filename, "Its path leads out of the archive, so it was left out.")
                continue
            if len(path) > LONGEST_ADDRESS:
                self._leave_out(path[:LONGEST_ADDRESS], f"Its path has more than {LONGEST_ADDRESS:,} characters.")
                continue
            folder, name = posixpath.split(path)
            if name in folders[folder]:
                self._leave_out(path, "The archive holds it twice; the first one is used.")
            else:
                folders[folder][name] = member
        return folders

    def _leave_out(self, address: str, why: str) -> None:
        self.unreadable.append(Unreadable(address=_storable(address), why=why))

    def _opener(self, member: ZipInfo) -> Callable[[], IO[bytes]]:
        return lambda: self._zip.open(member)


def is_archive(path: Path) -> bool:
    """Whether a file is a ZIP archive of files, and no document in one. Blocks."""
    try:
        with path.open("rb") as stream:
            if stream.read(4) not in {b"PK\x03\x04", b"PK\x05\x06"}:
                return False
        with ZipFile(path) as archive:
            return _OFFICE.isdisjoint(archive.namelist())
    except ZIP_ERRORS:
        return False


def _clean(filename: str) -> str | None:
    """The path as an address; None when it is none."""
    path = posixpath.normpath(filename.replace("\\", "/").lstrip("/"))
    if path in {".", ".."} or path.startswith("../"):
        return None
    return _storable(path)


def _storable(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "")
    return unicodedata.normalize("NFC", text)
