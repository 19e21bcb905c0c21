"""Which places of the data set an answer leans on, and whether they stand there as quoted."""

import asyncio
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from turnkeeper.agents.quotes import Quoted, find_quote, quotes_in
from turnkeeper.agents.sentences import Span, sentences_of
from turnkeeper.agents.wording import content_words
from turnkeeper.core.conversations import Citation
from turnkeeper.core.data_sets import Passage, StoredText

MOST_CITATIONS = 50
"""Of one answer; and the marks of one citation."""
MOST_TEXTS = 8
"""Documents that are searched as a whole for the quotes of one answer."""

_MARK = r"\[\d{1,4}(?:\s*[,;]\s*\d{1,4})*\]"
_MARKS = re.compile(_MARK)
_GROUP = re.compile(rf"{_MARK}(?:\s*{_MARK})*")
_MOST_UNMARKED = 3
_FEWEST_WORDS = 4
_SUPPORTED = 0.7
"""The part of a sentence's content words that a passage must contain to count as its source."""


class Documents(Protocol):
    """The documents of one data set as they are stored now."""

    async def places(self, citations: Sequence[Citation]) -> Sequence[StoredText | None]:
        """What stands at the places of the citations, in their order; None where there is no such document any more."""
        ...

    async def text(self, document_id: int) -> StoredText | None:
        """The whole document, very long ones cut; None when it is gone."""
        ...


def citations_for(text: str, passages: Mapping[int, Passage]) -> tuple[Citation, ...]:
    """The citations of an answer to which these passages, by mark, were given; none of them is checked yet.

    A mark such as [1] cites the words that the answer quotes in the same sentence or, without a quotation, the sentence of
    the passage that comes nearest. A quotation that is not in the passage is kept with the passage's offsets. Marks that
    name no passage are passed over. Without any mark, a passage counts that holds most content words of a sentence of the
    answer, at most three passages.
    """
    if not passages:
        return ()
    marked = _marked(text, passages)
    leanings = marked or _supporting(text, passages)
    # Where the passages were found by their words, the text has no marks that point to them.
    has_marks = bool(marked)
    found = [
        replace(citation, marks=(mark,) if has_marks else ())
        for mark, leaning in leanings.items()
        for citation in _citations(passages[mark], leaning)
    ]
    return _distinct(found)[:MOST_CITATIONS]


def cite(passage: Passage, place: Span) -> Citation:
    """The citation of one place in a passage; `place` counts characters of the passage's text."""
    return Citation(
        document_id=passage.document_id,
        title=passage.title,
        address=passage.address,
        start=passage.start + place.start,
        end=passage.start + place.end,
        quote=passage.text[place.start : place.end],
        document_version=passage.document_version,
    )


async def checked(citations: Sequence[Citation], documents: Documents) -> tuple[Citation, ...]:
    """The citations as the stored text bears them out.

    A quote that stands at its place is verified. Another one is looked for in the whole document, and verified with the
    place and the words found there; else it is kept, unverified.
    """
    stored = await documents.places(citations)
    texts: dict[int, StoredText | None] = {}
    result: list[Citation] = []
    for citation, there in zip(citations, stored, strict=True):
        if there is None:
            result.append(citation)
        elif there.text == citation.quote:
            result.append(replace(citation, document_version=there.version, verified=True))
        else:
            document_id = citation.document_id
            if document_id not in texts and len(texts) < MOST_TEXTS:
                texts[document_id] = await documents.text(document_id)
            result.append(await _searched(citation, texts.get(document_id)))
    return _distinct(result)


