"""Which passages an answer leans on: those it marks, like [1], else those whose words it repeats."""

import re
from collections.abc import Mapping

from turnkeeper.agents.sentences import Span, sentences_of
from turnkeeper.agents.wording import content_words
from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import Passage

_MARKS = re.compile(r"\[(\d{1,4}(?:\s*[,;]\s*\d{1,4})*)\]")
_MOST_UNMARKED = 3
_FEWEST_WORDS = 4
_SUPPORTED = 0.7
"""The part of a sentence's content words that a passage must contain to count as its source."""


def citations_for(text: str, passages: Mapping[int, Passage]) -> tuple[Citation, ...]:
    """The citations of an answer to which these passages, by mark, were given; in the order of the answer.

    Marks that name no passage are passed over. Without any mark, a passage counts that holds most content words of a
    sentence of the answer, at most three passages. Each quote is an exact slice of its passage.
    """
    marked = _marked(text, passages)
    if not marked:
        marked = _supporting(text, passages)
    return tuple(cite(passages[mark], _best_place(passages[mark].text, words)) for mark, words in marked.items())


def cite(passage: Passage, place: Span) -> Citation:
    """The citation of one place in a passage; `place` counts characters of the passage's text."""
    return Citation(
        document_id=passage.document_id,
        title=passage.title,
        address=passage.address,
        start=passage.start + place.start,
        end=passage.start + place.end,
        quote=passage.text[place.start : place.end],
    )


def _marked(text: str, passages: Mapping[int, Passage]) -> dict[int, set[str]]:
    """Each mark of the answer that names a passage, with the words of the sentences that bear it."""
    found: dict[int, set[str]] = {}
    words: set[str] = set()
    for span in sentences_of(text):
        sentence = text[span.start : span.end]
        # A mark may stand behind the full stop, as a piece of its own: then it belongs to the sentence before.
        words = set(content_words(_MARKS.sub(" ", sentence))) or words
        for group in _MARKS.findall(sentence):
            for mark in re.split(r"\s*[,;]\s*", group):
                if int(mark) in passages:
                    found.setdefault(int(mark), set()).update(words)
    return found


def _supporting(text: str, passages: Mapping[int, Passage]) -> dict[int, set[str]]:
    """For each sentence of the answer the passage that holds most of its words, when those are enough."""
    words_by_mark = {mark: set(content_words(passage.text)) for mark, passage in passages.items()}
    found: dict[int, set[str]] = {}
    for span in sentences_of(text):
        words = set(content_words(text[span.start : span.end]))
        if len(words) < _FEWEST_WORDS or not words_by_mark:
            continue
        best = max(words_by_mark, key=lambda mark: (len(words & words_by_mark[mark]), -mark))
        supported = len(words & words_by_mark[best]) >= _SUPPORTED * len(words)
        if supported and (best in found or len(found) < _MOST_UNMARKED):
            found.setdefault(best, set()).update(words)
    return found


def _best_place(text: str, words: set[str]) -> Span:
    """The sentence of the passage that shares most words with the answer; the whole passage when none shares any."""
    best, shared = Span(start=0, end=len(text)), 0
    for span in sentences_of(text):
        count = len(words.intersection(content_words(text[span.start : span.end])))
        if count > shared:
            best, shared = span, count
    return best
