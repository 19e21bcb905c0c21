"""Clocks that stand still until a test moves them: one of the day, one of seconds."""

from datetime import UTC, datetime, timedelta


class StillClock:
    """Called, it tells the moment."""

    def __init__(self, now: datetime | None = None) -> None:
        self.now = now or datetime.now(UTC)

    def __call__(self) -> datetime:
        """The moment."""
        return self.now

    def pass_by(self, **units: float) -> None:
        """Let time pass: `hours=2`."""
        self.now += timedelta(**units)


class StillSeconds:
    """Called, it tells how many seconds have passed, as `time.monotonic` does."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        """The seconds."""
        return self.seconds