def _distinct(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """Each place once, in order, with the marks of all that point there."""
    found: dict[Citation, Citation] = {}
    for citation in citations:
        known = found.get(citation)
        marks = citation.marks if known is None else (*known.marks, *citation.marks)
        found[citation] = replace(citation, marks=tuple(dict.fromkeys(marks))[:MOST_CITATIONS])
    return tuple(found.values())


async def _searched(citation: Citation, document: StoredText | None) -> Citation:
    place = None if document is None else await asyncio.to_thread(find_quote, citation.quote, document.text)
    if document is None or place is None:
        return citation
    return replace(
        citation,
        start=place.start,
        end=place.end,
        quote=document.text[place.start : place.end],
        document_version=document.version,
        verified=True,
    )


@dataclass(kw_only=True, slots=True)
class _Leaning:
    """How an answer leans on one passage: by the words of sentences that bear its mark, and by quotations."""

    words: set[str] = field(default_factory=set[str])
    quotes: list[str] = field(default_factory=list[str])
    is_unquoted: bool = False


def _citations(passage: Passage, leaning: _Leaning) -> Iterator[Citation]:
    for quote in leaning.quotes:
        place = find_quote(quote, passage.text)
        if place is not None:
            yield cite(passage, place)
        else:
            yield replace(cite(passage, Span(start=0, end=len(passage.text))), quote=quote)
    if leaning.is_unquoted:
        yield cite(passage, _best_place(passage.text, leaning.words))


def _marked(text: str, passages: Mapping[int, Passage]) -> dict[int, _Leaning]:
    """What the answer takes from each passage that it marks, in the order of the marks."""
    found: dict[int, _Leaning] = {}
    quotes = quotes_in(text)
    for statement in _statements(text, quotes):
        groups = list(_GROUP.finditer(text, statement.start, statement.end))
        if not groups:
            continue
        words = set(content_words(_MARKS.sub(" ", text[statement.start : statement.end])))
        marks = [_marks_of(group, passages) for group in groups]
        own: list[list[str]] = [[] for _ in groups]
        for quote in quotes[_first_from(quotes, statement.start) : _first_from(quotes, statement.end)]:
            own[_group_of(quote, groups, marks, passages)].append(quote.words)
        for group_marks, group_quotes in zip(marks, own, strict=True):
            _lean(found, passages, group_marks, words, group_quotes)
    return found


def _marks_of(group: re.Match[str], passages: Mapping[int, Passage]) -> list[int]:
    return [int(mark) for mark in re.findall(r"\d+", group.group()) if int(mark) in passages]


def _group_of(
    quote: Quoted,
    groups: Sequence[re.Match[str]],
    marks: Sequence[Sequence[int]],
    passages: Mapping[int, Passage],
) -> int:
    """Which marks a quotation belongs to: those behind it, unless only those before it name a passage that has it."""
    behind = sum(group.start() < quote.end for group in groups[:-1])
    for place in (behind, max(0, behind - 1)):
        if _holder(quote.words, marks[place], passages) is not None:
            return place
    return behind


def _holder(words: str, marks: Sequence[int], passages: Mapping[int, Passage]) -> int | None:
    """The first of the marks whose passage says these words."""
    return next((mark for mark in marks if find_quote(words, passages[mark].text)), None)


def _lean(
    found: dict[int, _Leaning],
    passages: Mapping[int, Passage],
    marks: Sequence[int],
    words: set[str],
    quotes: list[str],
) -> None:
    """Note that a sentence with these words and quotations bears these marks."""
    for mark in marks:
        found.setdefault(mark, _Leaning())
    quoted: set[int] = set()
    for quote in quotes if marks else ():
        holder = _holder(quote, marks, passages) or marks[0]
        found[holder].quotes.append(quote)
        quoted.add(holder)
    for mark in marks:
        if mark not in quoted:
            found[mark].words |= words
            found[mark].is_unquoted = True


def _statements(text: str, quotes: Sequence[Quoted]) -> list[Span]:
    """The sentences, put together where a quotation spans them or where one is only a mark behind a full stop."""
    found: list[Span] = []
    for span in sentences_of(text):
        is_mark = _MARKS.search(text, span.start, span.end) and not content_words(
            _MARKS.sub(" ", text[span.start : span.end])
        )
        before = _first_from(quotes, span.start) - 1
        is_inside = before >= 0 and span.start < quotes[before].end
        if found and (is_mark or is_inside):
            found[-1] = Span(start=found[-1].start, end=span.end)
        else:
            found.append(Span(start=span.start, end=span.end))
    return found


def _first_from(quotes: Sequence[Quoted], offset: int) -> int:
    """The place of the first quotation that begins there or behind."""
    return bisect_left(quotes, offset, key=lambda quote: quote.start)


def _supporting(text: str, passages: Mapping[int, Passage]) -> dict[int, _Leaning]:
    """For each sentence of the answer the passage that holds most of its words, when those are enough."""
    words_by_mark = {mark: set(content_words(passage.text)) for mark, passage in passages.items()}
    found: dict[int, _Leaning] = {}
    for span in sentences_of(text):
        words = set(content_words(text[span.start : span.end]))
        if len(words) < _FEWEST_WORDS or not words_by_mark:
            continue
        best = max(words_by_mark, key=lambda mark: (len(words & words_by_mark[mark]), -mark))
        supported = len(words & words_by_mark[best]) >= _SUPPORTED * len(words)
        if supported and (best in found or len(found) < _MOST_UNMARKED):
            found.setdefault(best, _Leaning(is_unquoted=True)).words.update(words)
    return found


def _best_place(text: str, words: set[str]) -> Span:
    """The sentence of the passage that shares most words with the answer; the whole passage when none shares any."""
    best, shared = Span(start=0, end=len(text)), 0
    for span in sentences_of(text):
        count = len(words.intersection(content_words(text[span.start : span.end])))
        if count > shared:
            best, shared = span, count
    return best
