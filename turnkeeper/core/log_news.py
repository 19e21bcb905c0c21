"""What a reader of a log is told: events, a sign of life, the end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from turnkeeper.core.events import LogEntry, TextAdded, ToolCalled, ToolReturned

_LINE_BYTES = 200

EndReason = Literal["turn_ended", "log_end", "idle", "closing", "deleted", "access_ended", "left"]


class Line:
    """One event, with its spellings, which are made once for all readers."""

    __slots__ = ("_spellings", "entry")

    def __init__(self, entry: LogEntry) -> None:
        self.entry = entry
        self._spellings: dict[Callable[[LogEntry], bytes], bytes] = {}

    def spelled(self, spell: Callable[[LogEntry], bytes]) -> bytes:
        """The event as `spell` writes it."""
        spelling = self._spellings.get(spell)
        if spelling is None:
            spelling = self._spellings[spell] = spell(self.entry)
        return spelling

    @property
    def size(self) -> int:
        """About how many bytes it holds."""
        match self.entry.body:
            case TextAdded(text=text) | ToolReturned(output=text) | ToolCalled(input=text):
                return _LINE_BYTES + len(text)
            case _:
                return _LINE_BYTES


@dataclass(frozen=True, slots=True)
class Beat:
    """Nothing happened for a while, or it is time to look whether the reader may still read."""


@dataclass(frozen=True, slots=True)
class End:
    """There is nothing more to come."""

    reason: EndReason


News = Sequence[Line] | Beat | End
