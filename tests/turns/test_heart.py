"""A worker that was not heard itself, because the database was away, does not say that others are dead."""

from turnkeeper.engine.heart import HEARTBEAT_SECONDS, STALLED_SECONDS, Heart


class Clock:
    """Goes on when it is told to."""

    seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def beating(heart: Heart, clock: Clock, seconds: float) -> None:
    """A heart that is heard regularly for a while."""
    until = clock.seconds + seconds
    while clock.seconds < until:
        clock.seconds += HEARTBEAT_SECONDS
        heart.heard()


def test_a_worker_whose_heart_was_heard_may_judge_at_once() -> None:
    clock = Clock()
    heart = Heart(clock)
    assert not heart.may_judge()

    beating(heart, clock, HEARTBEAT_SECONDS)

    assert heart.may_judge()


def test_a_worker_that_cannot_be_heard_judges_nobody() -> None:
    clock = Clock()
    heart = Heart(clock)
    beating(heart, clock, 10)

    clock.seconds += STALLED_SECONDS

    assert not heart.may_judge()


def test_after_a_silence_the_others_get_the_time_to_be_heard() -> None:
    clock = Clock()
    heart = Heart(clock)
    beating(heart, clock, 10)
    clock.seconds += STALLED_SECONDS

    beating(heart, clock, STALLED_SECONDS - HEARTBEAT_SECONDS)
    assert not heart.may_judge()

    beating(heart, clock, 2 * HEARTBEAT_SECONDS)
    assert heart.may_judge()


def test_a_beat_that_comes_late_is_no_silence() -> None:
    clock = Clock()
    heart = Heart(clock)
    beating(heart, clock, 10)

    clock.seconds += STALLED_SECONDS - HEARTBEAT_SECONDS
    heart.heard()

    assert heart.may_judge()
