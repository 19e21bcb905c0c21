"""How passages are ranked: what is counted, what is asked for, and what is found."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from turnkeeper.core.data_sets import Passage
from turnkeeper.core.embeddings import VectorIndex


@dataclass(frozen=True, kw_only=True, slots=True)
class TermCount:
    """A term of a question, and how many passages of the data set hold it."""

    term: int
    passages: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistics:
    """What a search must know of a data set for one question. `mean_length` counts words of a passage.

    `index` are the vectors that serve; None when there is no such data set.
    """

    passages: int
    mean_length: float
    terms: tuple[TermCount, ...]
    index: VectorIndex | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WordQuery:
    """A question as BM25 asks it.

    A passage's score is the sum over `terms` of weight · f / (f + `floor` + `slope` · length), where f is how often the term
    occurs in it. Looked at are passages with any of the terms in `any_of`, or with all of those in `all_of`.
    """

    terms: tuple[int, ...]
    weights: tuple[float, ...]
    floor: float
    slope: float
    any_of: tuple[int, ...]
    all_of: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A passage with its score in one of the rankings; higher is better."""

    passage_id: int
    document_id: int
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PassageFilter:
    """Which passages are looked at: those of documents for which all that is given holds."""

    kind: Literal["document", "product"] | None = None
    address_prefix: str | None = None
    documents: tuple[UUID, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TermScore:
    """What one word of the question adds to the score of a passage: weight · f / (f + floor + slope · length).

    `holding` is how many passages of the data set have the word, which makes its `weight`; `frequency` is how often this
    one has it, 0 for not at all.
    """

    word: str
    holding: int
    weight: float
    frequency: int
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class WordsPart:
    """What the words of the question say for a passage: BM25. `scaled` is the score over the best one's."""

    score: float
    rank: int | None
    """Its place among the candidates by words, from 1; None when it was found by its meaning only."""
    scaled: float
    terms: tuple[TermScore, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class MeaningPart:
    """What the meaning says for a passage, or for the whole document: a cosine; `scaled` is it over the best one's."""

    similarity: float
    rank: int | None
    """Its place among the candidates by meaning, from 1; None when it was found by its words only, and of documents."""
    scaled: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Why a passage has its score.

    `own` is (1 - meaning_share) · words + meaning_share · meaning; `fused` is (own + document_share · document) /
    (1 + document_share), each of the three scaled. Where one is missing, words stand in for meaning, and `own` for the
    document. The score is (`fused` + `support`) / `scale`, where `support` comes from other passages of the document.
    """

    words: WordsPart | None
    meaning: MeaningPart | None
    document: MeaningPart | None
    meaning_share: float
    document_share: float
    own: float
    fused: float
    support: float
    scale: float


@dataclass(frozen=True, kw_only=True, slots=True)
class ExplainedPassage:
    """A passage that a search found, and why it stands where it does."""

    passage: Passage
    explanation: Explanation | None
    """None when nobody asked for it."""
