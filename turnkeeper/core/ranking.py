"""How passages are ranked: what is counted, what is asked for, and what is found."""

from dataclasses import dataclass

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
