"""Lines that a person types at a terminal: with a history, and with Tab for commands and `@path`.

Asking blocks, and belongs in the main thread between the turns: there Ctrl-C is a KeyboardInterrupt, and Ctrl-D an EOFError.
While a turn runs, whole lines are heard by the event loop, as the terminal itself lets them be edited.
"""

import asyncio
import os
import readline
import signal
import sys
import termios
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from turnkeeper.terminal.attachments import completions

_MOST_HISTORY = 1_000
_WOKEN_SECONDS = (0.1, 1.0)
"""After the prompt, and from then on."""
_MOST_BYTES = 65_536
"""Of what is typed at once; a terminal gives whole lines of at most 4,096."""


class Keyboard:
    """Asks for lines. `commands` are what a line that begins with / may become."""

    def __init__(self, commands: Sequence[str], folder: Path) -> None:
        self._commands = commands
        self._folder = folder
        self._found: list[str] = []
        # A space ends a word, unless it stands behind a backslash; nothing else does: paths have all other signs.
        readline.set_completer_delims(" \t\n")
        readline.set_completer(self._complete)
        readline.set_auto_history(False)
        readline.parse_and_bind("set enable-bracketed-paste on")
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")

    def decide(self, prompt: str) -> str:
        """One line about something that is asked just now: what was typed before it was asked is no answer to it."""
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        return _asked(prompt)

    def ask(self, prompt: str, *, start: str = "") -> str:
        """One line, with a backslash at its end also the next one. `start` stands there already, to be changed.

        Raises:
            EOFError: there is no more.
            KeyboardInterrupt: Ctrl-C.
        """
        if start:
            readline.set_startup_hook(lambda: readline.insert_text(start))
        try:
            line = _asked(prompt)
        finally:
            readline.set_startup_hook(None)
        while line.endswith("\\"):
            line = f"{line[:-1]}\n{_asked('… ')}"
        if line.strip():
            readline.add_history(line.replace("\n", " "))
            if readline.get_current_history_length() > _MOST_HISTORY:
                readline.remove_history_item(0)
        return line

    @contextmanager
    def overheard(self, heard: Callable[[str], None]) -> Generator[None]:
        """Hear whole lines inside the block, in the running event loop. An unfinished one stays for the next question."""
        loop, device = asyncio.get_running_loop(), sys.stdin.fileno()

        def read() -> None:
            typed = os.read(device, _MOST_BYTES)
            if not typed:  # Ctrl-D, or the terminal is gone
                loop.remove_reader(device)
            for line in typed.decode(errors="replace").splitlines():
                heard(line)

        loop.add_reader(device, read)
        try:
            yield
        finally:
            loop.remove_reader(device)

    def _complete(self, word: str, state: int) -> str | None:
        if state == 0:
            if word.startswith("@"):
                self._found = completions(word, self._folder)
            else:
                starts = readline.get_begidx() == 0
                self._found = [each for each in self._commands if starts and each.startswith(word)]
            if len(self._found) == 1 and not self._found[0].endswith("/"):
                self._found = [f"{self._found[0]} "]
        return self._found[state] if state < len(self._found) else None


def _asked(prompt: str) -> str:
    """One line. A Ctrl-C between the prompt and the wait for keys is heard at the next alarm: Python would only hear it at
    the next key, as nothing else ends that wait.
    """
    before = signal.signal(signal.SIGALRM, _nothing)
    signal.setitimer(signal.ITIMER_REAL, *_WOKEN_SECONDS)
    try:
        return input(prompt)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _nothing(_number: int, _frame: object) -> None:
    """What an alarm does beside ending a wait."""
