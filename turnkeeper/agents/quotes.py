"""Quotations: where a text quotes something, and where another text says exactly that."""

import re
from dataclasses import dataclass
from itertools import islice

from turnkeeper.agents.sentences import Span

LONGEST_QUOTE = 2_000
"""In characters; what stands between quotation marks and is longer is no quotation."""

MOST_QUOTES = 100

_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`", re.DOTALL)


def _between(first: str, last: str, *, not_inside: str) -> str:
    """The pattern of a quotation that runs over lines but not over paragraphs."""
    return rf"{first}((?:(?!\n\s*\n)[^{not_inside}]){{1,{LONGEST_QUOTE}}}?){last}"


_QUOTED = re.compile(
    "|".join(
        (
            _between(r"(?<!\w)\"(?=\S)", r"(?<=\S)\"(?!\w)", not_inside='"'),  # the inches of 5" open nothing
            _between("“", "”", not_inside="“”"),
            _between("„", "[“”]", not_inside="„“”"),
            _between("«", "»", not_inside="«»"),
            _between("「", "」", not_inside="「」"),
            _between("『", "』", not_inside="『』"),
        )
    )
)
_MARK_INSIDE = re.compile(r"\s*\[\d{1,4}(?:\s*[,;]\s*\d{1,4})*\]")
_DOUBLE, _SINGLE = '"“”„‟«»', "'‘’‚‛‹›`´"
_LAST = ",.;:!?…"
"""Signs that a writer may put inside the closing quotation mark although they are the writer's own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quoted(Span):
    """A quotation: its place, quotation marks included, and the words between them."""

    words: str


def quotes_in(text: str) -> list[Quoted]:
    """What the text puts in quotation marks, in order, the first hundred of it; code is passed over."""
    prose = _CODE.sub(lambda match: " " * len(match.group()), text)
    found: list[Quoted] = []
    for match in islice(_QUOTED.finditer(prose), MOST_QUOTES):
        words = _MARK_INSIDE.sub("", next(group for group in match.groups() if group is not None)).strip()
        if words:
            found.append(Quoted(start=match.start(), end=match.end(), words=words))
    return found


def find_quote(words: str, text: str) -> Span | None:
    """Where the text says these words, letter by letter; None when nowhere.

    Space counts as space and quotation marks as quotation marks, of whatever kind. Signs at the end of the words may be the
    writer's own.
    """
    return _found(words, text) or _found(words.rstrip(_LAST), text)


def _found(words: str, text: str) -> Span | None:
    pieces = words.split()
    if not pieces:
        return None
    match = re.search(r"\s+".join("".join(map(_letter, piece)) for piece in pieces), text)
    return None if match is None else Span(start=match.start(), end=match.end())


def _letter(letter: str) -> str:
    for kind in (_DOUBLE, _SINGLE):
        if letter in kind:
            return f"[{kind}]"
    return re.escape(letter)
