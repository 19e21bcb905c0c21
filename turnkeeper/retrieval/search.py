"""A question becomes ranked passages: by its words (BM25), by its meaning (vectors), and both together."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from turnkeeper.core.data_sets import Passage
from turnkeeper.core.ranking import Hit, Statistics, WordQuery
from turnkeeper.retrieval.embedder import Embedder, Vector
from turnkeeper.retrieval.ranking import DEFAULT_TUNING, Tuning, fused, word_query
from turnkeeper.retrieval.words import take_apart

_LONGEST_QUESTION = 2_000
_MOST_PASSAGES = 100


class PassageReader(Protocol):
    """One data set as it was at one moment."""

    async def statistics(self, words: str) -> Statistics: ...

    async def best_by_words(self, query: WordQuery, limit: int) -> list[Hit]: ...

    async def word_scores(self, query: WordQuery, passage_ids: Sequence[int]) -> list[Hit]: ...

    async def best_by_meaning(self, vector: Vector, passages: int, limit: int) -> list[Hit]: ...

    async def meaning_scores(self, vector: Vector, passage_ids: Sequence[int]) -> list[Hit]: ...

    async def document_scores(self, vector: Vector, document_ids: Sequence[int]) -> Mapping[int, float]: ...

    async def load(self, ranked: Sequence[Hit]) -> list[Passage]: ...


class PassageIndex(Protocol):
    """Where passages are found."""

    def reading(self, data_set_id: int) -> AbstractAsyncContextManager[PassageReader]: ...


class Search:
    """Searches data sets. Who may see a data set is settled before."""

    def __init__(self, index: PassageIndex, embedder: Embedder, tuning: Tuning = DEFAULT_TUNING) -> None:
        self._index = index
        self._embedder = embedder
        self._tuning = tuning

    async def search(self, data_set_id: int, question: str, limit: int) -> list[Passage]:
        """The passages that fit the question best, best first, at most `limit` (of 100).

        A data set without vectors is searched by words alone, a question of stop words by meaning alone; a data set that
        is empty or gone has no passages.

        Raises:
            TransientError: the search took too long, or too many wait.
        """
        asked = question.replace("\0", " ").strip()[:_LONGEST_QUESTION]
        if not asked or limit < 1:
            return []
        vector = await self._embedder.embed_query(asked)
        async with self._index.reading(data_set_id) as reader:
            words, meanings = await self._candidates(reader, take_apart(asked), vector)
            documents = sorted({hit.document_id for hit in (*words, *meanings)})
            whole = await reader.document_scores(vector, documents)
            ranked = fused(words, meanings, whole, self._tuning)
            return await reader.load(ranked[: min(limit, _MOST_PASSAGES)])

    async def _candidates(self, reader: PassageReader, words: str, vector: Vector) -> tuple[list[Hit], list[Hit]]:
        """The best by words and the best by meaning, each with the scores of the other's."""
        statistics = await reader.statistics(words)
        if not statistics.passages:
            return [], []
        query = word_query(statistics, self._tuning)
        limit = self._tuning.candidates
        by_words = [] if query is None else await reader.best_by_words(query, limit)
        by_meaning = await reader.best_by_meaning(vector, statistics.passages, limit)
        if by_meaning:
            by_meaning += await reader.meaning_scores(vector, _missing(by_words, by_meaning))
        if query is not None:
            by_words += await reader.word_scores(query, _missing(by_meaning, by_words))
        return by_words, by_meaning


def _missing(those: Sequence[Hit], from_these: Sequence[Hit]) -> list[int]:
    present = {hit.passage_id for hit in from_these}
    return [hit.passage_id for hit in those if hit.passage_id not in present]
