"""A question becomes ranked passages: by its words (BM25), by its meaning (vectors), and both together."""

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from turnkeeper.core.data_sets import Passage
from turnkeeper.core.embeddings import VectorIndex
from turnkeeper.core.errors import InvalidError, RefusedError
from turnkeeper.core.ranking import ExplainedPassage, Hit, PassageFilter, Statistics, TermScore, WordQuery
from turnkeeper.retrieval.embedder import Embedders, EndpointAwayError, Vector
from turnkeeper.retrieval.explaining import RankingNotes
from turnkeeper.retrieval.ranking import DEFAULT_TUNING, Tuning, fused, word_query
from turnkeeper.retrieval.words import take_apart

_log = logging.getLogger(__name__)

_LONGEST_QUESTION = 2_000
_MOST_PASSAGES = 100
_MOST_REMEMBERED = 1_000
_MOST_CHANGES = 3
"""How often a data set may change its model while one question is asked."""


class PassageReader(Protocol):
    """One data set as it was at one moment."""

    async def statistics(self, words: str) -> Statistics: ...

    async def best_by_words(self, query: WordQuery, limit: int) -> list[Hit]: ...

    async def word_scores(self, query: WordQuery, passage_ids: Sequence[int]) -> list[Hit]: ...

    async def best_by_meaning(self, vector: Vector, index: VectorIndex, passages: int, limit: int) -> list[Hit]: ...

    async def meaning_scores(self, vector: Vector, index: VectorIndex, passage_ids: Sequence[int]) -> list[Hit]: ...

    async def document_scores(
        self, vector: Vector, index: VectorIndex, document_ids: Sequence[int]
    ) -> Mapping[int, float]: ...

    async def term_scores(
        self, query: WordQuery, passage_ids: Sequence[int]
    ) -> Mapping[int, tuple[TermScore, ...]]: ...

    async def load(self, ranked: Sequence[Hit]) -> list[Passage]: ...


class PassageIndex(Protocol):
    """Where passages are found."""

    async def present(self, data_set_id: int) -> VectorIndex | None: ...

    def reading(
        self, data_set_id: int, only: PassageFilter | None = None
    ) -> AbstractAsyncContextManager[PassageReader]: ...


