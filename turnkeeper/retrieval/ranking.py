"""The formulas of ranking, without any I/O: BM25's weights, and how two rankings become one."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from turnkeeper.core.ranking import Hit, Statistics, TermCount, WordQuery


@dataclass(frozen=True, kw_only=True, slots=True)
class Tuning:
    """What `make eval-retrieval` settles; see docs/decisions/0006-search.md for the figures.

    `saturation` and `length_pull` are BM25's k1 and b. `meaning_share` is the weight of the vectors against the words,
    `document_share` what the meaning of the whole document adds to both. The best passage of a document speaks for it:
    it gains `support` of the score of the second best, its square of the third's, up to `supporters` of them.
    """

    saturation: float = 1.2
    length_pull: float = 0.75
    meaning_share: float = 0.4
    document_share: float = 0.3
    support: float = 0.2
    supporters: int = 3
    candidates: int = 100
    most_looked_at: int = 6_000
    """Passages that the rarer terms of a question may bring in; beyond it, terms only add to the scores."""


DEFAULT_TUNING = Tuning()


@dataclass(frozen=True, kw_only=True, slots=True)
class FusedParts:
    """What `fused` made one passage's score of."""

    words: float
    meaning: float | None
    document: float | None
    own: float
    fused: float


@dataclass(kw_only=True, slots=True)
class FusionNotes:
    """Where `fused` writes down how it reckoned, for whoever wants to know."""

    parts: dict[int, FusedParts] = field(default_factory=dict[int, FusedParts])
    support: dict[int, float] = field(default_factory=dict[int, float])
    scale: float = 1.0


_MOST_TERMS = 32
"""A longer question is asked with its rarest words."""


def word_query(statistics: Statistics, tuning: Tuning) -> WordQuery | None:
    """The question as BM25 asks it, or None when no word of it occurs in the data set. Terms come rarest first."""
    if not statistics.terms or not statistics.mean_length:
        return None
    terms = statistics.terms[:_MOST_TERMS]
    rare, common = _parted(terms, tuning.most_looked_at)
    saturation, pull = tuning.saturation, tuning.length_pull
    return WordQuery(
        terms=tuple(count.term for count in terms),
        weights=tuple(rarity(count.passages, statistics.passages) * (saturation + 1) for count in terms),
        floor=saturation * (1 - pull),
        slope=saturation * pull / statistics.mean_length,
        any_of=rare,
        all_of=common if len(common) > 1 else (),
    )


def rarity(holding: int, passages: int) -> float:
    """BM25's inverse document frequency: large for terms that few passages hold, never below zero."""
    return math.log1p((passages - holding + 0.5) / (holding + 0.5))


def fused(
    words: Sequence[Hit],
    meanings: Sequence[Hit],
    whole: Mapping[int, float],
    tuning: Tuning,
    notes: FusionNotes | None = None,
) -> list[Hit]:
    """One ranking of three, best first: scores scaled to 0…1 within the question, then weighed.

    `whole` are the cosines of the documents that the passages belong to, by document. Where a vector is not made yet, the
    words stand in for it: during an import those with vectors are not preferred.
    """
    by_words = scaled({hit.passage_id: hit.score for hit in words})
    by_meaning = scaled({hit.passage_id: hit.score for hit in meanings})
    by_document = scaled(whole)
    share = tuning.meaning_share
    documents = {hit.passage_id: hit.document_id for hit in (*words, *meanings)}
    ranked: list[Hit] = []
    for passage_id, document_id in documents.items():
        by_word = by_words.get(passage_id, 0.0)
        meaning, document = by_meaning.get(passage_id), by_document.get(document_id)
        own = (1 - share) * by_word + share * (by_word if meaning is None else meaning)
        score = (own + tuning.document_share * (own if document is None else document)) / (1 + tuning.document_share)
        ranked.append(Hit(passage_id=passage_id, document_id=document_id, score=score))
        if notes is not None:
            notes.parts[passage_id] = FusedParts(
                words=by_word, meaning=meaning, document=document, own=own, fused=score
            )
    return _supported(_sorted(ranked), tuning, notes)


def _supported(ranked: Sequence[Hit], tuning: Tuning, notes: FusionNotes | None) -> list[Hit]:
    """The ranking in which the best passage of each document has the others of it behind it; scores stay in 0…1.

    A page that answers tends to do so in several passages, and one that only shares some words with the question in one.
    The others keep their places, so that the first passages come from different pages.
    """
    of_document: dict[int, list[Hit]] = {}
    for hit in ranked:
        of_document.setdefault(hit.document_id, []).append(hit)
    most = sum(tuning.support**place for place in range(tuning.supporters + 1))
    behind = {hits[0].passage_id: _behind(hits, tuning) for hits in of_document.values()}
    if notes is not None:
        notes.support, notes.scale = behind, most
    return _sorted(
        Hit(
            passage_id=hit.passage_id,
            document_id=hit.document_id,
            score=(hit.score + behind.get(hit.passage_id, 0.0)) / most,
        )
        for hit in ranked
    )


def _behind(hits: Sequence[Hit], tuning: Tuning) -> float:
    """What the passages after the first add to it."""
    others = hits[1 : tuning.supporters + 1]
    return sum(hit.score * tuning.support**place for place, hit in enumerate(others, start=1))


def _sorted(hits: Iterable[Hit]) -> list[Hit]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))


def scaled(scores: Mapping[int, float]) -> Mapping[int, float]:
    """The scores divided by the best one; those below zero count as zero."""
    best = max(scores.values(), default=0.0)
    return {key: max(score, 0.0) / best for key, score in scores.items()} if best > 0 else {}


def _parted(terms: Sequence[TermCount], most: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rarest terms, at least one, that together bring in no more than `most` passages, and the others."""
    looked_at = 0
    for number, count in enumerate(terms):
        looked_at += count.passages
        if number and looked_at > most:
            return tuple(t.term for t in terms[:number]), tuple(t.term for t in terms[number:])
    return tuple(t.term for t in terms), ()
