"""What agents know: data sets of documents and products, and the passages that a search returns."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from turnkeeper.core.accounts import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSet:
    """A named body of documents and products, visible to its members and to admins."""

    id: int
    public_id: UUID
    organization_id: int
    name: str
    embedding_model: str
    """Which one made the vectors that serve."""
    next_embedding_model: str | None
    """Which one makes those that are to take their place; None when none does."""
    embedding_trouble: str | None
    """Why vectors could not be made at the last attempt: a sentence."""
    description: str
    """What people say of it."""
    revision: int
    """How often its name, description or embedding model were set: raised by each change."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSetTotals:
    """How much a data set holds. `unembedded` passages are found by their words, not yet by their meaning.

    `left_to_change` passages wait for the model that is to take the place of the one that serves.
    """

    documents: int
    products: int
    passages: int
    unembedded: int
    left_to_change: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSetMember:
    """An account that a data set was opened to. `name` is a user's e-mail address."""

    id: int
    public_id: UUID
    kind: Literal["user", "service"]
    name: str
    role: Role
    is_active: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One readable thing of a data set, as plain text (Markdown where the source had structure)."""

    id: int
    public_id: UUID
    data_set_id: int
    address: str
    """Where it came from: the path within the imported folder, or a URL; unique in the data set."""
    title: str
    text: str
    version: int
    """How many texts it has had: raised when an import brings another one."""
    created_at: datetime
    updated_at: datetime


DocumentKind = Literal["document", "product"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentEntry:
    """A document without its text, as lists have it. A product's is its readable companion."""

    id: int
    public_id: UUID
    kind: DocumentKind
    address: str
    title: str
    size: int
    """Of its text, in bytes."""
    passages: int
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentFilter:
    """Which documents are wanted, newest first: all that is given must fit."""

    address_prefix: str | None = None
    title: str | None = None
    """A part of it, in any case."""
    kind: DocumentKind | None = None
    words: str | None = None
    """One of its passages has all of these, compared by their stems."""
    before: int | None = None
    """Only documents with lower numbers."""
    limit: int = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class DocumentPart:
    """A document, and a stretch of its text."""

    entry: DocumentEntry
    length: int
    """Of the whole text, in characters."""
    start: int
    end: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PassageEntry:
    """A passage of a document, as lists have it."""

    id: int
    start: int
    end: int
    text: str
    context: str
    """The title and the headings above it, by which it is found too."""
    has_vector: bool
    """Whether it is found by its meaning, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredText:
    """The text of a document, or a part of it, as it is stored in one version."""

    version: int
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Product:
    """One thing that is sold. `price` is in the shop's own currency; `properties` and `categories` are free text."""

    id: int
    data_set_id: int
    entry_id: str
    name: str
    slug: str
    sku: str
    description: str
    properties: str
    categories: str
    price: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """A piece of a document or product that a search found. Offsets count characters of the document's stored text."""

    id: int
    document_id: int
    title: str
    address: str
    start: int
    end: int
    text: str
    score: float
    """Comparable within one search only; higher is better."""
    document_version: int = 0
    """Which text of the document the offsets count in; 0 when it is not known."""
