"""Documents, products, passages and what a search finds, on the wire."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from turnkeeper.core.data_sets import DocumentKind
from turnkeeper.dialects.native.shapes.common import Moment

DocumentId = Annotated[str, Meta(examples=["doc_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B"])]
ProductId = Annotated[str, Meta(examples=["prod_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B"])]
Cursor = Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class DocumentShape(msgspec.Struct, kw_only=True):
    """One readable thing of a data set; a product has one too, its companion."""

    id: DocumentId
    kind: DocumentKind
    address: Annotated[str, Meta(description="Where it came from; unique in the data set.")]
    title: str
    size: Annotated[int, Meta(description="Of its text, in bytes.")]
    passages: int
    version: Annotated[int, Meta(description="How many texts it has had, from 1.")]
    created_at: Moment
    updated_at: Moment


class DocumentsShape(msgspec.Struct, kw_only=True):
    """A part of the documents, newest first."""

    items: list[DocumentShape]
    has_more: bool
    next_cursor: Cursor


class DocumentTextShape(msgspec.Struct, kw_only=True):
    """A document with a stretch of its text. Offsets count characters."""

    id: DocumentId
    kind: DocumentKind
    address: str
    title: str
    size: int
    passages: int
    version: int
    is_changed: Annotated[
        bool | None,
        Meta(description="Whether its text is another one than in the `version` that was asked for; null without."),
    ]
    length: Annotated[int, Meta(description="Of the whole text.")]
    start: int
    end: int
    text: Annotated[str, Meta(description="From `start` to `end`.")]
    created_at: Moment
    updated_at: Moment


class PassageShape(msgspec.Struct, kw_only=True):
    """A piece of a document that search can find."""

    start: Annotated[int, Meta(description="Offset into the document's text, in characters.")]
    end: int
    text: str
    context: Annotated[str, Meta(description="The title and the headings above it, by which it is found too.")]
    has_vector: Annotated[bool, Meta(description="Whether it is found by its meaning too.")]


class PassagesShape(msgspec.Struct, kw_only=True):
    """A part of the passages of a document, in its order."""

    document_version: int
    items: list[PassageShape]
    has_more: bool
    next_cursor: Cursor


class TextBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A document as a text. One of `text`, `markdown` and `html` is there."""

    address: Annotated[
        str | UnsetType,
        Meta(description="What it is called in the data set: a path or a URL. Needed, where the query has none."),
    ] = UNSET
    title: Annotated[str | UnsetType, Meta(description="The first heading, or the address, when it is left out.")] = (
        UNSET
    )
    text: str | UnsetType = UNSET
    markdown: str | UnsetType = UNSET
    html: str | UnsetType = UNSET


class ProductShape(msgspec.Struct, kw_only=True):
    """One thing that is sold."""

    id: ProductId
    entry_id: Annotated[str, Meta(description="The shop's own id.")]
    name: str
    slug: str
    sku: str
    description: str
    properties: Annotated[str, Meta(description="One `name: value` a line.")]
    categories: str
    price: Annotated[float | None, Meta(description="In the shop's own currency.")]
    document_id: Annotated[DocumentId, Meta(description="Its readable companion, which answers cite.")]
    updated_at: Moment


class ProductsShape(msgspec.Struct, kw_only=True):
    """A part of the products that fit."""

    items: list[ProductShape]
    has_more: bool
    next_cursor: Cursor
    total: Annotated[int, Meta(description="How many fit.")]


class SearchFilters(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Only passages of documents that fit all of it."""

    kind: DocumentKind | UnsetType | None = UNSET
    address_prefix: str | UnsetType | None = UNSET
    documents: Annotated[list[DocumentId] | UnsetType | None, Meta(description="At most 100.")] = UNSET


class SearchBody(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is looked for."""

    query: Annotated[str, Meta(description="A question or keywords; what stands behind 2,000 characters is left out.")]
    limit: Annotated[int, Meta(ge=1, le=100)] | None = 10
    explain: Annotated[bool | None, Meta(description="Whether each passage comes with the reasons of its rank.")] = (
        False
    )
    filters: SearchFilters | UnsetType | None = UNSET


class TermShape(msgspec.Struct, kw_only=True):
    """What one word of the question adds to a passage's score by words."""

    word: Annotated[str, Meta(description="Its stem.")]
    holding: Annotated[
        int, Meta(description="How many passages of the data set have it: the fewer, the more it weighs.")
    ]
    weight: float
    frequency: Annotated[int, Meta(description="How often this passage has it; in a heading it counts twice.")]
    score: Annotated[float, Meta(description="weight · f / (f + a + b · length): BM25.")]


class WordsShape(msgspec.Struct, kw_only=True):
    """What the words of the question say."""

    score: Annotated[float, Meta(description="BM25: the sum over `terms`.")]
    rank: Annotated[
        int | None, Meta(description="Among the best 100 by words; null: found by meaning, and scored by words too.")
    ]
    scaled: Annotated[float, Meta(description="The score over that of the best.")]
    terms: list[TermShape]


class MeaningShape(msgspec.Struct, kw_only=True):
    """What the meaning of the question says."""

    similarity: Annotated[float, Meta(description="The cosine of the vectors.")]
    rank: Annotated[
        int | None,
        Meta(description="Among the best 100 by meaning; null: found by words, and compared by meaning too."),
    ]
    scaled: Annotated[float, Meta(description="The similarity over that of the best.")]


class DocumentMeaningShape(msgspec.Struct, kw_only=True):
    """What the meaning of the whole document says."""

    similarity: float
    scaled: float


class ExplanationShape(msgspec.Struct, kw_only=True):
    """Why a passage has its score, from the figures by which it was ranked."""

    words: WordsShape | None
    meaning: Annotated[MeaningShape | None, Meta(description="null where there is no vector: the words stand in.")]
    document: Annotated[DocumentMeaningShape | None, Meta(description="null where there is no vector.")]
    meaning_share: float
    document_share: float
    own: Annotated[float, Meta(description="(1 - meaning_share) · words + meaning_share · meaning, both scaled.")]
    fused: Annotated[float, Meta(description="(own + document_share · document) / (1 + document_share).")]
    support: Annotated[
        float, Meta(description="What other passages of the document add to its best one; 0 for the others.")
    ]
    scale: Annotated[float, Meta(description="The score is (fused + support) / scale, which keeps it below 1.")]


class FoundShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A passage that fits."""

    rank: int
    score: Annotated[float, Meta(description="0 to 1; comparable within one search only.")]
    document_id: DocumentId
    document_version: Annotated[int, Meta(description="Which text of the document the offsets count in.")]
    title: str
    address: str
    start: int
    end: int
    text: str
    explanation: ExplanationShape | UnsetType = UNSET


class SearchShape(msgspec.Struct, kw_only=True):
    """The passages that fit best, best first."""

    items: list[FoundShape]
