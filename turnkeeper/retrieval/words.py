"""Taking text apart into the words that full-text search knows, the same way for passages and for questions.

PostgreSQL's own parser takes `os.path`, `FiberUP-500` or `/etc/hosts` for one word each, which nobody finds by a part of
it. Here such compounds become their parts and, beside them, one word without the joints, which finds the exact name.
"""

import re
import unicodedata

_COMPOUND = re.compile(r"[^\W_]+(?:[._\-/:@\\'’]+[^\W_]+)+")
_JOINT = re.compile(r"[._\-/:@\\'’]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_HUMP = re.compile(r"[a-z0-9](?=[A-Z][a-z])|[a-z](?=[A-Z])")
_APOSTROPHES = frozenset("'’")
_LONGEST_COMPOUND = 60


def take_apart(text: str) -> str:
    """The words of the text, separated by blanks, without accents; names made of several words also in one piece."""
    plain = text if text.isascii() else _without_accents(text)
    return _HUMPED.sub(_both_forms, _COMPOUND.sub(_parts, plain))


_HUMPED = re.compile(r"\b[A-Za-z0-9]*[a-z0-9][A-Z][A-Za-z0-9]*\b")


def _without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))


def _parts(match: re.Match[str]) -> str:
    compound = match[0]
    if _NUMBER.fullmatch(compound):
        return compound
    parts = _JOINT.split(compound)
    if len(parts) == 2 and len(parts[1]) <= 2 and not _APOSTROPHES.isdisjoint(compound):
        return parts[0] if parts[1] == "s" else parts[0] + "'" + parts[1]
    joined = "".join(parts)
    return f"{' '.join(parts)} {joined.lower()}" if len(joined) <= _LONGEST_COMPOUND else " ".join(parts)


def _both_forms(match: re.Match[str]) -> str:
    return f"{match[0]} {_HUMP.sub(lambda hump: hump[0] + ' ', match[0])}"