class Search:
    """Searches data sets. Who may see a data set is settled before."""

    def __init__(self, index: PassageIndex, embedders: Embedders, tuning: Tuning = DEFAULT_TUNING) -> None:
        self._index = index
        self._embedders = embedders
        self._tuning = tuning
        # The model of a data set is looked up once; each search sees by its own reading whether it is still that one.
        self._models: OrderedDict[int, VectorIndex] = OrderedDict()

    async def search(self, data_set_id: int, question: str, limit: int) -> list[Passage]:
        """The passages that fit the question best, best first, at most `limit` (of 100).

        A data set without vectors, or whose embedding model's endpoint is away, is searched by words alone; a question of
        stop words by meaning alone; a data set that is empty or gone has no passages.

        Raises:
            TransientError: the search took too long, or too many wait.
        """
        return await self._search(data_set_id, question, limit)

    async def search_within(
        self, data_set_id: int, question: str, limit: int, only: PassageFilter | None
    ) -> list[Passage]:
        """As `search`, among the passages that a filter lets through; the rarity of words stays that of the whole data set.

        Raises:
            TransientError: the search took too long, or too many wait.
        """
        return await self._search(data_set_id, question, limit, only)

    async def explain(
        self, data_set_id: int, question: str, limit: int, only: PassageFilter | None
    ) -> list[ExplainedPassage]:
        """As `search_within`, and how each score came about: noted while it was reckoned.

        Raises:
            TransientError: the search took too long, or too many wait.
        """
        notes = RankingNotes(self._tuning)
        passages = await self._search(data_set_id, question, limit, only, notes)
        return [ExplainedPassage(passage=each, explanation=notes.explanation(each)) for each in passages]

    async def _search(
        self,
        data_set_id: int,
        question: str,
        limit: int,
        only: PassageFilter | None = None,
        notes: RankingNotes | None = None,
    ) -> list[Passage]:
        asked = question.replace("\0", " ").strip()[:_LONGEST_QUESTION]
        if not asked or limit < 1:
            return []
        words = take_apart(asked)
        index = self._models.get(data_set_id) or await self._index.present(data_set_id)
        for change in range(_MOST_CHANGES):
            vector = None if index is None else await self._vector(index, asked)
            async with self._index.reading(data_set_id, only) as reader:
                statistics = await reader.statistics(words)
                self._remember(data_set_id, statistics.index)
                if _is_of(index, statistics.index) or change == _MOST_CHANGES - 1:
                    meaning = vector if _is_of(index, statistics.index) else None
                    return await self._ranked(reader, statistics, meaning, min(limit, _MOST_PASSAGES), notes)
            index = statistics.index
        return []

    async def _vector(self, index: VectorIndex, asked: str) -> Vector | None:
        try:
            embedder = await self._embedders.embedder(index)
            return await embedder.embed_query(asked)
        except (EndpointAwayError, InvalidError, RefusedError) as error:
            _log.warning(
                "searching by words alone",
                extra={"data_set_id": index.data_set_id, "model": index.model, "reason": error.message},
            )
            return None

    async def _ranked(
        self,
        reader: PassageReader,
        statistics: Statistics,
        vector: Vector | None,
        limit: int,
        notes: RankingNotes | None,
    ) -> list[Passage]:
        query = word_query(statistics, self._tuning)
        words, meanings = await self._candidates(reader, statistics, query, vector, notes)
        documents = sorted({hit.document_id for hit in (*words, *meanings)})
        whole: Mapping[int, float] = {}
        if vector is not None and statistics.index is not None:
            whole = await reader.document_scores(vector, statistics.index, documents)
        ranked = fused(words, meanings, whole, self._tuning, None if notes is None else notes.fusion)[:limit]
        if notes is not None:
            notes.scores(words, meanings, whole)
            if query is not None:
                notes.terms = await reader.term_scores(query, [hit.passage_id for hit in ranked])
        return await reader.load(ranked)

    async def _candidates(
        self,
        reader: PassageReader,
        statistics: Statistics,
        query: WordQuery | None,
        vector: Vector | None,
        notes: RankingNotes | None,
    ) -> tuple[list[Hit], list[Hit]]:
        """The best by words and the best by meaning, each with the scores of the other's."""
        if not statistics.passages:
            return [], []
        limit = self._tuning.candidates
        by_words = [] if query is None else await reader.best_by_words(query, limit)
        by_meaning: list[Hit] = []
        if vector is not None and statistics.index is not None:
            by_meaning = await reader.best_by_meaning(vector, statistics.index, statistics.passages, limit)
        if notes is not None:
            notes.ranks(by_words, by_meaning)
        if vector is None or statistics.index is None:
            return by_words, []
        if by_meaning:
            by_meaning += await reader.meaning_scores(vector, statistics.index, _missing(by_words, by_meaning))
        if query is not None:
            by_words += await reader.word_scores(query, _missing(by_meaning, by_words))
        return by_words, by_meaning

    def _remember(self, data_set_id: int, index: VectorIndex | None) -> None:
        if index is None:
            self._models.pop(data_set_id, None)
            return
        self._models[data_set_id] = index
        self._models.move_to_end(data_set_id)
        if len(self._models) > _MOST_REMEMBERED:
            self._models.popitem(last=False)


def _is_of(one: VectorIndex | None, other: VectorIndex | None) -> bool:
    """Whether a question embedded for one can be compared with the vectors of the other."""
    if one is None or other is None:
        return one is other
    return (one.model, one.dimensions) == (other.model, other.dimensions)


def _missing(those: Sequence[Hit], from_these: Sequence[Hit]) -> list[int]:
    present = {hit.passage_id for hit in from_these}
    return [hit.passage_id for hit in those if hit.passage_id not in present]
