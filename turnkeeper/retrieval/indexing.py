"""Making a data set equal to its sources: read what changed, and split it.

What is imported and what is stored meet here; neither knows the other. Reading and splitting run in a thread, in batches
of bounded size; an unchanged source is neither read nor split again.
"""

import asyncio
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

from turnkeeper.core.errors import InvalidError
from turnkeeper.core.imports import DocumentDraft, Failure, ImportReport, PassageDraft, ProductDraft, SourceDraft
from turnkeeper.retrieval.chunking import split
from turnkeeper.retrieval.parsing import Parsed, ParsedDocument, ParsedProduct, Unreadable
from turnkeeper.retrieval.words import take_apart

READING_VERSION = 1
"""Raise it when parsing or splitting changes: sources then count as changed, and the next import reads them again."""

_SOURCES_A_COMPARISON = 500
_CHARACTERS_A_BATCH = 1_000_000
_SOURCES_A_BATCH = 200
_LONGEST_ADDRESS = 1_000


class Source(Protocol):
    """One file or page that may be imported. Both methods block, so they are called in a thread."""

    @property
    def address(self) -> str:
        """What the source is called in the data set; no two of an import are called the same."""
        ...

    def content_hash(self) -> str:
        """A digest of the bytes; cheap, as it is asked for at every import."""
        ...

    def read(self) -> Sequence[Parsed]:
        """What the source holds. Trouble is an `Unreadable`, never an exception."""
        ...


class Cleared(Protocol):
    """How many sources are to be read again, and how many are gone."""

    @property
    def changed(self) -> int: ...

    @property
    def removed(self) -> int: ...


