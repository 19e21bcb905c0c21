"""A worker that was not heard itself, because the database was away, does not say that others are dead."""

from tests.fakes.still_clock import StillSeconds
from turnkeeper.engine.heart import HEARTBEAT_SECONDS, STALLED_SECONDS, Heart


def beating(heart: Heart, clock: StillSeconds, seconds: float) -> None:
    """A heart that is heard regularly for a while."""
    until = clock.seconds + seconds
    while clock.seconds < until:
        clock.seconds += HEARTBEAT_SECONDS
        heart.heard()


def test_a_worker_whose_heart_was_heard_may_judge_at_once() -> None:
    clock = StillSeconds(100)
    heart = Heart(clock)
    assert not heart.may_judge()

    beating(heart, clock, HEARTBEAT_SECONDS)

    assert heart.may_judge()


def test_a_worker_that_cannot_be_heard_judges_nobody() -> None:
    clock = StillSeconds(100)
    heart = Heart(clock)
    beating(heart, clock, 10)

    clock.seconds += STALLED_SECONDS

    assert not heart.may_judge()


def test_after_a_silence_the_others_get_the_time_to_be_heard() -> None:
    clock = StillSeconds(100)
    heart = Heart(clock)
    beating(heart, clock, 10)
    clock.seconds += STALLED_SECONDS

    beating(heart, clock, STALLED_SECONDS - HEARTBEAT_SECONDS)
    assert not heart.may_judge()

    beating(heart, clock, 2 * HEARTBEAT_SECONDS)
    assert heart.may_judge()


def test_a_beat_that_comes_late_is_no_silence() -> None:
    clock = StillSeconds(100)
    heart = Heart(clock)
    beating(heart, clock, 10)

    clock.seconds += STALLED_SECONDS - HEARTBEAT_SECONDS
    heart.heard()

    assert heart.may_judge()
