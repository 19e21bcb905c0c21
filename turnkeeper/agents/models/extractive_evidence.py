"""Which sentences of the passages answer a question, and whether they do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from turnkeeper.agents.models.extractive_question import Question, Term
from turnkeeper.agents.sentences import Sentence, Span, sentences_of
from turnkeeper.agents.wording import stem, words_of
from turnkeeper.core.data_sets import Passage

ABOVE, BESIDE, ELSEWHERE = 0.9, 0.8, 0.35
"""What a term counts that stands not in the sentence itself but in what is above it (title, heading, a list's first line),
in the sentence before or after it, or anywhere in the passage."""

COMMON_TERM = 0.6
"""What a term counts that all passages have: it tells little."""

ABSENT_TERM = 1.3
"""What a term counts that no passage has: the data set may well not know it."""

FACT, ABOUT, RANK, FIRST = 0.2, 0.2, 0.25, 0.04
RECORD, FRAGMENT, QUESTION, NAME = 0.05, 0.2, 0.3, 0.3
"""What moves a sentence up or down: it has the kind of fact asked for, its page is about the thing asked for, its passage
was found early, it opens a section; it is a list of fields, a fragment, asks rather than tells, or lacks a name."""

_NUMBER = r"(?:\d[\d.,]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|fifty|no|unlimited)"
_UNIT = r"(?:seconds?|minutes?|hours?|(?:working |business |calendar )?days?|weeks?|months?|quarters?|years?)"
_DAY = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|june|july|august|september|october"
    r"|november|december|daily|weekly|monthly|quarterly|yearly|once|twice|immediately|at once|at any time"
)
_FACTS = {
    "price": re.compile(
        rf"[€$£¥]\s*\d|\b{_NUMBER} ?(?:€|euros?\b|eur\b|usd\b|gbp\b|dollars?\b|pounds?\b|cents?\b|%)"
        r"|\b(?:price|fee|cost)[^\n:]{0,20}:\s*\d",
        re.IGNORECASE,
    ),
    "time": re.compile(
        rf"\b{_NUMBER}(?:-| )?{_UNIT}\b|\d:\d\d|\b\d{{1,2}}(?:st|nd|rd|th|\s?[ap]\.?m)\b|\b(?:{_DAY})\b", re.IGNORECASE
    ),
    "meaning": re.compile(r"\b(?:is|are|means?|stands? for|called|consists? of)\b", re.IGNORECASE),
    "steps": re.compile(
        r"^\s*(?:[-*•]\s|\d{1,2}[.)]\s)?(?:to [^,]{3,60}, )?"
        r"(?:press|click|open|select|enter|choose|hold|type|dial|run|set|go|install|add|turn|plug|connect|sign|use|call|write|put|remove|restart|send|tell|ask|change|import|create|make|check)\b",
        re.IGNORECASE,
    ),
    "number": re.compile(r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|unlimited)\b", re.IGNORECASE),
}
_FREE = re.compile(r"\b(?:free|no (?:extra |additional )?(?:charge|cost|fee)|included|waived)\b", re.IGNORECASE)
_NUMBER_WORD = re.compile(rf"{_NUMBER}$", re.IGNORECASE)
_FARTHEST_COUNTED = 4
_HEAD = 5
_SHORT_TEXT = 60
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """The words of a piece of text: their stems, how the longer of these begin, and the first letters of all in a row.

    The first letters are for finding what an acronym means.
    """

    stems: frozenset[str]
    heads: frozenset[str]
    initials: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One sentence of one passage.

    `covered` is the part of the question's weight that was found in the sentence or its passage, `own` the part in the
    sentence or what is above it; both up to 1.
    """

    passage: Passage
    sentences: Sequence[Sentence]
    index: int
    covered: float
    own: float
    score: float
    has_fact: bool
    is_of_first_page: bool
    """Whether its page is the one that the search put first."""
    names_missing: int
    found: frozenset[int]
    """The numbers of the terms that the sentence, its heading or its lead have."""


def words_in(text: str) -> Words:
    """Take a text apart, stop words included: names may consist of them."""
    words = words_of(text)
    parts = [
        part
        for word in words
        for part in ((word, *re.split(r"[-/']", word)) if not word.isalpha() else (word,))
        if part
    ]
    stems = frozenset(map(stem, parts))
    heads = frozenset(one[:_HEAD] for one in stems if len(one) >= _HEAD)
    return Words(stems=stems, heads=heads, initials="".join(word[0] for word in words))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Page:
    """A passage taken apart."""

    place: int
    is_first: bool
    """Whether it is of the document that the search put first."""
    passage: Passage
    sentences: Sequence[Sentence]
    words: Sequence[Words]
    """Of each sentence."""
    title: Words
    whole: Words


def candidates_for(question: Question, passages: Sequence[Passage]) -> list[Candidate]:
    """Every sentence of the passages, best first."""
    pages = [
        _page(place, passage, is_first=passage.document_id == passages[0].document_id)
        for place, passage in enumerate(passages)
    ]
    weights = [_weight(term, pages) for term in question.terms]
    found = [candidate for page in pages for candidate in _in_page(question, weights, page)]
    return sorted(found, key=lambda candidate: -candidate.score)


def _page(place: int, passage: Passage, *, is_first: bool) -> _Page:
    sentences = sentences_of(passage.text)
    words = [words_in(passage.text[sentence.start : sentence.end]) for sentence in sentences]
    title = words_in(passage.title)
    whole = Words(
        stems=title.stems.union(*(each.stems for each in words)),
        heads=title.heads.union(*(each.heads for each in words)),
        initials=" ".join([title.initials, *(each.initials for each in words)]),
    )
    return _Page(
        place=place,
        is_first=is_first,
        passage=passage,
        sentences=sentences,
        words=words,
        title=title,
        whole=whole,
    )


def has(term: Term, words: Words) -> bool:
    """Whether the words have the term, in one of its forms."""
    if not term.stems.isdisjoint(words.stems):
        return True
    if term.acronym is not None and term.acronym in words.initials:
        return True
    return any(
        one[:_HEAD] in words.heads and any(_extends(one, other) for other in words.stems)
        for one in term.stems
        if len(one) >= _HEAD
    )


def _extends(one: str, other: str) -> bool:
    """Whether one stem goes on as the other does: `cancel` and `cancellat`."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    return len(short) >= _HEAD and long.startswith(short) and short.isalpha()


def _weight(term: Term, pages: Sequence[_Page]) -> float:
    count = sum(has(term, page.whole) for page in pages)
    share = 0.0 if term.is_named or not pages else count / len(pages)
    if not count:
        return term.weight * ABSENT_TERM
    return term.weight * (1.0 - (1.0 - COMMON_TERM) * share)


def _in_page(question: Question, weights: Sequence[float], page: _Page) -> list[Candidate]:
    anywhere = [has(term, page.whole) for term in question.terms]
    missing = sum(term.is_named and not there for term, there in zip(question.terms, anywhere, strict=True))
    about = ABOUT * _aboutness(question, page.title) + RANK / (1 + 0.4 * page.place) - NAME * missing
    found: list[Candidate] = []
    for index, sentence in enumerate(page.sentences):
        if sentence.kind == "heading" or _is_header(sentence):
            continue
        terms, own, covered = _coverage(question, weights, page, index=index, anywhere=anywhere)
        text = page.passage.text[sentence.start : sentence.end]
        has_fact = tells(question, text)
        candidate = Candidate(
            passage=page.passage,
            sentences=page.sentences,
            index=index,
            covered=covered,
            own=own,
            score=0.5 * own + 0.5 * covered + about + _merit(question, page, index=index, has_fact=has_fact),
            has_fact=has_fact,
            is_of_first_page=page.is_first,
            names_missing=missing,
            found=terms,
        )
        found.append(candidate)
    return found


def _coverage(
    question: Question, weights: Sequence[float], page: _Page, *, index: int, anywhere: Sequence[bool]
) -> tuple[frozenset[int], float, float]:
    """The terms that the sentence or what is above it has, and the parts of the weight, `own` and `covered`."""
    sentences, words = page.sentences, page.words
    sentence = sentences[index]
    above = [_words_of_span(page, sentence.heading), _words_of_span(page, sentence.lead)]
    beside = [
        words[other]
        for other in (index - 1, index + 1)
        if 0 <= other < len(sentences) and sentences[other].block == sentence.block
    ]
    own = covered = 0.0
    terms: set[int] = set()
    for number, (term, weight) in enumerate(zip(question.terms, weights, strict=True)):
        if has(term, words[index]):
            own, covered = own + weight, covered + weight
            terms.add(number)
        elif any(has(term, near) for near in above):
            own, covered = own + ABOVE * weight, covered + ABOVE * weight
            terms.add(number)
        elif has(term, page.title):
            own, covered = own + (ABOVE * weight if term.is_named else 0.0), covered + ABOVE * weight
        elif any(has(term, near) for near in beside):
            covered += BESIDE * weight
        elif anywhere[number]:
            covered += ELSEWHERE * weight
    total = sum(weights) or 1.0
    return frozenset(terms), own / total, covered / total


def _merit(question: Question, page: _Page, *, index: int, has_fact: bool) -> float:
    """What the form of the sentence adds to its score, or takes from it."""
    sentence = page.sentences[index]
    text = page.passage.text[sentence.start : sentence.end]
    merit = 0.0
    if question.kind in _FACTS:
        is_free = question.kind == "price" and bool(_FREE.search(text))
        merit += FACT if has_fact else FACT / 2 if is_free else 0.0
    if index == 0 or page.sentences[index - 1].kind == "heading":
        merit += FIRST
    if sentence.kind == "record":
        merit -= RECORD
    if text.endswith("?"):
        merit -= QUESTION
    if sentence.kind == "text" and len(text) < _SHORT_TEXT and text[-1].isalnum():
        merit -= FRAGMENT
    return merit


def tells(question: Question, text: str) -> bool:
    """Whether the text has the kind of fact that is asked for; a count must stand before, or in the field of, its noun."""
    if question.counted:
        return _counts(question.counted, words_of(text))
    pattern = _FACTS.get(question.kind)
    return pattern is None or bool(pattern.search(text))


def _counts(counted: frozenset[str], words: Sequence[str]) -> bool:
    for place, word in enumerate(words):
        if stem(word) in counted:
            near = (*words[max(0, place - _FARTHEST_COUNTED) : place], *words[place + 1 : place + 2])
            if any(map(_NUMBER_WORD.match, near)):
                return True
    return False


def _aboutness(question: Question, title: Words) -> float:
    """How much of the page's title the question has, of 1."""
    if not title.stems:
        return 0.0
    asked = frozenset[str]().union(*(term.stems for term in question.terms))
    return len(asked & title.stems) / len(title.stems)


def _is_header(sentence: Sentence) -> bool:
    return sentence.lead is not None and sentence.lead.start == sentence.start


def _words_of_span(page: _Page, span: Span | None) -> Words:
    """The words of a heading or lead, which is a sentence of the page too."""
    for sentence, words in zip(page.sentences, page.words, strict=True):
        if span is not None and sentence.start <= span.start < sentence.end:
            return words
    return Words(stems=_NOTHING, heads=_NOTHING, initials="")