class Shelf(Protocol):
    """Where an import is written: one data set inside one transaction."""

    async def begin(self) -> None: ...

    async def compare(self, fingerprints: Sequence[tuple[str, str]]) -> set[str]: ...

    async def remembered_failures(self) -> list[Failure]: ...

    async def clear(self) -> Cleared: ...

    async def write(self, sources: Sequence[SourceDraft]) -> list[Failure]: ...

    async def finish(self) -> int: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far an import or an embedding is: `done` of `total` sources, or passages."""

    done: int
    total: int


Report = Callable[[Progress], None]


def no_report(_: Progress) -> None:
    """Tells nobody."""


class _Tally:
    """The counts of one import while it runs."""

    def __init__(self) -> None:
        self.documents = 0
        self.products = 0
        self.passages = 0
        self.failures: list[Failure] = []

    def add(self, source: SourceDraft) -> None:
        self.products += sum(document.product is not None for document in source.documents)
        self.documents += sum(document.product is None for document in source.documents)
        self.passages += sum(len(document.passages) for document in source.documents)
        self.failures.extend(source.failures)


async def import_sources(shelf: Shelf, sources: Sequence[Source], *, report: Report = no_report) -> ImportReport:
    """Make the data set hold exactly what the sources hold; the counts of documents and passages are of what was read.

    Raises:
        InvalidError: two sources have the same address.
    """
    _check_addresses(sources)
    await shelf.begin()
    hashes: dict[str, str] = {}
    for start in range(0, len(sources), _SOURCES_A_COMPARISON):
        batch = sources[start : start + _SOURCES_A_COMPARISON]
        fingerprints = await asyncio.to_thread(_fingerprints, batch)
        stale = await shelf.compare(fingerprints)
        hashes.update((address, digest) for address, digest in fingerprints if address in stale)
    cleared = await shelf.clear()
    tally = _Tally()
    tally.failures.extend(await shelf.remembered_failures())
    await _read_all(shelf, [source for source in sources if source.address in hashes], hashes, tally, report)
    return ImportReport(
        added=len(hashes) - cleared.changed,
        changed=cleared.changed,
        unchanged=len(sources) - len(hashes),
        removed=cleared.removed,
        documents=tally.documents,
        products=tally.products,
        passages=tally.passages,
        unembedded=await shelf.finish(),
        failures=tuple(tally.failures),
    )


async def _read_all(
    shelf: Shelf, sources: Sequence[Source], hashes: dict[str, str], tally: _Tally, report: Report
) -> None:
    waiting = iter(sources)
    done = 0
    report(Progress(done=0, total=len(sources)))
    while batch := await asyncio.to_thread(_read_batch, waiting, hashes):
        for source in batch:
            tally.add(source)
        # A source of which nothing could be read is not remembered, so that the next import tries it again.
        tally.failures.extend(
            await shelf.write([source for source in batch if source.documents or not source.failures])
        )
        done += len(batch)
        report(Progress(done=done, total=len(sources)))


def _check_addresses(sources: Sequence[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        if source.address in seen:
            raise InvalidError("sources", f"Two of the sources have the same address {source.address!r}; rename one.")
        seen.add(source.address)


def _fingerprints(sources: Sequence[Source]) -> list[tuple[str, str]]:
    return [(source.address, f"{READING_VERSION}:{source.content_hash()}") for source in sources]


def _read_batch(sources: Iterator[Source], hashes: dict[str, str]) -> list[SourceDraft]:
    batch: list[SourceDraft] = []
    characters = 0
    for source in sources:
        draft = draft_source(source.address, hashes[source.address], source.read())
        batch.append(draft)
        characters += sum(len(document.text) for document in draft.documents)
        if characters > _CHARACTERS_A_BATCH or len(batch) >= _SOURCES_A_BATCH:
            break
    return batch


def draft_source(address: str, content_hash: str, items: Sequence[Parsed]) -> SourceDraft:
    """What was read from one source, split and ready to be stored."""
    documents: list[DocumentDraft] = []
    failures: list[Failure] = []
    for item in items:
        match item:
            case ParsedDocument():
                documents.append(_document(item))
            case ParsedProduct():
                documents.append(_product(item))
            case Unreadable():
                failures.append(Failure(address=item.address, why=item.why))
            case _:
                assert_never(item)
    return SourceDraft(address=address, content_hash=content_hash, documents=tuple(documents), failures=tuple(failures))


def _document(item: ParsedDocument) -> DocumentDraft:
    return DocumentDraft(
        address=_short(item.address), title=item.title, text=item.text, passages=_passages(item.title, item.text)
    )


def _product(item: ParsedProduct) -> DocumentDraft:
    text = product_text(item)
    product = ProductDraft(
        entry_id=item.entry_id,
        name=item.name,
        slug=item.slug,
        sku=item.sku,
        description=item.description,
        properties=item.properties,
        categories=item.categories,
        price=item.price,
    )
    return DocumentDraft(
        address=_short(f"products/{item.entry_id}"),
        title=item.name,
        text=text,
        passages=_passages(item.name, text),
        product=product,
    )


def product_text(item: ParsedProduct) -> str:
    """A product's fields as a page that people and models can read, and that passages quote."""
    price = "" if item.price is None else f"{item.price:g}" if item.price == int(item.price) else f"{item.price:.2f}"
    facts = (("Price", price), ("SKU", item.sku), ("Categories", item.categories))
    lines = [f"{name}: {value.strip()}" for name, value in facts if value.strip()]
    parts = (f"# {item.name}", item.description.strip(), "\n".join([*lines, item.properties.strip()]).strip())
    return "\n\n".join(part for part in parts if part)


def _passages(title: str, text: str) -> tuple[PassageDraft, ...]:
    return tuple(
        PassageDraft(
            start=piece.start,
            end=piece.end,
            context=piece.context,
            words=take_apart(text[piece.start : piece.end]),
            context_words=take_apart(piece.context),
        )
        for piece in split(title, text)
    )


def _short(address: str) -> str:
    """The address itself, or one that fits into an index: its end, which tells more, after a digest of the whole."""
    if len(address) <= _LONGEST_ADDRESS:
        return address
    return hashlib.sha256(address.encode()).hexdigest() + "…" + address[-_LONGEST_ADDRESS // 2 :]
