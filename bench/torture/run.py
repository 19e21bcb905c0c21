"""Torture the server: `make torture`, explained in docs/torture.md.

    make torture                                          all of it, some 10 minutes
    make torture ARGS="--scale small"                     as it runs with the tests, half a minute
    make torture ARGS="--seed 4711 --only kills,rolling"  what another run did, again
    make torture ARGS="--json figures.json"

Everything runs on this machine, and is stopped and removed at the end. Ends with 1 when a promise was broken.
"""

import argparse
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec
import uvloop

from bench.machine import describe
from bench.server import BenchError
from bench.torture.evidence import keep_logs, keep_rows
from bench.torture.findings import Finding, Outcome, five_of, line, table
from bench.torture.nodes import Launch, executed
from bench.torture.plan import FULL, SMALL, Scale
from bench.torture.scenarios.kills import kills, stopped
from bench.torture.scenarios.long import long_talk, overhead
from bench.torture.scenarios.neighbours import neighbours
from bench.torture.scenarios.once import twins, volley
from bench.torture.scenarios.outages import away, cut, disk_full
from bench.torture.scenarios.rolling import rolling
from bench.torture.site import Site, open_site

Progress = Callable[[float], None]
Scenario = Callable[[Site, Progress], Awaitable[Finding]]
SCALES: Mapping[str, Scale] = {"full": FULL, "small": SMALL}
_BAR = 30


def _plain(scenario: Callable[[Site], Awaitable[Finding]]) -> Scenario:
    return lambda site, _: scenario(site)


SCENARIOS: Mapping[str, Scenario] = {
    "overhead": _plain(overhead),
    "twins": _plain(twins),
    "volley": _plain(volley),
    "kills": _plain(kills),
    "stopped": _plain(stopped),
    "cut": _plain(cut),
    "away": _plain(away),
    "disk": _plain(disk_full),
    "rolling": _plain(rolling),
    "neighbours": _plain(neighbours),
    "long": long_talk,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What is wanted."""

    seed: int
    scale: str
    numbers: Scale
    only: tuple[str, ...]
    json_file: Path | None
    logs: Path | None


def main() -> None:
    """The program; ends with 1 when a promise was broken or something could not be done at all."""
    order = _order(sys.argv[1:])
    signal.signal(signal.SIGTERM, _ended)
    try:
        outcome = uvloop.run(torture(order, lambda sentence: print(sentence, flush=True), _bar(order)))
    except BenchError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    print(f"\n{table(outcome.five)}")
    if order.json_file is not None:
        order.json_file.write_bytes(msgspec.json.format(msgspec.json.encode(outcome)) + b"\n")
    if not outcome.is_good:
        sys.exit(f'\nA promise was broken. Again: make torture ARGS="{again(order)}"')
    print("\nEvery promise was kept.")


async def torture(
    order: Order, tell: Callable[[str], None], bar: Callable[[float, str], None], *, launch: Launch = executed
) -> Outcome:
    """All that is wanted; `tell` is called with a line for each scenario, `bar` with how far it is.

    `launch` starts the server's processes.

    Raises:
        BenchError: it could not be done.
    """
    here = describe()
    tell(f"{here.processor}, {here.processors} processors, load average {here.load_average:.1f}; {again(order)}")
    findings: list[Finding] = []
    async with open_site(order.seed, order.numbers, launch=launch) as site:
        for place, name in enumerate(order.only):

            def progress(share: float, place: int = place, name: str = name) -> None:
                bar((place + share) / len(order.only), name)

            progress(0.0)
            findings.append(await _done(SCENARIOS[name], name, site, progress, order.logs))
            tell(line(findings[-1]))
        bar(1.0, "")
    machine = f"{here.processors} x {here.processor}, Python {here.python}, PostgreSQL {here.postgres}"
    return Outcome(
        seed=order.seed, scale=order.scale, machine=machine, five=five_of(findings), findings=tuple(findings)
    )


async def _done(scenario: Scenario, name: str, site: Site, progress: Progress, logs: Path | None) -> Finding:
    """Do a scenario, and keep what tells of it, also when it could not be done to its end."""
    try:
        finding = await scenario(site, progress)
        if finding.broken and logs is not None:
            await keep_rows(site, logs / name)
    finally:
        if logs is not None:
            keep_logs(site, logs)
    return finding


def again(order: Order) -> str:
    """The words that make the same run."""
    only = "" if order.only == tuple(SCENARIOS) else f" --only {','.join(order.only)}"
    return f"--seed {order.seed} --scale {order.scale}{only}"


def _bar(order: Order) -> Callable[[float, str], None]:
    """A progress bar, where there is a terminal to draw it on."""

    def draw(share: float, name: str) -> None:
        if sys.stderr.isatty():
            filled = round(share * _BAR)
            end = "\n" if share >= 1 else ""
            sys.stderr.write(f"\r\x1b[K[{'#' * filled}{'.' * (_BAR - filled)}] {share:4.0%} {name}{end}")
            sys.stderr.flush()

    del order
    return draw


def _order(arguments: Sequence[str]) -> Order:
    parser = argparse.ArgumentParser(
        prog="make torture", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, help="what another run printed, to do the same; else a new one")
    parser.add_argument("--only", type=_names, default=tuple(SCENARIOS), help=f"some of: {', '.join(SCENARIOS)}")
    parser.add_argument("--scale", choices=SCALES, default="full", help="how much of everything (default full)")
    parser.add_argument("--conversations", type=int, help="so many while processes are killed (full: 500)")
    parser.add_argument("--kills", type=int, help="so many kills (full: 30)")
    parser.add_argument("--turns", type=int, help="so many turns of the long conversation (full: 10000)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything there too")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep the logs of all processes there")
    given = parser.parse_args(arguments)
    numbers = SCALES[given.scale]
    return Order(
        seed=secrets.randbelow(1_000_000) if given.seed is None else given.seed,
        scale=given.scale,
        numbers=replace(
            numbers,
            conversations=given.conversations or numbers.conversations,
            kills=given.kills or numbers.kills,
            long_turns=given.turns or numbers.long_turns,
        ),
        only=given.only,
        json_file=given.json,
        logs=given.logs,
    )


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in SCENARIOS]
    if unknown:
        raise argparse.ArgumentTypeError(f"there is no scenario {unknown[0]!r}; there are {', '.join(SCENARIOS)}")
    return names


def _ended(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
