"""Sources in memory, and a small data set to import and search."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from turnkeeper.retrieval.parsing import Parsed, ParsedDocument


@dataclass(kw_only=True)
class MemorySource:
    """A source whose content is given; counts how often it is read."""

    address: str
    items: Sequence[Parsed]
    reads: int = field(default=0)

    def content_hash(self) -> str:
        return hashlib.sha256(repr(self.items).encode()).hexdigest()

    def read(self) -> Sequence[Parsed]:
        self.reads += 1
        return self.items


def page(address: str, title: str, text: str) -> MemorySource:
    """A source of one document."""
    return MemorySource(address=address, items=[ParsedDocument(address=address, title=title, text=text)])
