"""The flow of requests: a burst of a minute's worth, then one by one."""

from hypothesis import given
from hypothesis import strategies as st

from turnkeeper.core.rates import Allowance, let_in


def test_a_minute_s_requests_may_come_at_once_and_come_back_one_by_one() -> None:
    full_at = 0.0
    left: list[int] = []
    for _ in range(3):
        full_at, allowance = let_in(full_at, now=1_000.0, per_minute=3)
        left.append(allowance.remaining)
    assert left == [2, 1, 0]
    same, refused = let_in(full_at, now=1_000.5, per_minute=3)
    assert refused == Allowance(per_minute=3, is_let_in=False, remaining=0, seconds=20)
    assert same == full_at
    _, again = let_in(full_at, now=1_020.0, per_minute=3)
    assert (again.is_let_in, again.remaining, again.seconds) == (True, 0, 60)


def test_who_was_away_has_all_again_and_no_more() -> None:
    full_at, _ = let_in(0.0, now=100.0, per_minute=5)
    _, allowance = let_in(full_at, now=100_000.0, per_minute=5)
    assert (allowance.remaining, allowance.seconds) == (4, 12)


@given(
    per_minute=st.integers(1, 1_000_000),
    waits=st.lists(st.floats(0, 90, allow_nan=False), min_size=1, max_size=60),
)
def test_no_window_lets_in_more_than_its_burst_and_its_flow(per_minute: int, waits: list[float]) -> None:
    now, full_at = 50_000.0, 0.0
    for wait in waits:
        now += wait
        before = full_at
        full_at, allowance = let_in(full_at, now=now, per_minute=per_minute)
        assert 0 <= allowance.remaining < per_minute
        assert allowance.seconds >= 1
        assert full_at - now <= 60 + 1e-5
        if not allowance.is_let_in:
            assert full_at == before
            _, later = let_in(full_at, now=now + allowance.seconds, per_minute=per_minute)
            assert later.is_let_in
