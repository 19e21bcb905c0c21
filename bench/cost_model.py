"""What a million turns cost, from measured figures: `python -m bench.cost_model low.json high.json --check other.json`.

    python -m bench.nodes --nodes 2x2 --clients 4 --delay 200 --json low.json
    python -m bench.nodes --nodes 2x2 --clients 16 --delay 0 --json high.json
    python -m bench.nodes --nodes 2x2 --clients 32 --delay 200 --json other.json
    python -m bench.cost_model low.json high.json --check other.json --rate 20

What a node does by itself (its heart, its looks at the queue) costs the same each second, a turn costs the same each time,
so a turn's share is `turn + second / rate`. Both are fitted to the first files, whose loads must differ in rate; the other
files were not fitted, and show how far off the model is. What models and their tokens cost is not in it.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.nodes import Case, NodeFigures

MILLION = 1_000_000
PARTS: Mapping[str, Callable[[Case], float]] = {
    "doors, CPU ms": lambda case: case.doors_milliseconds,
    "workers, CPU ms": lambda case: case.workers_milliseconds,
    "PostgreSQL, CPU ms": lambda case: case.postgres_milliseconds,
    "WAL, bytes": lambda case: case.wal_bytes,
    "disk, bytes": lambda case: case.database_bytes,
}
CPU = tuple(name for name in PARTS if "CPU" in name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What one thing costs: for each turn, and for each second that passes."""

    turn: float
    second: float

    def at(self, rate: float) -> float:
        """For one turn, at so many turns a second."""
        return self.turn + self.second / rate


def fit(cases: Sequence[Case], part: Callable[[Case], float]) -> Line:
    """Least squares over all cases; nothing costs less than nothing.

    Raises:
        ValueError: their rates are too much alike to tell what is a turn's and what is a second's.
    """
    waits = [1 / case.rate for case in cases]
    costs = [part(case) for case in cases]
    middle, mean = sum(waits) / len(waits), sum(costs) / len(costs)
    spread = sum((wait - middle) ** 2 for wait in waits)
    if max(waits, default=0.0) < 1.5 * min(waits, default=0.0) or spread == 0:
        raise ValueError("The loads to fit must differ in turns a second by half at least.")
    slope = sum((wait - middle) * (cost - mean) for wait, cost in zip(waits, costs, strict=True)) / spread
    if slope <= 0:
        return Line(turn=mean, second=0.0)
    if slope * middle >= mean:
        return Line(turn=0.0, second=mean / middle)
    return Line(turn=mean - slope * middle, second=slope)


def main() -> None:
    """The program."""
    plan = _plan(sys.argv[1:])
    try:
        lines = {name: fit(_cases(plan.files), part) for name, part in PARTS.items()}
    except (ValueError, OSError, msgspec.DecodeError) as error:
        sys.exit(str(error))
    print(*_model(lines, plan.rate), *_checks(lines, _cases(plan.check)), sep="\n")


def _model(lines: Mapping[str, Line], rate: float) -> list[str]:
    seconds = sum(lines[name].at(rate) for name in CPU) / 1000 * MILLION
    wal, disk = (lines[name].at(rate) * MILLION / 1e9 for name in ("WAL, bytes", "disk, bytes"))
    rows = [f"| {name} | {line.turn:.2f} | {line.second:.2f} | {line.at(rate):.2f} |" for name, line in lines.items()]
    total = (
        f"A million turns at {rate:g}/s: {seconds:,.0f} CPU seconds ({seconds / 3600:.1f} hours), "
        f"{wal:.1f} GB of WAL, {disk:.1f} GB of disk."
    )
    return ["| | a turn | a second | a turn at this rate |", "|---|---|---|---|", *rows, "", total]


def _checks(lines: Mapping[str, Line], cases: Sequence[Case]) -> list[str]:
    said: list[str] = []
    for case in cases:
        told = [(name, lines[name].at(case.rate), PARTS[name](case)) for name in PARTS]
        told.append(("CPU together, ms", sum(line[1] for line in told[:3]), sum(line[2] for line in told[:3])))
        said += ["", f"Not fitted: {case.clients} clients, {case.delay_milliseconds} ms, {case.rate:.1f} turns/s"]
        said += ["| | predicted | measured | off by |", "|---|---|---|---|"]
        said += [f"| {name} | {told:.2f} | {real:.2f} | {_off(told, real)} |" for name, told, real in told]
    return said


def _off(predicted: float, measured: float) -> str:
    return f"{(predicted / measured - 1) * 100:+.0f} %" if measured else "–"


def _cases(files: Sequence[Path]) -> list[Case]:
    return [case for file in files for case in msgspec.json.decode(file.read_bytes(), type=NodeFigures).cases]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to fit, what to compare it with, and the rate to tell costs for."""

    files: list[Path]
    check: list[Path]
    rate: float


def _plan(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(
        prog="python -m bench.cost_model", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+", help="figures of bench.nodes to fit, of as many nodes each")
    parser.add_argument("--check", type=Path, nargs="*", default=[], help="figures that are predicted, not fitted")
    parser.add_argument("--rate", type=float, default=20.0, help="turns a second to tell the costs for (default 20)")
    return Plan(**vars(parser.parse_args(arguments)))


if __name__ == "__main__":
    main()
