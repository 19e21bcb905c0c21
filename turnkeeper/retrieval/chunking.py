"""Splitting a document into passages that can be cited by their offsets.

A passage is a stretch of the text itself, `text[start:end]`, cut where the text has a seam: between sections, paragraphs,
sentences. The title and the headings above it are its context: they are searched with it, but are no part of it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from semantic_text_splitter import MarkdownSplitter

SHORTEST_FULL_PASSAGE = 600
LONGEST_PASSAGE = 1_000
_LONGEST_CONTEXT = 300
_LONGEST_HEADING = 120
_LONGEST_SECTION = 200_000
_SEAM = re.compile(r"\n\s*\n")
_HEADING_OR_FENCE = re.compile(
    r"^ {0,3}(?:(?P<fence>`{3,}|~{3,})|(?P<level>#{1,6})[ \t]+(?P<words>[^\n]*))", re.MULTILINE
)
_HAS_WORDS = re.compile(r"\w")


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One stretch of a text, in characters from `start` up to, not including, `end`, and what stands above it."""

    start: int
    end: int
    context: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Heading:
    at: int
    level: int
    words: str


def split(title: str, text: str) -> list[Piece]:
    """The passages of a document in order, without overlap; stretches without any word are left out."""
    splitter = MarkdownSplitter((SHORTEST_FULL_PASSAGE, LONGEST_PASSAGE))
    headings = _headings(text)
    pieces: list[Piece] = []
    open_headings: list[_Heading] = []
    passed = 0
    for begin, section in _sections(text):
        for offset, stretch in splitter.chunk_indices(section):
            start = begin + offset
            while passed < len(headings) and headings[passed].at <= start:
                open_headings = _opened(open_headings, headings[passed])
                passed += 1
            if _HAS_WORDS.search(stretch):
                context = _context(title, open_headings)
                pieces.append(Piece(start=start, end=start + len(stretch), context=context))
    return pieces


def _sections(text: str) -> Iterator[tuple[int, str]]:
    """The text in parts that the splitter takes in reasonable time, cut at blank lines where there are any."""
    begin = 0
    while len(text) - begin > _LONGEST_SECTION:
        end = begin + _LONGEST_SECTION
        for seam in _SEAM.finditer(text, begin + _LONGEST_SECTION // 2, end):
            end = seam.end()
        yield begin, text[begin:end]
        begin = end
    yield begin, text[begin:]


def _headings(text: str) -> list[_Heading]:
    """The Markdown headings of the text, save those inside of fenced code."""
    found: list[_Heading] = []
    fence = ""
    for match in _HEADING_OR_FENCE.finditer(text):
        mark = match["fence"]
        if mark:
            if not fence:
                fence = mark
            elif mark.startswith(fence):
                fence = ""
        elif not fence:
            words = match["words"].strip().rstrip("#").strip()[:_LONGEST_HEADING]
            found.append(_Heading(at=match.start(), level=len(match["level"]), words=words))
    return found


def _opened(above: Sequence[_Heading], heading: _Heading) -> list[_Heading]:
    return [*(other for other in above if other.level < heading.level), heading]


def _context(title: str, headings: Sequence[_Heading]) -> str:
    names = [title.strip(), *(heading.words for heading in headings)]
    distinct = dict.fromkeys(name for name in names if name)
    return " › ".join(distinct)[:_LONGEST_CONTEXT]
