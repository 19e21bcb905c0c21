"""What an import brings into a data set: sources with their documents and passages, and the report about it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PassageDraft:
    """A stretch of a document's text, to be stored.

    `words` and `context_words` are what full-text search shall find it by: the text and the context, taken apart.
    """

    start: int
    end: int
    context: str
    words: str
    context_words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProductDraft:
    """A product to be stored; its document is the readable companion."""

    entry_id: str
    name: str
    slug: str
    sku: str
    description: str
    properties: str
    categories: str
    price: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentDraft:
    """A document to be stored, with its passages in order."""

    address: str
    title: str
    text: str
    passages: tuple[PassageDraft, ...]
    product: ProductDraft | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Something that could not be read, and a sentence that says why."""

    address: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceDraft:
    """One file or page as it was read."""

    address: str
    content_hash: str
    documents: tuple[DocumentDraft, ...]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ImportReport:
    """What an import did. The first four count sources; `unembedded` passages still wait for their vectors."""

    added: int
    changed: int
    unchanged: int
    removed: int
    documents: int
    products: int
    passages: int
    unembedded: int
    failures: tuple[Failure, ...]
