"""How the scores of a search came about, noted by the code that reckons them."""

from collections.abc import Mapping, Sequence

from turnkeeper.core.data_sets import Passage
from turnkeeper.core.ranking import Explanation, Hit, MeaningPart, TermScore, WordsPart
from turnkeeper.retrieval.ranking import FusionNotes, Tuning


class RankingNotes:
    """The notes of one search."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self.fusion = FusionNotes()
        self.terms: Mapping[int, tuple[TermScore, ...]] = {}
        self._word_ranks: Mapping[int, int] = {}
        self._meaning_ranks: Mapping[int, int] = {}
        self._words: Mapping[int, float] = {}
        self._meanings: Mapping[int, float] = {}
        self._whole: Mapping[int, float] = {}

    def ranks(self, by_words: Sequence[Hit], by_meaning: Sequence[Hit]) -> None:
        """The candidates of either way to search, best first."""
        self._word_ranks = {hit.passage_id: place for place, hit in enumerate(by_words, 1)}
        self._meaning_ranks = {hit.passage_id: place for place, hit in enumerate(by_meaning, 1)}

    def scores(self, words: Sequence[Hit], meanings: Sequence[Hit], whole: Mapping[int, float]) -> None:
        """What the scores were made of; `whole` are the cosines of documents."""
        self._words = {hit.passage_id: hit.score for hit in words}
        self._meanings = {hit.passage_id: hit.score for hit in meanings}
        self._whole = whole

    def explanation(self, passage: Passage) -> Explanation:
        """Why a passage that was found has its score."""
        parts = self.fusion.parts[passage.id]
        return Explanation(
            words=self._words_part(passage.id, parts.words),
            meaning=self._meaning_part(passage.id, parts.meaning),
            document=_of_document(self._whole.get(passage.document_id), parts.document),
            meaning_share=self._tuning.meaning_share,
            document_share=self._tuning.document_share,
            own=parts.own,
            fused=parts.fused,
            support=self.fusion.support.get(passage.id, 0.0),
            scale=self.fusion.scale,
        )

    def _words_part(self, passage_id: int, scaled: float) -> WordsPart | None:
        score = self._words.get(passage_id)
        if score is None:
            return None
        rank = self._word_ranks.get(passage_id)
        return WordsPart(score=score, rank=rank, scaled=scaled, terms=self.terms.get(passage_id, ()))

    def _meaning_part(self, passage_id: int, scaled: float | None) -> MeaningPart | None:
        similarity = self._meanings.get(passage_id)
        if similarity is None or scaled is None:
            return None
        return MeaningPart(similarity=similarity, rank=self._meaning_ranks.get(passage_id), scaled=scaled)


def _of_document(similarity: float | None, scaled: float | None) -> MeaningPart | None:
    if similarity is None or scaled is None:
        return None
    return MeaningPart(similarity=similarity, rank=None, scaled=scaled)
