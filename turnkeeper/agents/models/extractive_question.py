"""What a question asks for: its terms and how much each counts, the kind of fact, and what it refers back to."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from turnkeeper.agents.models.extractive_words import NUMBERS, SAME, SOFT
from turnkeeper.agents.wording import STOP_WORDS, content_words, stem

AnswerKind = Literal["price", "time", "number", "steps", "meaning", "any"]
"""The kind of fact asked for: money, a moment or duration, a number, what to do, what a word means, or anything."""

_FARTHEST_BACK = 5
_SHORTEST_ACRONYM = 3

NAMED_WEIGHT, NUMBER_WEIGHT, PLAIN_WEIGHT, SOFT_WEIGHT = 1.5, 1.2, 1.0, 0.3

_TOKEN = re.compile(r"[^\W_]+(?:[-.,/'’&][^\W_]+)*", re.UNICODE)
_SENTENCE = re.compile(r"\S.*?(?:[.!?]+(?=\s|$)|$)", re.DOTALL)
_LINK = r"(?:(?:and|or|but|so|also|then|ok|okay|well)[, ]+)*"
_YES_NO = re.compile(
    rf"^{_LINK}(?:does|do|did|is|are|was|were|can|could|may|will|would|has|have|had|should|must)\b", re.IGNORECASE
)
_BACK = re.compile(
    r"\b(?:it|its|they|them|their|theirs|this|these|those|he|she|his|her|the same)\b|\bthat(?=[?.,!]|$)", re.IGNORECASE
)
_FOLLOWS = re.compile(r"^(?:and|or|but|so|also|then|what about|how about|what if|why)\b", re.IGNORECASE)
_NOT_COUNTED = r"(?:can|could|do|does|did|are|is|come|have|has|will|may|of|per|in)\b"
_HOW_MANY = re.compile(rf"\bhow many ((?:(?!{_NOT_COUNTED})\S+ ?){{1,4}})", re.IGNORECASE)
_KINDS: tuple[tuple[AnswerKind, str], ...] = (
    (
        "price",
        r"\b(?:price[sd]?|pricing|costs?|fees?|charged?|expensive|cheap|discount|how much (?:is|are|do i pay))\b",
    ),
    (
        "time",
        r"\b(?:how (?:long|quick\w*|soon|often|far ahead|early|late)|when|until|what time|hours?|notice period)\b",
    ),
    (
        "number",
        r"\b(?:how (?:many|much|large|big|fast|high|heavy|wide|tall|far|deep)|(?:what|which) number|percentage)\b",
    ),
    ("steps", r"\bhow (?:do|can|should|to|must|would)\b"),
    (
        "meaning",
        r"^(?:what (?:is|are) (?:an? )?(?!the\b|your\b|my\b)(?:\S+ ){0,2}\S+|what does .* (?:mean|stand for))\?*$",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A word that an answer's surroundings should have; any of `stems` will do.

    `is_named` marks names and numbers: without them a passage is about something else. `acronym` is the word itself in
    lower case when it may be spelled out in the passage, such as `sla`.
    """

    stems: frozenset[str]
    weight: float
    is_named: bool
    acronym: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A question taken apart. `query` is what to search for."""

    query: str
    terms: tuple[Term, ...]
    kind: AnswerKind
    counted: frozenset[str]
    """The stems of what is counted, after `how many`; empty for other questions."""
    is_yes_no: bool


def take_apart(question: str, earlier: Sequence[str] = ()) -> Question:
    """Understand a question by itself or, where it refers back, with the questions before it, oldest first."""
    text = " ".join(question.split())
    asked = _asked(text)
    own = list(_terms(asked))
    carried = _carried(asked, own, earlier[-_FARTHEST_BACK:])
    words = [word for word, _ in carried]
    return Question(
        query=" ".join([text, *words]),
        terms=_unique([*own, *(term for _, term in carried)]),
        kind=_kind_of(asked),
        counted=_counted(asked),
        is_yes_no=bool(_YES_NO.match(asked)),
    )


def _asked(text: str) -> str:
    """The sentences that end with a question mark; the whole text when there are none."""
    questions = [match.group() for match in _SENTENCE.finditer(text) if match.group().endswith("?")]
    return " ".join(questions) or text


def _kind_of(asked: str) -> AnswerKind:
    for kind, pattern in _KINDS:
        if re.search(pattern, asked, re.IGNORECASE):
            return kind
    return "any"


def _counted(asked: str) -> frozenset[str]:
    """The first words after `how many`: in `how many VPN tunnels can the router hold`, tunnels and VPN."""
    match = _HOW_MANY.search(asked)
    return frozenset(content_words(match.group(1))) if match else frozenset()


def _terms(text: str) -> Iterator[Term]:
    for _, term in _words(text):
        yield term


def _words(text: str) -> Iterator[tuple[str, Term]]:
    """The words that carry meaning, with what must be found for each."""
    at_start = True
    for match in _TOKEN.finditer(text):
        for word in _parts(match.group()):
            lower = word.lower().replace("’", "'").removesuffix("'s")
            shouted = word.isupper() and len(word) > 1 and not text.isupper()
            if shouted or lower not in STOP_WORDS:
                yield word, _term(word, lower, is_name=_is_name(word, at_start=at_start))
            at_start = False
        at_start = text[match.end() : match.end() + 1] in {".", "?", "!"}


def _parts(token: str) -> Sequence[str]:
    """A token as it stands, or its halves where a number and a noun are joined, as in `24-port`."""
    head, hyphen, tail = token.partition("-")
    return (head, tail) if hyphen and (head.isdigit() or (len(head) > 3 and len(tail) > 3)) else (token,)


def _is_name(word: str, *, at_start: bool) -> bool:
    """Whether the word names one thing: R7, FiberUP, Mongolia; two letters and bare numbers are too common for that."""
    if len(word) < _SHORTEST_ACRONYM and word.isalpha():
        return False
    mixed = any(map(str.isupper, word[1:])) or (any(map(str.isdigit, word)) and any(map(str.isalpha, word)))
    return mixed or (word[0].isupper() and not at_start)


def _term(word: str, lower: str, *, is_name: bool) -> Term:
    root = stem(lower)
    stems = frozenset({root, *(content_words(lower) or ()), *SAME.get(root, ()), stem(NUMBERS.get(lower, root))})
    is_number = word[0].isdigit() or lower in NUMBERS
    weight = PLAIN_WEIGHT
    if is_number:
        weight = NUMBER_WEIGHT
    elif is_name:
        weight = NAMED_WEIGHT
    elif root in SOFT or lower.endswith("ly"):
        weight = SOFT_WEIGHT
    acronym = lower if word.isupper() and len(word) >= _SHORTEST_ACRONYM and word.isalpha() else None
    return Term(stems=stems, weight=weight, is_named=is_name, acronym=acronym)


def _carried(asked: str, own: Sequence[Term], earlier: Sequence[str]) -> list[tuple[str, Term]]:
    """What the question leaves unsaid because the one before it said it; nothing when it stands by itself."""
    has_names = any(term.is_named for term in own)
    says = sum(term.weight >= PLAIN_WEIGHT for term in own)
    follows = bool(_FOLLOWS.match(asked))
    refers = follows or says == 0 or (bool(_BACK.search(asked)) and not has_names)
    if not earlier or not refers:
        return []
    before = _asked(" ".join(earlier[-1].split()))
    said = list(_words(before))
    said += _carried(before, [term for _, term in said], earlier[:-1])
    names = [(word, term) for word, term in said if term.is_named]
    if has_names:
        # "And Duplex Pro?" asks the same of another thing.
        return [(word, replace(term, weight=term.weight / 2)) for word, term in said if not term.is_named]
    things = [(word, term) for word, term in names if term.acronym is None] or names or said
    if says > 1 and not follows:
        # "How long does it take to port a number?" may stand by itself: the thing before is a hint, no condition.
        return [(word, replace(term, weight=SOFT_WEIGHT, is_named=False)) for word, term in things]
    return things


def _unique(terms: Sequence[Term]) -> tuple[Term, ...]:
    """Each term once, in the order of their coming."""
    return tuple({term.stems: term for term in reversed(terms)}.values())[::-1]
