"""A file in the file storage, or a text that came with a request, as a source of documents."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from turnkeeper.core.syncs import SyncFile, SyncFileKind
from turnkeeper.retrieval.parsing import Parsed, ParsedDocument, ParsedProduct, Unreadable, parse_apart

_NAMES: dict[SyncFileKind, str] = {"text": "text.txt", "markdown": "text.md", "html": "text.html"}
"""By which name a text is parsed whose kind the client said."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredSource:
    """`fetch` brings its bytes; it blocks, and is called in a thread."""

    file: SyncFile
    fetch: Callable[[], bytes]

    @property
    def address(self) -> str:
        """What it is called in the data set."""
        return self.file.address

    def content_hash(self) -> str:
        """Of a file SHA-256 of the bytes, as a file of a folder has it; of a text with its title and kind."""
        if self.file.kind not in _NAMES:
            return self.file.digest.hex()
        title = (self.file.title or "").encode()
        return hashlib.sha256(b"\0".join((self.file.digest, self.file.kind.encode(), title))).hexdigest()

    def read(self) -> Sequence[Parsed]:
        """Everything that it holds. Slow work, for a thread.

        Raises:
            UpstreamError: the storage is away, or has lost it.
        """
        name = _NAMES.get(self.file.kind, self.address)
        return [self._named(item) for item in parse_apart(self.fetch(), name)]

    def _named(self, item: Parsed) -> Parsed:
        """The item under the source's own address, and the title that was given with it."""
        if self.file.kind not in _NAMES or isinstance(item, ParsedProduct):
            return item
        if isinstance(item, Unreadable):
            return replace(item, address=self.address)
        title = self.file.title or (item.title if item.title != "text" else self.address)
        return ParsedDocument(address=self.address, title=title, text=item.text)
