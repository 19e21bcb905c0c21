"""Run a load in a process of its own, and read a meter at the two ends of what is measured."""

import select
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from bench.driver import CONVERSATION_SECONDS
from bench.load import Line, Load, Outcome
from bench.processes import program
from bench.server import BenchError

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured(Generic[T]):
    """What the clients saw, and the meter before and after."""

    outcome: Outcome
    before: T
    after: T


def run_load(load: Load, meter: Callable[[], T]) -> Measured[T]:
    """Let the clients work, in a process of their own.

    Raises:
        BenchError: the driver ended without a word, or says nothing for far too long.
    """
    with program([sys.executable, "-m", "bench.driver"]) as driver:
        assert driver.stdin is not None
        assert driver.stdout is not None
        driver.stdin.write(msgspec.json.encode(load) + b"\n")
        driver.stdin.flush()
        patience = load.warm_up_seconds + load.seconds + CONVERSATION_SECONDS
        before: T | None = None
        while True:
            readable, _, _ = select.select([driver.stdout], [], [], patience)
            said = driver.stdout.readline() if readable else b""
            if not said:
                raise BenchError("The driver ended, or stands still; what it said stands above.")
            line = msgspec.json.decode(said, type=Line)
            if line.outcome is None:
                before = meter()
            elif before is not None:
                return Measured(outcome=line.outcome, before=before, after=meter())
