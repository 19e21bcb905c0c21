"""Words and their stems: just enough English to compare a question with a passage."""

import re

_WORD = re.compile(r"[^\W_]+(?:[.,'’][^\W_]+)*", re.UNICODE)
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
    for ending, instead in _ENDINGS.get(word[-1], ()):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 4 and word[-1] == word[-2] and word[-1] not in "lsz":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


_ENDINGS = {
    "s": (
        ("ations", "at"),
        ("ments", "ment"),
        ("ings", ""),
        ("ies", "y"),
        ("sses", "ss"),
        ("ches", "ch"),
        ("shes", "sh"),
        ("xes", "x"),
        ("ss", "ss"),
        ("us", "us"),
        ("is", "is"),
        ("s", ""),
    ),
    "n": (("ation", "at"),),
    "y": (("ingly", ""), ("edly", ""), ("ly", "")),
    "g": (("ing", ""),),
    "d": (("ied", "y"), ("ed", "")),
}
"""By their last letter, the longest first: what is cut, and what is put in its place."""
