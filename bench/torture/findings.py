"""What a scenario came to, and the five figures of a whole run."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

Count = int | float | str


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One scenario. `counts` is what is told of it, in this order; `broken` has a sentence for each broken promise."""

    scenario: str
    seconds: float
    counts: Mapping[str, Count] = field(default_factory=dict[str, Count])
    broken: tuple[str, ...] = ()
    left_out: str = ""
    """Why it could not be done here; then it shows nothing."""
    lost: int | None = None
    doubled: int | None = None
    gaps: int | None = None
    overhead_milliseconds: float | None = None
    bytes_a_turn: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Five:
    """The figures that count; None where nothing that ran tells."""

    lost_turns: int | None
    doubled_effects: int | None
    resume_gaps: int | None
    overhead_milliseconds: float | None
    bytes_a_turn: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A whole run."""

    seed: int
    scale: str
    machine: str
    five: Five
    findings: tuple[Finding, ...]

    @property
    def is_good(self) -> bool:
        """Whether every promise was kept."""
        return not any(finding.broken for finding in self.findings)


def five_of(findings: Sequence[Finding]) -> Five:
    """The five figures of these."""
    return Five(
        lost_turns=_sum([each.lost for each in findings]),
        doubled_effects=_sum([each.doubled for each in findings]),
        resume_gaps=_sum([each.gaps for each in findings]),
        overhead_milliseconds=_median([each.overhead_milliseconds for each in findings]),
        bytes_a_turn=_median([each.bytes_a_turn for each in findings]),
    )


def line(finding: Finding) -> str:
    """One scenario in a line."""
    verdict = "LEFT OUT" if finding.left_out else "BROKEN" if finding.broken else "kept"
    counts = finding.left_out or ", ".join(f"{_shown(count)} {what}" for what, count in finding.counts.items())
    said = f"{verdict:8} {finding.scenario:10} {finding.seconds:6.1f} s  {counts}"
    return "\n".join((said, *(f"         - {sentence}" for sentence in finding.broken)))


def table(five: Five) -> str:
    """The five figures for people, as a Markdown table."""
    rows = (
        ("lost turns", _whole(five.lost_turns)),
        ("doubled effects", _whole(five.doubled_effects)),
        ("resume gaps", _whole(five.resume_gaps)),
        ("overhead a turn", "–" if five.overhead_milliseconds is None else f"{five.overhead_milliseconds:.1f} ms"),
        ("bytes a turn", "–" if five.bytes_a_turn is None else f"{five.bytes_a_turn:,.0f}"),
    )
    return "\n".join(
        (
            "| figure          | value      |",
            "|-----------------|------------|",
            *(f"| {a:15} | {b:10} |" for a, b in rows),
        )
    )


def _shown(count: Count) -> str:
    return f"{count:.1f}" if isinstance(count, float) else f"{count:,}" if isinstance(count, int) else count


def _whole(number: int | None) -> str:
    return "–" if number is None else f"{number:,}"


def _sum(numbers: Sequence[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


def _median(numbers: Sequence[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return statistics.median(known) if known else None
