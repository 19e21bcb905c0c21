"""A clock that stands still until a test moves it."""

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
