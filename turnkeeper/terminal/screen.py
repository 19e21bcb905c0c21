"""A terminal that is written to: text that streams, lines beside it, and steps whose lines change in place."""

import shutil
from typing import TextIO

from turnkeeper.terminal.markdown import DIM, RESET, Markdown
from turnkeeper.terminal.plain_text import harmless, on_one_line

_CLEAR = "\r\x1b[K"
_RED = "\x1b[31m"


class Screen:
    """Writes. `is_styled` false: no colors and nothing that moves, for terminals that are plain."""

    def __init__(self, out: TextIO, *, is_styled: bool) -> None:
        self._out = out
        self._is_styled = is_styled
        self._markdown = Markdown(is_styled=is_styled)
        self._is_fresh = True
        self._is_hinting = False
        self._steps: list[str] = []
        """Steps whose lines are the last ones on the screen."""

    def text(self, piece: str) -> None:
        """A piece of the answer."""
        if piece:
            self._steps.clear()
            self._write(self._markdown.feed(harmless(piece)))

    def end_text(self) -> None:
        """The answer, or a part of it, is over: what follows begins on a line of its own."""
        self._write(self._markdown.end())
        if not self._is_fresh:
            self._write("\n")

    def line(self, text: str = "", *, is_dim: bool = False) -> None:
        """A line, or several, of its own."""
        self.end_text()
        self._steps.clear()
        self._write(f"{self._styled(harmless(text), DIM) if is_dim else harmless(text)}\n")

    def trouble(self, text: str) -> None:
        """A line that tells of something that went wrong."""
        self.end_text()
        self._steps.clear()
        self._write(f"{self._styled(harmless(text), _RED)}\n")

    def hint(self, text: str) -> None:
        """A word that stands until the next thing is written. On a plain terminal it is left out."""
        if self._is_styled and self._is_fresh:
            self._write("")
            self._out.write(f"{DIM}{on_one_line(text, self._width())}{RESET}")
            self._out.flush()
            self._is_hinting = True

    def step(self, name: str, text: str) -> None:
        """A step on a line of its own; one of the same name takes its place, as long as only steps came since."""
        self.end_text()
        line = on_one_line(text, self._width())
        shown = self._styled(line, DIM)
        if self._is_styled and name in self._steps:
            up = len(self._steps) - self._steps.index(name)
            self._write("")
            self._write(f"\x1b[{up}A{_CLEAR}{shown}\x1b[{up}B\r")
            self._is_fresh = True
            return
        self._steps.append(name)
        self._write(f"{shown}\n")

    def _write(self, text: str) -> None:
        if self._is_hinting:
            self._out.write(_CLEAR)
            self._is_hinting = False
        if text:
            self._out.write(text)
            self._is_fresh = text.removesuffix(RESET).endswith("\n")
        self._out.flush()

    def _styled(self, text: str, style: str) -> str:
        return f"{style}{text}{RESET}" if self._is_styled else text

    def _width(self) -> int:
        return max(shutil.get_terminal_size().columns - 1, 20)
