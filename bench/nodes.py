"""Measure several nodes over one database: `python -m bench.nodes`, explained in docs/benchmarks.md.

    python -m bench.nodes                                   doors x workers 1x1 1x2 1x4 2x2 3x4, about 4 minutes
    python -m bench.nodes --nodes 1x2,3x2 --clients 16 --delay 200 --seconds 20 --json figures.json
    python -m bench.nodes --database-url postgresql://turnkeeper:secret@db/empty --prepared-statements false \\
        --direct-database-url postgresql://turnkeeper:secret@db:5432/empty --postmaster 4711

Without an address a PostgreSQL of the wheel is started on a disk and removed at the end. The clients are
spread over the doors.
"""

import argparse
import sys
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench import machine
from bench.drive import Measured, run_load
from bench.load import Load
from bench.machine import Machine
from bench.node_processes import Nodes, Place, make_key, own_database, running_nodes, settle
from bench.processes import program
from bench.server import BenchError


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """Meters at one moment: processor seconds, and what PostgreSQL wrote and holds, in bytes."""

    doors: float
    workers: float
    postgres: float
    wal_bytes: int
    database_bytes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One load on so many nodes. Costs are of one turn, in its own conversation."""

    doors: int
    workers: int
    clients: int
    delay_milliseconds: int
    turns: int
    errors: int
    first_errors: tuple[str, ...]
    seconds: float
    accept_p50: float
    whole_p50: float
    whole_p95: float
    """Milliseconds, at the slowest door."""
    doors_milliseconds: float
    workers_milliseconds: float
    postgres_milliseconds: float
    wal_bytes: float
    database_bytes: float
    connections: int
    """Of all nodes together, at the end of the load."""
    doors_mib: float
    workers_mib: float
    postgres_mib: float

    @property
    def rate(self) -> float:
        """Turns a second."""
        return self.turns / self.seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class NodeFigures:
    """A whole run."""

    machine: Machine
    server: str
    """The version of PostgreSQL."""
    cases: tuple[Case, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What to measure."""

    nodes: tuple[tuple[int, int], ...]
    """Doors and workers."""
    clients: int
    delay: int
    seconds: float
    warm_up: float
    json: Path | None
    database_url: str | None
    direct: str | None
    prepared: str
    postmaster: int | None


def main() -> None:
    """The program; ends with 1 when something could not be measured or any conversation went wrong."""
    plan = _plan(sys.argv[1:])
    try:
        figures = measure(plan)
    except BenchError as error:
        sys.exit(str(error))
    print(table(figures))
    if plan.json is not None:
        plan.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
    if any(case.errors for case in figures.cases):
        sys.exit("Some conversations went wrong: these figures are worth nothing.")


def measure(plan: Plan) -> NodeFigures:
    """Each combination of nodes under the same load.

    Raises:
        BenchError: one sentence says what could not be measured.
    """
    here = machine.describe()
    with program([sys.executable, "-m", "bench.stub_model"]) as model, _place(plan) as place:
        assert model.stdout is not None
        port = int(model.stdout.readline())
        cases: list[Case] = []
        key = ""
        for doors, workers in plan.nodes:
            with running_nodes(place, doors=doors, workers=workers, model_port=port) as nodes:
                key = key or make_key(place)
                settle(place, workers=workers)
                cases.append(_case(nodes, plan, key))
                print(_line(cases[-1]), file=sys.stderr, flush=True)
        with place.looked_at() as connection:
            server = connection.info.parameter_status("server_version") or ""
    return NodeFigures(machine=here, server=server, cases=tuple(cases))


def _case(nodes: Nodes, plan: Plan, key: str) -> Case:
    loads = list(_loads(nodes, plan, key))

    def measure_one(load: Load) -> Measured[Reading]:
        return run_load(load, lambda: _reading(nodes))

    with ThreadPoolExecutor(len(loads)) as threads:
        measured = list(threads.map(measure_one, loads))
    with nodes.place.looked_at() as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'turnkeeper%'"
        ).fetchone()
    doors_mib, workers_mib, postgres_mib = nodes.memory_mib()
    outcomes = [each.outcome for each in measured]
    turns = sum(outcome.count for outcome in outcomes)
    before, after = _ends(measured)
    each = 1 / max(turns, 1)
    return Case(
        doors=len(nodes.doors),
        workers=len(nodes.workers),
        clients=plan.clients,
        delay_milliseconds=plan.delay,
        turns=turns,
        errors=sum(outcome.errors for outcome in outcomes),
        first_errors=tuple(words for outcome in outcomes for words in outcome.first_errors)[:3],
        seconds=max(outcome.seconds for outcome in outcomes),
        accept_p50=max(outcome.accept.p50 for outcome in outcomes),
        whole_p50=max(outcome.whole.p50 for outcome in outcomes),
        whole_p95=max(outcome.whole.p95 for outcome in outcomes),
        doors_milliseconds=(after.doors - before.doors) * 1000 * each,
        workers_milliseconds=(after.workers - before.workers) * 1000 * each,
        postgres_milliseconds=(after.postgres - before.postgres) * 1000 * each,
        wal_bytes=(after.wal_bytes - before.wal_bytes) * each,
        database_bytes=(after.database_bytes - before.database_bytes) * each,
        connections=int(str(row[0])) if row else 0,
        doors_mib=doors_mib,
        workers_mib=workers_mib,
        postgres_mib=postgres_mib,
    )


