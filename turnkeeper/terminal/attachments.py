"""`@path` in what a person types: the files that go along, and the text without the marks."""

import re
from dataclasses import dataclass
from pathlib import Path

from turnkeeper.core.errors import InvalidError

MOST_FILES = 10
_MARK = re.compile(r'(?<!\S)@(?:"([^"\n]+)"|((?:\\.|[^\s\\"@])(?:\\.|[^\s\\])*))')
_PUNCTUATION = ".,;:!?)"
_DOUBLED = re.compile(r"(?<!\S)@@")


@dataclass(frozen=True, kw_only=True, slots=True)
class Typed:
    """What is to be sent."""

    text: str
    files: tuple[Path, ...]


def typed(line: str, folder: Path) -> Typed:
    """Find `@report.pdf`, `@"my report.pdf"` and `@my\\ report.pdf`; the name stays in the text. `@@` is a plain @.

    A word after an @ that is no file, and does not look like the name of one, is left alone.

    Raises:
        InvalidError: what looks like a file is not there, or there are too many.
    """
    files: list[Path] = []

    def named(found: re.Match[str]) -> str:
        word = found[1] or re.sub(r"\\(.)", r"\1", found[2])
        rest = ""
        path = _existing(word, folder)
        if path is None:
            name = word.rstrip(_PUNCTUATION)
            word, rest = name, word[len(name) :]
            path = _existing(word, folder)
        if path is None:
            if found[1] is None and not _looks_like_file(word):
                return found[0]
            raise InvalidError("files", f"There is no file {word!r}; nothing was sent. For a plain @ write @@.")
        if path not in files:
            files.append(path)
        return (f'"{word}"' if " " in word else word) + rest

    text = _DOUBLED.sub("@", _MARK.sub(named, line))
    if len(files) > MOST_FILES:
        raise InvalidError("files", f"A message takes at most {MOST_FILES} files; nothing was sent.")
    return Typed(text=text, files=tuple(files))


def completions(word: str, folder: Path) -> list[str]:
    """The paths that a word which begins with @ may become, folders with a / at the end; at most 200."""
    start = re.sub(r"\\(.)", r"\1", word.removeprefix("@"))
    parent, _, beginning = start.rpartition("/")
    place = folder / Path(parent + "/" if parent or start.startswith("/") else ".").expanduser()
    try:
        found = sorted(place.iterdir())
    except OSError:
        return []
    prefix = start[: len(start) - len(beginning)]
    return [
        "@" + re.sub(r"([\s\\])", r"\\\1", f"{prefix}{path.name}{'/' if path.is_dir() else ''}")
        for path in found
        if path.name.startswith(beginning) and (beginning or not path.name.startswith("."))
    ][:200]


def _existing(word: str, folder: Path) -> Path | None:
    try:
        path = folder / Path(word).expanduser()
        return path if path.is_file() else None
    except (OSError, ValueError, RuntimeError):
        return None


def _looks_like_file(word: str) -> bool:
    return "/" in word or re.search(r"\w\.\w{1,8}$", word) is not None
