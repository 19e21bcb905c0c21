"""Ranking: BM25's weights, the pruning of frequent words, and one ranking of two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnkeeper.core.ranking import Hit, Statistics, TermCount
from turnkeeper.retrieval.ranking import Tuning, fused, rarity, word_query


def hits(*scores: float) -> list[Hit]:
    return [Hit(passage_id=number, document_id=1, score=score) for number, score in enumerate(scores, start=1)]


@given(st.integers(1, 10**6).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_a_rarer_term_weighs_more_and_none_weighs_below_zero(counts: tuple[int, int]) -> None:
    holding, passages = counts
    assert rarity(holding, passages) > rarity(holding + 1, passages) > 0


def test_a_question_without_known_words_is_not_asked() -> None:
    assert word_query(Statistics(passages=10, mean_length=80.0, terms=()), Tuning()) is None
    assert word_query(Statistics(passages=0, mean_length=0.0, terms=()), Tuning()) is None


def test_the_score_of_a_passage_of_mean_length_is_bm25() -> None:
    statistics = Statistics(passages=100, mean_length=50.0, terms=(TermCount(term=7, passages=9),))
    query = word_query(statistics, Tuning(saturation=1.2, length_pull=0.75))
    assert query is not None
    frequency, length = 3, 50
    score = query.weights[0] * frequency / (frequency + query.floor + query.slope * length)
    assert score == pytest.approx(2.36 * 3 * 2.2 / (3 + 1.2), abs=0.01)


def test_frequent_terms_bring_in_no_candidates_of_their_own() -> None:
    terms = tuple(TermCount(term=number, passages=count) for number, count in enumerate((5, 50, 4_000, 9_000), start=1))
    query = word_query(Statistics(passages=50_000, mean_length=80.0, terms=terms), Tuning(most_looked_at=1_000))
    assert query is not None
    assert (query.any_of, query.all_of, query.terms) == ((1, 2), (3, 4), (1, 2, 3, 4))


def test_the_rarest_term_is_always_asked_for() -> None:
    terms = (TermCount(term=1, passages=40_000), TermCount(term=2, passages=45_000))
    query = word_query(Statistics(passages=50_000, mean_length=80.0, terms=terms), Tuning(most_looked_at=1_000))
    assert query is not None
    assert (query.any_of, query.all_of) == ((1,), ())


def test_a_very_long_question_is_asked_with_its_rarest_words() -> None:
    terms = tuple(TermCount(term=number, passages=number) for number in range(1, 200))
    query = word_query(Statistics(passages=1_000, mean_length=80.0, terms=terms), Tuning())
    assert query is not None
    assert query.terms == tuple(range(1, 33))


def test_a_passage_that_both_rankings_know_stands_above_those_of_one() -> None:
    words = [Hit(passage_id=1, document_id=1, score=9.0), Hit(passage_id=2, document_id=1, score=8.0)]
    meanings = [
        Hit(passage_id=3, document_id=2, score=0.8),
        Hit(passage_id=2, document_id=1, score=0.7),
        Hit(passage_id=1, document_id=1, score=0.1),
    ]
    assert fused(words, meanings, {}, Tuning())[0].passage_id == 2


def test_of_like_passages_that_of_the_fitting_document_comes_first() -> None:
    words = [Hit(passage_id=1, document_id=1, score=5.0), Hit(passage_id=2, document_id=2, score=5.0)]
    assert [hit.passage_id for hit in fused(words, [], {1: 0.1, 2: 0.8}, Tuning())] == [2, 1]


def test_without_one_ranking_the_other_keeps_its_order() -> None:
    for words, meanings in ((hits(3.0, 2.0, 1.0), []), ([], hits(0.9, 0.5, 0.1))):
        assert [hit.passage_id for hit in fused(words, meanings, {}, Tuning())] == [1, 2, 3]


def test_a_passage_that_has_its_vector_already_is_not_preferred_to_one_that_waits_for_it() -> None:
    words = [Hit(passage_id=1, document_id=1, score=9.0), Hit(passage_id=2, document_id=2, score=7.0)]
    meanings = [Hit(passage_id=2, document_id=2, score=0.8), Hit(passage_id=3, document_id=3, score=0.9)]
    assert fused(words, meanings, {2: 0.8, 3: 0.9}, Tuning())[0].passage_id == 1


def test_scores_lie_between_zero_and_one() -> None:
    ranked = fused(hits(30.0, 2.0), hits(0.4, -0.2), {1: 0.9}, Tuning())
    assert all(0 <= hit.score <= 1 for hit in ranked)


def test_of_like_passages_that_with_more_of_its_document_behind_it_comes_first() -> None:
    words = [
        Hit(passage_id=1, document_id=1, score=5.0),
        Hit(passage_id=2, document_id=2, score=5.0),
        Hit(passage_id=3, document_id=2, score=4.0),
    ]
    assert [hit.passage_id for hit in fused(words, [], {}, Tuning())] == [2, 1, 3]


def test_a_document_speaks_through_its_best_passage_only() -> None:
    words = [Hit(passage_id=number, document_id=1, score=5.0) for number in range(1, 20)]
    ranked = fused([*words, Hit(passage_id=20, document_id=2, score=5.5)], [], {}, Tuning())
    assert [hit.passage_id for hit in ranked[:3]] == [1, 20, 2]
