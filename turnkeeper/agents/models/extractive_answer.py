"""From evidence to an answer: whether it suffices, which neighbours a sentence needs, and how it is shown."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from turnkeeper.agents.models.extractive_evidence import Candidate, candidates_for, has, tells, words_in
from turnkeeper.agents.models.extractive_question import PLAIN_WEIGHT, Question
from turnkeeper.agents.sentences import Sentence, Span
from turnkeeper.agents.wording import content_words
from turnkeeper.core.data_sets import Passage

ENOUGH = 0.6
"""The part of the question's weight that a sentence and its surroundings must have. See docs/decisions/0008."""

ENOUGH_ELSEWHERE = 0.85
"""That part on a page that the search did not put first: words that agree by chance are the commonest wrong answer."""

ENOUGH_OWN = 0.35
"""The part that the sentence itself and what is above it must have."""

ENOUGH_OF_LITTLE = 0.95
"""That part, when the question has only words that say little."""

WITHOUT_FACT = 0.2
"""What is taken from that part when the kind of fact asked for is missing."""

LONGEST_ANSWER = 700
SHORT_ANSWER = 110
_SECOND_SOURCE = 0.85
_MOST_STEPS = 8

_LEANS_BACK = re.compile(
    r"(?:it|its|this|that|these|those|they|their|he|she|both|such|then|there|however|otherwise|in this case|in addition"
    r"|also|here|the same)\b",
    re.IGNORECASE,
)
_NOT = re.compile(r"\b(?:no|not|never|none|cannot|without|neither|nor|\w+n['’]t)\b", re.IGNORECASE)
_HEDGE = re.compile(
    r"\b(?:only|unless|except|if|but|optional\w*|depends?|depending|may|might|some|sometimes|usually|extra|add-on|on request"
    r"|can be added|as long as|provided)\b",
    re.IGNORECASE,
)
_ANSWERED = re.compile(r"(?:yes|no)\b", re.IGNORECASE)
_MARKUP = re.compile(r"(?m)^\s{0,3}(?:#{1,6}\s+|>\s?|[-*+•]\s+)|\*\*|__|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_CODE = re.compile(r"`+([^`\n]+)`+")
_LINKED = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    """Sentences of one passage: the text as shown, and the places that it was taken from."""

    passage: Passage
    text: str
    places: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtractedAnswer:
    """The excerpts that answer, best first; none when nothing does. `opening` is `Yes: `, `No: ` or nothing."""

    opening: str
    excerpts: tuple[Excerpt, ...]


def answer_of(question: Question, passages: Sequence[Passage]) -> ExtractedAnswer:
    """Answer the question from the passages, which are in the order of the search."""
    candidates = candidates_for(question, passages)
    best = next((candidate for candidate in candidates if suffices(question, candidate)), None)
    if best is None:
        return ExtractedAnswer(opening="", excerpts=())
    excerpts = [_excerpt(question, best)]
    if (second := _second(question, best, candidates)) is not None:
        excerpts.append(_excerpt(question, second))
    return ExtractedAnswer(opening=_opening(question, best), excerpts=tuple(excerpts))


def suffices(question: Question, candidate: Candidate) -> bool:
    """Whether the sentence and its surroundings have enough of what was asked for, and all its names."""
    if candidate.names_missing or candidate.own < ENOUGH_OWN:
        return False
    if all(term.weight < PLAIN_WEIGHT for term in question.terms):
        # Words that fit everywhere prove nothing, unless they stand together with the fact.
        return candidate.own >= ENOUGH_OF_LITTLE and candidate.has_fact
    return confidence(question, candidate) >= (ENOUGH if candidate.is_of_first_page else ENOUGH_ELSEWHERE)


def confidence(question: Question, candidate: Candidate) -> float:
    """The part of the question's weight that was found, less something when the kind of fact is missing; up to 1."""
    lacks_fact = question.kind in {"price", "time", "number"} and not candidate.has_fact
    return candidate.covered - (WITHOUT_FACT if lacks_fact else 0.0)


def _second(question: Question, best: Candidate, candidates: Sequence[Candidate]) -> Candidate | None:
    """A sentence of another page that brings what the best one lacks."""
    wanted = {
        number for number, term in enumerate(question.terms) if term.weight >= PLAIN_WEIGHT and number not in best.found
    }
    for candidate in candidates:
        if candidate.passage.document_id == best.passage.document_id or candidate.score < _SECOND_SOURCE * best.score:
            continue
        if suffices(question, candidate) and candidate.found & wanted:
            return candidate
    return None


def _excerpt(question: Question, best: Candidate) -> Excerpt:
    passage, sentences = best.passage, best.sentences
    chosen = sentences[best.index]
    if chosen.kind in {"record", "row"}:
        return _excerpt_of_table(question, passage, chosen)
    kept = _with_neighbours(question, best)
    text = " ".join(shown(passage.text[one.start : one.end]) for one in kept)
    if chosen.kind == "item" and len(kept) > 1:
        text = "\n".join(shown(passage.text[one.start : one.end]) for one in kept)
    if _is_alone_under_title(passage, kept[0]):
        text = f"{passage.title}: {text}"
    return Excerpt(passage=passage, text=text, places=_joined(passage.text, kept))


def _with_neighbours(question: Question, best: Candidate) -> list[Sentence]:
    """The sentence, what it leans on, and what goes on from it, in the order of the text."""
    text, sentences = best.passage.text, best.sentences
    first = last = best.index

    def near(index: int) -> bool:
        return 0 <= index < len(sentences) and sentences[index].block == sentences[best.index].block

    def length() -> int:
        return sentences[last].end - sentences[first].start

    def is_numbered(index: int) -> bool:
        return sentences[index].kind == "item" and text[sentences[index].start].isdigit()

    if is_numbered(best.index) and question.kind == "steps":
        while (
            near(last + 1)
            and sentences[last + 1].kind == "item"
            and last - first < _MOST_STEPS
            and length() < LONGEST_ANSWER
        ):
            last += 1
        return list(sentences[first : last + 1])
    while near(first - 1) and _leans_back(text, sentences[first]) and sentences[first - 1].kind != "heading":
        first -= 1
    while near(last + 1) and sentences[last + 1].kind == sentences[last].kind == "text" and length() < LONGEST_ANSWER:
        following = sentences[last + 1]
        says = text[following.start : following.end]
        is_thin = length() < SHORT_ANSWER and question.kind in {"any", "steps", "meaning"}
        goes_on = is_thin or _leans_back(text, following)
        fact_to_come = not tells(question, text[sentences[first].start : sentences[last].end]) and tells(question, says)
        if not (goes_on or fact_to_come) or last - best.index >= 2:
            break
        last += 1
    lead = sentences[first].lead
    kept = list(sentences[first : last + 1])
    if lead is not None and sentences[first].kind == "item":
        kept = [one for one in sentences if one.start == lead.start] + kept
    return kept


def _leans_back(text: str, sentence: Sentence) -> bool:
    return bool(_LEANS_BACK.match(text[sentence.start : sentence.end].lstrip("*_ ")))


def _excerpt_of_table(question: Question, passage: Passage, chosen: Sentence) -> Excerpt:
    """The fields of a record that were asked for, or a table's row with the names of its columns."""
    text = passage.text[chosen.start : chosen.end]
    place = Span(start=chosen.start, end=chosen.end)
    if chosen.kind == "record":
        return Excerpt(passage=passage, text=_fields(question, passage, text), places=(place,))
    return Excerpt(passage=passage, text=_row(passage, chosen), places=(place,))


def _row(passage: Passage, row: Sentence) -> str:
    cells = _cells(passage.text[row.start : row.end])
    names = _cells(passage.text[row.lead.start : row.lead.end]) if row.lead is not None else []
    if len(names) != len(cells):
        return ", ".join(filter(None, cells)) + "."
    named = (f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True) if cell)
    return "; ".join(named) + "."


def _fields(question: Question, passage: Passage, text: str) -> str:
    """The first field, which mostly names the thing, and those with a word or the kind of fact asked for."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    named = not set(content_words(passage.title)) <= set(content_words(lines[0]))
    asked = [line for line in lines if any(has(term, words_in(line.partition(":")[0])) for term in question.terms)]
    wanted = asked or [line for line in lines if question.kind != "any" and tells(question, line)] or lines
    kept = [line for place, line in enumerate(lines) if line in wanted or (place == 0 and _names(lines))]
    prefix = f"{passage.title}: " if named and not _names(lines) else ""
    return prefix + "; ".join(kept) + "."


def _names(lines: Sequence[str]) -> bool:
    """Whether the record begins with the name of what it is about."""
    return bool(re.match(r"(?:item|name|product|title|service|plan|model|article)\b", lines[0], re.IGNORECASE))


def _cells(row: str) -> list[str]:
    return [shown(cell) for cell in row.strip().strip("|").split("|")]


def _is_alone_under_title(passage: Passage, sentence: Sentence) -> bool:
    """Whether the sentence opens the page of a thing without saying its whole name, as product pages do."""
    if (
        sentence.heading is None
        or sentence.kind != "text"
        or passage.text[sentence.heading.end : sentence.start].strip()
    ):
        return False
    heading = shown(passage.text[sentence.heading.start : sentence.heading.end])
    says = content_words(passage.text[sentence.start : sentence.end])
    return heading == passage.title and not set(content_words(passage.title)) <= set(says)


def _opening(question: Question, best: Candidate) -> str:
    """`Yes: ` or `No: ` where the sentence says just what was asked, plainly affirmed or denied."""
    chosen = best.sentences[best.index]
    text = best.passage.text[chosen.start : chosen.end].lstrip("*_ ")
    plain = [number for number, term in enumerate(question.terms) if term.weight >= PLAIN_WEIGHT]
    if not question.is_yes_no or chosen.kind != "text" or _ANSWERED.match(text) or _HEDGE.search(text):
        return ""
    words = words_in(text)
    if len(plain) < 2 or not all(has(question.terms[number], words) for number in plain):
        return ""
    if not _NOT.search(text):
        return "Yes: "
    denied = [content_words(after)[:2] for after in _NOT.split(text)[1:]]
    asked = frozenset[str]().union(*(question.terms[number].stems for number in plain))
    return "No: " if len(denied) == 1 and asked & set(denied[0]) else ""


def _joined(text: str, sentences: Sequence[Sentence]) -> tuple[Span, ...]:
    """The places of the sentences, those that follow each other put together."""
    places: list[Span] = []
    for sentence in sentences:
        if places and not text[places[-1].end : sentence.start].strip():
            places[-1] = Span(start=places[-1].start, end=sentence.end)
        else:
            places.append(Span(start=sentence.start, end=sentence.end))
    return tuple(places)


def shown(text: str) -> str:
    """A piece of Markdown as plain text on one line; not a word is changed, and code stands as it is."""
    pieces = _CODE.split(text)
    plain = (
        _MARKUP.sub("", _LINKED.sub(r"\1", piece)) if place % 2 == 0 else piece for place, piece in enumerate(pieces)
    )
    return " ".join("".join(plain).split())
