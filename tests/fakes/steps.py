"""Recorded steps in memory: obeys the contract of `turn.Steps`, and forgets nothing until it is thrown away."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from turnkeeper.core.errors import ClaimLostError

T = TypeVar("T")


class MemorySteps:
    """Keeps each step's encoded value by name, as the engine does in the database."""

    def __init__(self) -> None:
        self.recorded: dict[str, bytes] = {}
        self.ran: list[str] = []
        """The names of the steps that were really run, in the order of their beginning."""
        self.lost = False
        """Set to let another worker have the claim."""

    def is_done(self, name: str) -> bool:
        """Whether it was recorded before."""
        return name in self.recorded

    async def once(self, name: str, kind: type[T], call: Callable[[], Awaitable[T]]) -> T:
        if name not in self.recorded:
            self.ran.append(name)
            value = await call()
            if self.lost:
                raise ClaimLostError("Another worker answers this message.")
            self.recorded[name] = msgspec.json.encode(value)
        return msgspec.json.decode(self.recorded[name], type=kind)
