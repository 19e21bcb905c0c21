"""Words and sentences of plain text and Markdown, with their places: just enough to compare a question with a passage."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*", re.UNICODE)
_BREAK = re.compile(
    r"\n\s*\n|\n(?=[ \t]*(?:[-*+•#|>]|\d{1,3}[.)]\s))|(?<=[.!?…])[\"'”’)\]*_]*\s+(?=[\"'“‘(\[*_]*[^\W_a-z])"
)
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|approx|incl|excl|no|nos|vs|mr|mrs|dr|st|cf|fig|min|max)|\b[A-Z])\.$", re.IGNORECASE
)

_STOP_WORDS = """
a about after all also am an and any are as at be because been before being between both but by can could did do
does doing done each either else ever every few for from get gets getting give gives given go goes got had has
have having he her hers here him his how i if in into is it its itself just know let lets like many may me might
mine more most much must my need needs no nor not now of off on once one only or other our ours out over own per
please really same shall she should so some such take takes tell than that the their theirs them then there
these they thing things this those through to too under until up us use used using very via want was we were
what whats when where whether which while who whom whose why will with within without would yes you your yours
i'm i'd i've it's don't doesn't can't what's there's
"""

STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A piece of a text, by character offsets."""

    start: int
    end: int


def words_of(text: str) -> list[str]:
    """The words in their order, in lower case; numbers keep their points and commas."""
    return [word.group().replace("’", "'").lower() for word in _WORD.finditer(text)]


def content_words(text: str) -> list[str]:
    """The stems of the words that carry meaning, in their order."""
    return [stem(word) for word in words_of(text) if word not in STOP_WORDS]


def stem(word: str) -> str:
    """The word without the commonest English endings, so that `includes`, `included` and `including` are one."""
    if len(word) <= 3 or not word.isalpha():
        return word.removesuffix("'s")
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


_ENDINGS = (
    ("ations", "at"),
    ("ation", "at"),
    ("ments", "ment"),
    ("ingly", ""),
    ("edly", ""),
    ("ings", ""),
    ("ing", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("sses", "ss"),
    ("ches", "ch"),
    ("shes", "sh"),
    ("xes", "x"),
    ("ed", ""),
    ("ly", ""),
    ("ss", "ss"),
    ("us", "us"),
    ("is", "is"),
    ("s", ""),
)


def sentences_of(text: str) -> list[Span]:
    """The sentences, list items, table rows and headings of the text, in their order, without the space around them."""
    return [span for span in _pieces(text) if span.end > span.start]


def _pieces(text: str) -> Iterator[Span]:
    start = 0
    for gap in _BREAK.finditer(text):
        if "\n" not in gap.group() and _ABBREVIATION.search(text, start, gap.start()):
            continue
        yield _trimmed(text, start, gap.end())
        start = gap.end()
    yield _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Span:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return Span(start=start, end=max(start, start + len(piece.strip())))