def _ends(measured: Sequence[Measured[Reading]]) -> tuple[Reading, Reading]:
    """The meters when the first door's load began, and when the last one's ended; all run for the same time."""
    return min((each.before for each in measured), key=lambda at: at.doors), max(
        (each.after for each in measured), key=lambda at: at.doors
    )


def _reading(nodes: Nodes) -> Reading:
    doors, workers, postgres = nodes.cpu()
    with nodes.place.looked_at() as connection:
        row = connection.execute(
            "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint, pg_database_size(current_database())"
        ).fetchone()
    assert row is not None
    return Reading(
        doors=doors,
        workers=workers,
        postgres=postgres,
        wal_bytes=int(str(row[0])),
        database_bytes=int(str(row[1])),
    )


def _loads(nodes: Nodes, plan: Plan, key: str) -> Generator[Load]:
    with nodes.place.looked_at() as connection:
        row = connection.execute("SELECT min(id) FROM data_sets").fetchone()
    assert row is not None
    doors = len(nodes.ports)
    for number, port in enumerate(nodes.ports):
        yield Load(
            kind="conversations",
            port=port,
            clients=max(1, plan.clients // doors + (number < plan.clients % doors)),
            seconds=plan.seconds,
            warm_up_seconds=plan.warm_up,
            most=None,
            poll_seconds=0.0,
            wait_seconds=30,
            delay_milliseconds=plan.delay,
            key=key,
            data_set_id=int(str(row[0])),
        )


def table(figures: NodeFigures) -> str:
    """The run as a table that people read."""
    here = figures.machine
    said = (
        f"{here.processor}, {here.processors} processors, {here.memory_mib} MiB, {here.kernel}, Python {here.python}, "
        f"PostgreSQL {figures.server}; load average before: {here.load_average:.1f}"
    )
    head = (
        "| doors | workers | clients | delay | turns/s | accept p50 | whole p50/95 | CPU doors | workers | PostgreSQL "
        "| WAL | disk | connections | doors MiB | workers MiB | errors |"
    )
    return "\n".join([said, "", head, "|---" * (head.count("|") - 1) + "|", *map(_line, figures.cases)])


def _line(case: Case) -> str:
    trouble = f" {'; '.join(case.first_errors)}" if case.errors else ""
    return (
        f"| {case.doors} | {case.workers} | {case.clients} | {case.delay_milliseconds} ms | {case.rate:.1f} "
        f"| {case.accept_p50:.1f} | {case.whole_p50:.1f} / {case.whole_p95:.1f} | {case.doors_milliseconds:.2f} ms "
        f"| {case.workers_milliseconds:.2f} ms | {case.postgres_milliseconds:.2f} ms | {case.wal_bytes / 1000:.1f} kB "
        f"| {case.database_bytes / 1000:.1f} kB | {case.connections} | {case.doors_mib:.0f} | {case.workers_mib:.0f} "
        f"| {case.errors}{trouble} |"
    )


@contextmanager
def _place(plan: Plan) -> Generator[Place]:
    if plan.database_url is None:
        with own_database() as place:
            yield place
        return
    environment = {"TURNKEEPER_DATABASE_URL": plan.database_url, "TURNKEEPER_PREPARED_STATEMENTS": plan.prepared}
    if plan.direct is not None:
        environment["TURNKEEPER_DIRECT_DATABASE_URL"] = plan.direct
    yield Place(environment=environment, url=plan.direct or plan.database_url, postmaster=plan.postmaster)


def _plan(arguments: Sequence[str]) -> Plan:
    parser = argparse.ArgumentParser(
        prog="python -m bench.nodes", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--nodes", type=_combinations, default=_combinations("1x1,1x2,1x4,2x2,3x4"), help="DOORSxWORKERS,…"
    )
    parser.add_argument("--clients", type=int, default=16, help="all together, spread over the doors (default 16)")
    parser.add_argument("--delay", type=int, default=0, help="milliseconds before the model's first byte (default 0)")
    parser.add_argument("--seconds", type=float, default=10.0, help="of each measurement (default 10)")
    parser.add_argument("--warm-up", type=float, default=5.0, help="seconds before it that do not count (default 5)")
    parser.add_argument("--json", type=Path, help="write the figures to this file too; bench.cost_model reads it")
    parser.add_argument("--database-url", help="an empty database to use; it is left as it is at the end")
    parser.add_argument("--direct-database-url", dest="direct", help="the same past a pooler")
    parser.add_argument("--prepared-statements", dest="prepared", default="true", help="false for an old pooler")
    parser.add_argument("--postmaster", type=int, help="process of that PostgreSQL, when it runs on this machine")
    return Plan(**vars(parser.parse_args(arguments)))


def _combinations(text: str) -> tuple[tuple[int, int], ...]:
    try:
        pairs = [each.split("x") for each in text.split(",")]
        found = tuple((int(doors), int(workers)) for doors, workers in pairs)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not like 1x2,3x4.") from error
    if not found or min(min(each) for each in found) < 1 or max(max(each) for each in found) > 64:
        raise argparse.ArgumentTypeError("There are 1 to 64 of each.")
    return found


if __name__ == "__main__":
    main()
