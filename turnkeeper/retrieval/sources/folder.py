"""Files and folders on disk as a source of documents."""

import os
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from turnkeeper.core.errors import InvalidError
from turnkeeper.retrieval.parsing import Parsed, Unreadable, parse_apart
from turnkeeper.retrieval.parsing.parse import too_large
from turnkeeper.retrieval.parsing.parsed import MAX_FILE_BYTES
from turnkeeper.retrieval.sources.noise import is_noise, is_noise_folder

_PIECE = 1024 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """A file to read. `address` names it in the data set and stays the same from one import to the next."""

    address: str
    path: Path
    size: int

    def content_hash(self) -> str:
        """SHA-256 of the bytes in hexadecimal, or a few words when they are out of reach. Reads but does not parse."""
        digest = sha256()
        try:
            with self.path.open("rb") as stream:
                if os.fstat(stream.fileno()).st_size > MAX_FILE_BYTES:
                    return "too large"
                while piece := stream.read(_PIECE):
                    digest.update(piece)
        except OSError:
            return "not readable"
        return digest.hexdigest()

    def read(self) -> Sequence[Parsed]:
        """Everything that the file holds; what could not be read is named among it. Slow work, for a thread."""
        try:
            with self.path.open("rb") as stream:
                size = os.fstat(stream.fileno()).st_size
                if size > MAX_FILE_BYTES:
                    return [Unreadable(address=self.address, why=too_large(size))]
                data = stream.read(MAX_FILE_BYTES + 1)
        except OSError as error:
            return [Unreadable(address=self.address, why=f"The file could not be opened: {error.strerror}.")]
        return parse_apart(data, self.address)


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFiles:
    """What a search of folders found, sorted by address; `skipped` counts what is never worth reading."""

    files: Sequence[FoundFile]
    skipped: int
    unreadable: Sequence[Unreadable]
    """Folders that could not be opened."""


def find_files(paths: Sequence[Path]) -> FoundFiles:
    """Find every file worth reading in the folders, and every file that is named itself whatever it is.

    A file's address is its path within the folder given, with `/`; the same one from a second folder gets that
    folder's name before it. A file that is reached twice is found once.

    Raises:
        InvalidError: a path does not exist or is neither a file nor a folder.
    """
    search = _Search()
    for path in paths:
        search.add(path)
    return FoundFiles(
        files=tuple(sorted(search.found.values(), key=lambda file: file.address)),
        skipped=search.skipped,
        unreadable=tuple(search.unreadable),
    )


class _Search:
    """Gathers files, each real file and folder once."""

    def __init__(self) -> None:
        self.found: dict[str, FoundFile] = {}
        self.skipped = 0
        self.unreadable: list[Unreadable] = []
        self._folders: set[tuple[int, int]] = set()
        self._files: set[Path] = set()

    def add(self, path: Path) -> None:
        """Search one of the paths that the caller named."""
        try:
            status = path.stat()
        except (OSError, ValueError) as error:
            raise InvalidError("paths", f"There is no file or folder {str(path)!r}; check its spelling.") from error
        if stat.S_ISDIR(status.st_mode):
            self._add_folder(path)
        elif stat.S_ISREG(status.st_mode):
            self._add_file(path, _as_text(path.name), path.absolute().parent.name, status)
        else:
            raise InvalidError("paths", f"{str(path)!r} is neither a file nor a folder; name one of these.")

    def _add_folder(self, root: Path) -> None:
        root_name = _as_text(root.resolve().name)
        links: list[tuple[Path, str]] = []
        for path in self._walk(root):
            address = _as_text(path.relative_to(root).as_posix())
            if path.is_symlink():
                links.append((path, address))
            else:
                self._try_file(path, address, root_name)
        # Links come last, so that a file that also lies in the folder keeps its own address.
        for path, address in links:
            self._try_file(path, address, root_name)

    def _walk(self, root: Path) -> Iterator[Path]:
        waiting = [root]
        while waiting:
            folder = waiting.pop()
            try:
                identity = _identity(folder.stat())
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except OSError as error:
                why = f"The folder could not be opened: {error.strerror}."
                self.unreadable.append(Unreadable(address=_as_text(folder.relative_to(root).as_posix()), why=why))
                continue
            if identity in self._folders:  # a link that leads back up, or a folder that was named twice
                continue
            self._folders.add(identity)
            for entry in self._worth_reading(entries):
                if not _is_folder(entry):
                    yield Path(entry.path)
                elif entry.is_symlink():
                    waiting.insert(0, Path(entry.path))  # last, for the same reason as links to files
                else:
                    waiting.append(Path(entry.path))

    def _worth_reading(self, entries: Sequence["os.DirEntry[str]"]) -> Iterator["os.DirEntry[str]"]:
        names = frozenset(entry.name for entry in entries)
        for entry in entries:
            if is_noise_folder(entry.name) if _is_folder(entry) else is_noise(entry.name, names):
                self.skipped += 1
            else:
                yield entry

    def _try_file(self, path: Path, address: str, root_name: str) -> None:
        try:
            status = path.stat()
        except OSError:  # a link to nowhere, or a file that went away meanwhile
            self.skipped += 1
            return
        if stat.S_ISREG(status.st_mode):
            self._add_file(path, address, root_name, status)
        else:
            self.skipped += 1

    def _add_file(self, path: Path, address: str, root_name: str, status: os.stat_result) -> None:
        real = path.resolve()
        if real in self._files:
            return
        self._files.add(real)
        address = self._free(address, root_name)
        self.found[address] = FoundFile(address=address, path=path, size=status.st_size)

    def _free(self, address: str, root_name: str) -> str:
        wanted = address
        number = 1
        while wanted in self.found:
            wanted = f"{root_name}/{address}" if number == 1 else f"{root_name}-{number}/{address}"
            number += 1
        return wanted


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _as_text(name: str) -> str:
    """A name that can be stored: one form of accents, and a mark for bytes that are no UTF-8."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "replace").replace("\x00", ""))
