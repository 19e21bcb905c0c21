"""A person at a terminal: a command on a pseudo-terminal of its own, what it shows, and what is typed."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import termios
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.fakes.forked_commands import ForkedCommand, forked_commands
from tests.patience import PROCESS_PATIENCE
from tests.server_process import clean_environment

_STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
CTRL_C = "\x03"
CTRL_D = "\x04"


class Terminal:
    """One command, running."""

    def __init__(self, process: ForkedCommand, device: int) -> None:
        self._process = process
        self._device = device
        self._changed = asyncio.Event()
        self._is_over = False
        self.raw = b""
        """All that was written, with its control sequences."""
        self._read_to = 0

    async def shows(self, text: str) -> str:
        """Wait until this is written, after what was waited for before; everything up to it, without styles."""
        try:
            async with asyncio.timeout(PROCESS_PATIENCE):
                while (found := self.words.find(text, self._read_to)) < 0:
                    assert not self._is_over, f"It ended before it showed {text!r}; it showed {self.words!r}."
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            raise AssertionError(f"It did not show {text!r}; it showed {self.words!r}.") from error
        start, self._read_to = self._read_to, found + len(text)
        return self.words[start : self._read_to]

    def types(self, text: str) -> None:
        """Type; Return is a line feed."""
        os.write(self._device, text.encode())

    async def ended(self) -> int:
        """Wait for the end; the exit code."""
        async with asyncio.timeout(PROCESS_PATIENCE):
            code = await self._process.ended()
            while not self._is_over:
                self._changed.clear()
                await self._changed.wait()
        return code

    @property
    def words(self) -> str:
        """All that was written, without styles."""
        return _STYLES.sub("", self.raw.decode(errors="ignore")).replace("\r\n", "\n")

    def heard(self) -> None:
        """Something was written, or the command has ended."""
        try:
            piece = os.read(self._device, 65_536)
        except OSError:  # what Linux says when the other side is closed
            piece = b""
        self.raw += piece
        self._is_over = piece == b""
        if self._is_over:
            asyncio.get_running_loop().remove_reader(self._device)
        self._changed.set()


@asynccontextmanager
async def at_terminal(*words: str, folder: Path | None = None, **environment: str) -> AsyncGenerator[Terminal]:
    """Run `turnkeeper` with these words on a terminal of 100 columns; killed at the end if it still runs."""
    device, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 100, 0, 0))
    environment = clean_environment(TERM="xterm", PYTHONPATH=str(Path(__file__).parents[2]), **environment)
    process = forked_commands().start(
        words, environment, streams=(other, other, other), folder=folder, at_terminal=True
    )
    os.close(other)
    terminal = Terminal(process, device)
    loop = asyncio.get_running_loop()
    loop.add_reader(device, terminal.heard)
    try:
        yield terminal
    finally:
        process.kill()
        await process.ended()
        loop.remove_reader(device)
        os.close(device)
