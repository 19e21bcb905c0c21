"""Documents, products, passages and what a search finds, in the dialect's words."""

from collections.abc import Mapping
from uuid import UUID

from msgspec import UNSET

from turnkeeper.core.data_sets import DocumentEntry, DocumentPart, Passage, PassageEntry, Product
from turnkeeper.core.ids import prefixed
from turnkeeper.core.ranking import Explanation
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.documents import (
    DocumentMeaningShape,
    DocumentShape,
    DocumentTextShape,
    ExplanationShape,
    FoundShape,
    MeaningShape,
    PassageShape,
    ProductShape,
    TermShape,
    WordsShape,
)


def document_shape(document: DocumentEntry) -> DocumentShape:
    """A document without its text."""
    return DocumentShape(
        id=prefixed("doc", document.public_id),
        kind=document.kind,
        address=document.address,
        title=document.title,
        size=document.size,
        passages=document.passages,
        version=document.version,
        created_at=moment(document.created_at),
        updated_at=moment(document.updated_at),
    )


def document_text_shape(part: DocumentPart, *, seen_version: int | None) -> DocumentTextShape:
    """A document with a stretch of its text; `seen_version` is the one that somebody has read."""
    document = part.entry
    return DocumentTextShape(
        id=prefixed("doc", document.public_id),
        kind=document.kind,
        address=document.address,
        title=document.title,
        size=document.size,
        passages=document.passages,
        version=document.version,
        is_changed=None if seen_version is None else document.version != seen_version,
        length=part.length,
        start=part.start,
        end=part.end,
        text=part.text,
        created_at=moment(document.created_at),
        updated_at=moment(document.updated_at),
    )


def passage_shape(passage: PassageEntry) -> PassageShape:
    """A passage of a document."""
    return PassageShape(
        start=passage.start,
        end=passage.end,
        text=passage.text,
        context=passage.context,
        has_vector=passage.has_vector,
    )


def product_shape(product: Product, document: DocumentEntry) -> ProductShape:
    """A product, with the id of its companion."""
    return ProductShape(
        id=prefixed("prod", document.public_id),
        entry_id=product.entry_id,
        name=product.name,
        slug=product.slug,
        sku=product.sku,
        description=product.description,
        properties=product.properties,
        categories=product.categories,
        price=product.price,
        document_id=prefixed("doc", document.public_id),
        updated_at=moment(document.updated_at),
    )


def found_shape(
    rank: int, passage: Passage, explanation: Explanation | None, documents: Mapping[int, UUID]
) -> FoundShape:
    """A passage that a search found; `documents` has the public ids."""
    return FoundShape(
        rank=rank,
        score=passage.score,
        document_id=prefixed("doc", documents[passage.document_id]),
        document_version=passage.document_version,
        title=passage.title,
        address=passage.address,
        start=passage.start,
        end=passage.end,
        text=passage.text,
        explanation=UNSET if explanation is None else _explanation_shape(explanation),
    )


def _explanation_shape(explanation: Explanation) -> ExplanationShape:
    words, meaning, document = explanation.words, explanation.meaning, explanation.document
    return ExplanationShape(
        words=None
        if words is None
        else WordsShape(
            score=words.score,
            rank=words.rank,
            scaled=words.scaled,
            terms=[
                TermShape(
                    word=term.word,
                    holding=term.holding,
                    weight=term.weight,
                    frequency=term.frequency,
                    score=term.score,
                )
                for term in words.terms
            ],
        ),
        meaning=None
        if meaning is None
        else MeaningShape(similarity=meaning.similarity, rank=meaning.rank, scaled=meaning.scaled),
        document=None
        if document is None
        else DocumentMeaningShape(similarity=document.similarity, scaled=document.scaled),
        meaning_share=explanation.meaning_share,
        document_share=explanation.document_share,
        own=explanation.own,
        fused=explanation.fused,
        support=explanation.support,
        scale=explanation.scale,
    )
