"""Figures as tables that people read: each one beside what it is a ratio of."""

from collections.abc import Sequence

from bench.figures import Case, Figures
from bench.load import Milliseconds

ENTHUSIAST_RATES = {0: 12.9, 200: 7.4}
"""Whole conversations a second of Enthusiast with 16 clients on a machine like ours, by the model's delay."""
ENTHUSIAST_CPU_MILLISECONDS = 135.0
ENTHUSIAST_WHOLE_MILLISECONDS = 675.0
ENTHUSIAST_MEMORY_MIB = 640.0
ENTHUSIAST_START_SECONDS = 4.0
GOAL_RATE = 8.0
"""So many times its rate; and its processor time by at least 10."""
GOAL_CPU = 10.0
GOAL_MEMORY_MIB = 300.0


def line(case: Case) -> str:
    """One measurement in a sentence."""
    outcome = case.outcome
    trouble = f", {outcome.errors} ERRORS: {'; '.join(outcome.first_errors)}" if outcome.errors else ""
    return (
        f"{case.clients} clients, {case.delay_milliseconds} ms, {case.mode}: {case.rate:.1f} conversations/s, "
        f"whole p50 {outcome.whole.p50:.0f} ms, CPU {case.python_milliseconds:.1f} + {case.postgres_milliseconds:.1f} ms"
        f"{trouble}"
    )


def tables(figures: Figures) -> str:
    """All of it."""
    return "\n\n".join((_machine(figures), _starts(figures), _limits(figures), _cases(figures), _ratios(figures)))


def _machine(figures: Figures) -> str:
    machine = figures.machine
    return (
        f"\n{machine.processor}, {machine.processors} processors, {machine.memory_mib} MiB, {machine.kernel}, "
        f"Python {machine.python}, PostgreSQL {machine.postgres}; load average before: {machine.load_average:.1f}; "
        f"log level {figures.log_level}"
    )


def _starts(figures: Figures) -> str:
    rows = [
        (name, f"{start.healthz_seconds:.2f} s", f"{start.request_seconds:.2f} s")
        for name, start in (("fresh folder", figures.cold), ("second start", figures.warm))
    ]
    memory = [
        (name, f"{each.python_mib:.0f}", f"{each.postgres_mib:.0f}", f"{each.total_mib:.0f}")
        for name, each in (("idle", figures.idle), ("after the load", figures.loaded))
    ]
    return "\n\n".join(
        (
            _table(("start to the first", "/healthz", "API answer"), rows),
            _table(("memory (PSS, MiB)", "Python", "PostgreSQL", "together"), memory),
        )
    )


def _limits(figures: Figures) -> str:
    limits = figures.limits
    rows = [
        ("flushes of 8 KiB", f"{limits.flushes:.0f}/s"),
        ("bare commits, 1 client", f"{limits.commits_of_one:.0f}/s"),
        ("bare commits, 16 clients", f"{limits.commits_of_sixteen:.0f}/s"),
        (
            "bare HTTP requests, 16 clients",
            f"{limits.requests:.0f}/s, {limits.request_cpu_milliseconds:.3f} ms CPU each",
        ),
    ]
    return _table(("what the machine can do without us", ""), rows)


def _cases(figures: Figures) -> str:
    head = ("clients", "delay", "learns by", "conv/s", "accept p50/95/99", "answer p50/95/99", "whole p50/95/99")
    head += ("looks", "CPU Python", "PostgreSQL", "model", "driver", "errors")
    rows = [
        (
            str(case.clients),
            f"{case.delay_milliseconds} ms",
            "wait=30" if case.mode == "wait" else f"poll {case.poll_milliseconds:.0f} ms",
            f"{case.rate:.1f}",
            *map(_percentiles, (case.outcome.accept, case.outcome.answer, case.outcome.whole)),
            f"{case.looks:.1f}",
            f"{case.python_milliseconds:.2f}",
            f"{case.postgres_milliseconds:.2f}",
            f"{case.each_milliseconds(case.model_seconds):.2f}",
            f"{case.each_milliseconds(case.outcome.cpu_seconds):.2f}",
            str(case.outcome.errors),
        )
        for case in figures.cases
    ]
    return "Latencies in milliseconds, CPU in milliseconds for one message.\n" + _table(head, rows)


def _ratios(figures: Figures) -> str:
    head = ("clients", "delay", "learns by", "rate / 16 commits", "CPU / bare request", "rate / Enthusiast")
    head += ("CPU: Enthusiast /", "whole p50: Enthusiast /")
    rows = [_ratio(case, figures) for case in figures.cases]
    memory, start = figures.loaded.total_mib, figures.cold.request_seconds
    goals = (
        f"Memory: {memory:.0f} MiB, Enthusiast {ENTHUSIAST_MEMORY_MIB:.0f} ({ENTHUSIAST_MEMORY_MIB / memory:.1f} times); "
        f"first answer after {start:.1f} s, Enthusiast {ENTHUSIAST_START_SECONDS:.0f} "
        f"({ENTHUSIAST_START_SECONDS / start:.1f} times).\n"
        f"Goals at 16 clients: {GOAL_RATE:.0f} times the rate, a {GOAL_CPU:.0f}th of the CPU, below "
        f"{GOAL_MEMORY_MIB:.0f} MiB."
    )
    return _table(head, rows) + "\n\n" + goals


def _ratio(case: Case, figures: Figures) -> Sequence[str]:
    """A case in proportion: Enthusiast's rates are known for 16 clients only."""
    cpu = case.python_milliseconds + case.postgres_milliseconds
    known = ENTHUSIAST_RATES.get(case.delay_milliseconds) if case.clients == 16 else None
    whole = ENTHUSIAST_WHOLE_MILLISECONDS / max(case.outcome.whole.p50, 0.001)
    return (
        str(case.clients),
        f"{case.delay_milliseconds} ms",
        "wait=30" if case.mode == "wait" else f"poll {case.poll_milliseconds:.0f} ms",
        f"{case.rate / figures.limits.commits_of_sixteen:.3f}",
        f"{case.python_milliseconds / figures.limits.request_cpu_milliseconds:.0f}",
        "" if known is None else f"{case.rate / known:.1f}",
        f"{ENTHUSIAST_CPU_MILLISECONDS / max(cpu, 0.001):.1f}",
        "" if known is None or case.delay_milliseconds else f"{whole:.1f}",
    )


def _percentiles(times: Milliseconds) -> str:
    return f"{times.p50:.1f} / {times.p95:.1f} / {times.p99:.1f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose columns stand in line, so that it reads well in a terminal too."""
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]

    def show(cells: Sequence[str]) -> str:
        return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"

    return "\n".join((show(head), f"|{'|'.join('-' * (width + 2) for width in widths)}|", *map(show, rows)))
