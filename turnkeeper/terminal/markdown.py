"""Markdown as it streams, made readable on a terminal: letter by letter, and without going back.

Headings, bold, code, bullets and quotes; all else stays as it is written. Only what may be the start of a mark is held until
it is known what it is.
"""

import re

RESET = "\x1b[0m"
BOLD = "\x1b[1m"
DIM = "\x1b[2m"
CODE = "\x1b[36m"
_MAYBE_MARK = re.compile(r" {0,8}(#{0,6}|#{1,6} +|`{1,2}|[-*+]|>|\*\*)?")
_FENCE = re.compile(r" {0,3}```[^\n]*\n")
_HEADING = re.compile(r"#{1,6} +")
_BULLET = re.compile(r"( *)[-*+] ")
_QUOTE = re.compile(r"> ?")
_UNMARKED = re.compile(r"[^\n*`]+")


class Markdown:
    """One text, as it comes. With `is_styled` false it is passed on as it is."""

    def __init__(self, *, is_styled: bool) -> None:
        self._is_styled = is_styled
        self._held = ""
        self._starts_line = True
        self._in_fence = False
        self._is_heading = False
        self._is_bold = False
        self._is_code = False

    def feed(self, text: str) -> str:
        """What is to be written now that this came."""
        return self._taken(text, is_end=False) if self._is_styled else text

    def end(self) -> str:
        """What remains at the end of the text."""
        rest = self._taken("", is_end=True)
        is_open = self._in_fence or self._style() != ""
        self._in_fence = self._is_heading = self._is_bold = self._is_code = False
        self._starts_line = True
        return rest + (RESET if is_open else "")

    def _taken(self, text: str, *, is_end: bool) -> str:
        self._held += text
        written: list[str] = []
        while self._held:
            count, shown = self._line_start(is_end=is_end) if self._starts_line else self._inside(is_end=is_end)
            if count < 0:
                break
            self._held = self._held[count:]
            written.append(shown)
        return "".join(written)

    def _line_start(self, *, is_end: bool) -> tuple[int, str]:
        """How much of what is held this takes, and what is written for it; -1 to wait for more."""
        held = self._held
        if not is_end and (_MAYBE_MARK.fullmatch(held) or _begins_fence(held)):
            return -1, ""
        fence = _FENCE.match(held)
        if fence is not None:
            self._in_fence = not self._in_fence
            return fence.end(), f"{DIM}{fence[0][:-1]}{RESET}\n"
        self._starts_line = False
        return (0, CODE) if self._in_fence else self._mark()

    def _mark(self) -> tuple[int, str]:
        held = self._held
        heading, bullet, quote = _HEADING.match(held), _BULLET.match(held), _QUOTE.match(held)
        if heading is not None:
            self._is_heading = True
            return heading.end(), BOLD
        if bullet is not None:
            return bullet.end(), f"{bullet[1]}• "
        if quote is not None:
            return quote.end(), f"{DIM}│{RESET} "
        return 0, ""

    def _inside(self, *, is_end: bool) -> tuple[int, str]:
        held = self._held
        if held[0] == "\n":
            return 1, self._line_end()
        if self._in_fence:
            return _until(held, "\n")
        plain = _UNMARKED.match(held)
        if plain is not None:
            return plain.end(), plain[0]
        if held[0] == "`":
            self._is_code = not self._is_code
            return 1, RESET + self._style()
        if self._is_code:
            return 1, held[0]
        return self._stars(is_end=is_end)

    def _stars(self, *, is_end: bool) -> tuple[int, str]:
        held = self._held
        if len(held) < 3 and "**".startswith(held[:2]) and not is_end:
            return -1, ""
        if held.startswith("**") and (self._is_bold or (len(held) > 2 and not held[2].isspace())):
            self._is_bold = not self._is_bold
            return 2, RESET + self._style()
        return 1, "*"

    def _line_end(self) -> str:
        was_styled = self._style() != "" or self._in_fence
        self._starts_line = True
        self._is_heading = self._is_bold = self._is_code = False
        return f"{RESET}\n" if was_styled else "\n"

    def _style(self) -> str:
        return (BOLD if self._is_heading or self._is_bold else "") + (CODE if self._is_code else "")


def _begins_fence(held: str) -> bool:
    return held.lstrip(" ").startswith("```") and "\n" not in held


def _until(text: str, mark: str) -> tuple[int, str]:
    end = text.find(mark)
    return (len(text), text) if end < 0 else (end, text[:end])
