"""All that one run measured, as it is printed and written to a file."""

from dataclasses import dataclass
from typing import Literal

from bench.limits import Limits
from bench.load import Outcome
from bench.machine import Machine
from bench.server import Start

Mode = Literal["poll", "wait"]
"""How a client learns that its task is done: by asking again and again, or with `Prefer: wait=30`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Proportional set size of the whole tree of processes."""

    python_mib: float
    postgres_mib: float

    @property
    def total_mib(self) -> float:
        """Both."""
        return self.python_mib + self.postgres_mib


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One load and what it came to; processor seconds are those of the measured time."""

    clients: int
    delay_milliseconds: int
    mode: Mode
    poll_milliseconds: float
    outcome: Outcome
    python_seconds: float
    postgres_seconds: float
    model_seconds: float

    @property
    def rate(self) -> float:
        """Whole conversations a second."""
        return self.outcome.count / self.outcome.seconds

    def each_milliseconds(self, seconds: float) -> float:
        """A share of something: of each conversation, in milliseconds."""
        return seconds * 1000 / max(self.outcome.count, 1)

    @property
    def python_milliseconds(self) -> float:
        """Processor time of the server's Python for one message."""
        return self.each_milliseconds(self.python_seconds)

    @property
    def postgres_milliseconds(self) -> float:
        """Processor time of PostgreSQL for one message."""
        return self.each_milliseconds(self.postgres_seconds)

    @property
    def looks(self) -> float:
        """How often the state of a task was asked for, for each conversation."""
        return self.outcome.looks / max(self.outcome.count, 1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Everything of one run."""

    machine: Machine
    cold: Start
    warm: Start
    idle: Memory
    loaded: Memory
    limits: Limits
    cases: tuple[Case, ...]
    log_level: str
