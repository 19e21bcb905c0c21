"""Measure the server under load: `make bench`, explained in docs/benchmarks.md.

    make bench                                        about 4 minutes, on a machine that does nothing else
    make bench ARGS=--quick                           under a minute, to see whether a change went the right way
    make bench ARGS="--clients 1,16 --delay 0 --seconds 20 --json figures.json"

The server, its model and its clients run on this machine and talk over 127.0.0.1; all of them are stopped at the end.
"""

import argparse
import contextlib
import signal
import sys
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

import msgspec

from bench import limits, machine, report
from bench.drive import run_load
from bench.figures import Case, Figures, Memory, Mode
from bench.load import Load
from bench.processes import cpu_seconds, program
from bench.server import BenchError, Server, Start, fresh_server

POLL_SECONDS = 0.01
"""Between two looks at a task, when the model answers at once."""
SLOWER_POLL_SECONDS = 0.05
"""The same, when it takes its time."""
LONG_WAIT_SECONDS = 30
MODES: tuple[Mode, ...] = ("poll", "wait")
LARGEST = 1024
"""Clients, and milliseconds of delay."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to measure, and for how long."""

    clients: tuple[int, ...]
    delays_milliseconds: tuple[int, ...]
    modes: tuple[Mode, ...]
    seconds: float
    warm_up_seconds: float
    limit_seconds: float
    most: int | None
    once: bool
    log_level: str
    json_file: Path | None


def main() -> None:
    """The program; ends with 1 when something could not be measured or any conversation went wrong."""
    plan = _plan(sys.argv[1:])
    # What was started is stopped by the blocks that started it, also when we are told to end.
    signal.signal(signal.SIGTERM, _ended)
    try:
        figures = measure(plan, lambda sentence: print(sentence, flush=True))
    except BenchError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        sys.exit("Stopped.")
    print(report.tables(figures))
    if plan.json_file is not None:
        plan.json_file.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
    if any(case.outcome.errors for case in figures.cases):
        sys.exit("Some conversations went wrong, see above: these figures are worth nothing.")


def measure(plan: Plan, tell: Callable[[str], None]) -> Figures:
    """Everything in the plan; `tell` is called with a line for each step that is done.

    Raises:
        BenchError: one sentence says what could not be measured.
    """
    here = machine.describe()
    tell(f"{here.processor}, {here.processors} processors, load average {here.load_average:.1f}")
    if here.load_average > 0.5:
        tell("This machine is busy with other things: take these figures as a hint only.")
    with contextlib.ExitStack() as stack:
        model = stack.enter_context(program([sys.executable, "-m", "bench.stub_model"]))
        assert model.stdout is not None
        server = stack.enter_context(fresh_server(int(model.stdout.readline()), log_level=plan.log_level))
        cold = server.start()
        tell(f"cold start: first answer after {cold.healthz_seconds:.2f} s")
        warm = cold if plan.once else _warm(server)
        tell(f"warm start: first answer after {warm.healthz_seconds:.2f} s")
        idle = _memory(server)
        tell("measuring what the machine can do without us")
        yardstick = limits.measure(server, seconds=plan.limit_seconds)
        cases: list[Case] = []
        loads = list(_loads(plan, server))
        for load in loads:
            cases.append(_case(load, server, model.pid))
            tell(f"{len(cases)} of {len(loads)}: {report.line(cases[-1])}")
        return Figures(
            machine=here,
            cold=cold,
            warm=warm,
            idle=idle,
            loaded=_memory(server),
            limits=yardstick,
            cases=tuple(cases),
            log_level=plan.log_level,
        )


def _warm(server: Server) -> Start:
    server.settle()
    server.stop()
    warm = server.start()
    server.settle()
    return warm


def _loads(plan: Plan, server: Server) -> Generator[Load]:
    for delay in plan.delays_milliseconds:
        for mode in plan.modes:
            for clients in plan.clients:
                yield Load(
                    kind="conversations",
                    port=server.port,
                    clients=clients,
                    seconds=plan.seconds,
                    warm_up_seconds=plan.warm_up_seconds,
                    most=plan.most,
                    poll_seconds=SLOWER_POLL_SECONDS if delay else POLL_SECONDS,
                    wait_seconds=LONG_WAIT_SECONDS if mode == "wait" else 0,
                    delay_milliseconds=delay,
                    key=server.key,
                    data_set_id=server.data_set_id,
                )


def _case(load: Load, server: Server, model: int) -> Case:
    """One load; what the server and the model used meanwhile is shared out over the conversations."""
    used = run_load(load, lambda: (server.used(), cpu_seconds([model])))
    (before, model_before), (after, model_after) = used.before, used.after
    return Case(
        clients=load.clients,
        delay_milliseconds=load.delay_milliseconds,
        mode="wait" if load.wait_seconds else "poll",
        poll_milliseconds=load.poll_seconds * 1000,
        outcome=used.outcome,
        python_seconds=after.python - before.python,
        postgres_seconds=after.postgres - before.postgres,
        model_seconds=model_after - model_before,
    )


def _memory(server: Server) -> Memory:
    python, postgres = server.memory_mib()
    return Memory(python_mib=python, postgres_mib=postgres)


def _plan(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="1 and 16 clients, no delay, 3 seconds each")
    parser.add_argument("--clients", type=_numbers, help="numbers of clients (default 1,16,64)")
    parser.add_argument("--delay", type=_numbers, help="milliseconds before the model's first byte (default 0,200)")
    parser.add_argument(
        "--modes", type=_modes, default=MODES, help="poll, wait (`Prefer: wait=30`), or both: poll,wait"
    )
    parser.add_argument("--seconds", type=float, help="of each measurement (default 10)")
    parser.add_argument("--conversations", type=int, help="end a measurement after so many, if that is sooner")
    parser.add_argument(
        "--once", action="store_true", help="start the server once, and do not wait until it is at rest"
    )
    parser.add_argument("--log-level", default="info", help="the server's (default info, as it is delivered)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    given = parser.parse_args(arguments)
    seconds = given.seconds or (3.0 if given.quick else 10.0)
    return Plan(
        clients=given.clients or ((1, 16) if given.quick else (1, 16, 64)),
        delays_milliseconds=given.delay or ((0,) if given.quick else (0, 200)),
        modes=given.modes,
        seconds=seconds,
        # A conversation that was begun before the measurement must be over long before it ends.
        warm_up_seconds=0.0 if given.conversations else min(2.0, seconds / 3),
        limit_seconds=0.3 if given.conversations else 1.0 if given.quick else 3.0,
        most=given.conversations,
        once=given.once,
        log_level=given.log_level,
        json_file=given.json,
    )


def _numbers(text: str) -> tuple[int, ...]:
    numbers = tuple(int(part) for part in text.split(","))
    if not all(0 <= number <= LARGEST for number in numbers):
        raise argparse.ArgumentTypeError(f"{text} is not from 0 to {LARGEST}")
    return numbers


def _modes(text: str) -> tuple[Mode, ...]:
    return tuple(_mode(part) for part in text.split(","))


def _mode(text: str) -> Mode:
    for mode in MODES:
        if mode == text:
            return mode
    raise argparse.ArgumentTypeError(f"{text} is none of {', '.join(MODES)}")


def _ended(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
