"""Server-sent events out of bytes, however they are cut."""

from __future__ import annotations

from dataclasses import dataclass, field

from turnkeeper_client.errors import TurnkeeperError

MOST_BYTES = 64 * 1024 * 1024
"""Of one frame; nothing that a server sends comes near it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One event: `data` is its text, `retry_seconds` what the server asks to wait before connecting again."""

    event: str = ""
    data: str = ""
    retry_seconds: float | None = None


@dataclass(slots=True)
class FrameReader:
    """Keeps the bytes of a frame until it is whole."""

    _rest: bytes = b""
    _event: str = ""
    _data: list[str] = field(default_factory=list[str])
    _held: int = 0
    _retry_seconds: float | None = None

    def feed(self, piece: bytes) -> list[Frame]:
        """The frames that are whole with this piece.

        Raises:
            TurnkeeperError: a frame is larger than `MOST_BYTES`.
        """
        lines = (self._rest + piece).split(b"\n")
        self._rest = lines.pop()
        frames = [frame for line in lines if (frame := self._take(line.removesuffix(b"\r"))) is not None]
        if self._held + len(self._rest) > MOST_BYTES:
            raise TurnkeeperError(f"The server sent a frame of more than {MOST_BYTES} bytes.")
        return frames

    def _take(self, line: bytes) -> Frame | None:
        if not line:
            return self._whole()
        name, _, value = line.decode("utf-8", "replace").partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            self._event = value
        elif name == "data":
            self._data.append(value)
            self._held += len(line)
        elif name == "retry" and value.isascii() and value.isdigit():
            self._retry_seconds = int(value) / 1_000
        return None

    def _whole(self) -> Frame | None:
        """What an empty line ends; comments alone are nothing."""
        is_empty = not self._data and self._retry_seconds is None
        frame = Frame(event=self._event, data="\n".join(self._data), retry_seconds=self._retry_seconds)
        self._event, self._data, self._retry_seconds, self._held = "", [], None, 0
        return None if is_empty else frame
