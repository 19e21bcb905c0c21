"""The model of costs finds what it is made of again, and refuses what cannot tell."""

import pytest

from bench.cost_model import PARTS, fit
from bench.nodes import Case


def case(*, rate: float, turn: float, second: float) -> Case:
    cost = turn + second / rate
    return Case(
        doors=2,
        workers=2,
        clients=16,
        delay_milliseconds=0,
        turns=round(rate * 10),
        errors=0,
        first_errors=(),
        seconds=round(rate * 10) / rate,
        accept_p50=1.0,
        whole_p50=1.0,
        whole_p95=1.0,
        doors_milliseconds=cost,
        workers_milliseconds=cost,
        postgres_milliseconds=cost,
        wal_bytes=cost,
        database_bytes=cost,
        connections=10,
        doors_mib=1.0,
        workers_mib=1.0,
        postgres_mib=1.0,
    )


@pytest.mark.parametrize("name", PARTS)
def test_a_turns_and_a_seconds_share_are_told_apart_and_predict_a_third_load(name: str) -> None:
    line = fit([case(rate=5, turn=6, second=20), case(rate=50, turn=6, second=20)], PARTS[name])

    assert (line.turn, line.second) == (pytest.approx(6), pytest.approx(20))
    assert line.at(100) == pytest.approx(PARTS[name](case(rate=100, turn=6, second=20)))


def test_nothing_costs_less_than_nothing() -> None:
    line = fit([case(rate=5, turn=6, second=0), case(rate=50, turn=9, second=0)], PARTS["WAL, bytes"])

    assert (line.turn, line.second) == (pytest.approx(7.5), 0)


def test_loads_of_one_rate_cannot_tell() -> None:
    with pytest.raises(ValueError, match="differ in turns a second"):
        fit([case(rate=20, turn=6, second=1), case(rate=21, turn=6, second=1)], PARTS["WAL, bytes"])
