"""Cron lines in a time zone: which moments they name, also where clocks are put forward and back.

A local time that is skipped fires once, at the first moment after the gap. One that comes twice fires once, the first time;
but a line that names every hour (`*` in the field of hours, or `@hourly`) goes by the hours that pass, and so fires in both.
"""

import re
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from turnkeeper.core.errors import InvalidError

if TYPE_CHECKING:
    from croniter import croniter

LONGEST_LINE = 200
_FIELDS = 5
_MOST_YEARS = 10
_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|sun|mon|tue|wed|thu|fri|sat"
_FIELD = re.compile(rf"(?:[0-9*,/#?-]|\bl|{_NAMES})+", re.IGNORECASE)
_REACH = timedelta(hours=3)
"""Clocks are not put back by more."""


class Cron:
    """A cron line in a time zone."""

    def __init__(self, line: str, zone: str) -> None:
        """Read both.

        Raises:
            InvalidError: the field `cron` is no line of five fields, or names no moment; or `timezone` is no IANA name.
        """
        self._line = _checked(line)
        self._zone = _zone(zone)
        self._every_hour = self._line.split()[1] == "*"
        self.after(datetime.now(UTC))

    def after(self, moment: datetime) -> datetime:
        """The first tick after a moment, in UTC."""
        return next(self.ticks(moment))

    def ticks(self, after: datetime) -> Generator[datetime]:
        """The ticks after a moment, one by one, in UTC."""
        while True:
            after = self._next(after)
            yield after

    def _next(self, after: datetime) -> datetime:
        is_near_a_change = self._offset(after - _REACH) != self._offset(after + _REACH)
        local = after.astimezone(self._zone).replace(tzinfo=None)
        times = self._local_times(local - _REACH if is_near_a_change else local)
        again: list[datetime] = []
        for time in times:
            first, second = (time.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1))
            if first != second and not self._exists(time):
                first = second = self._end_of_gap(before=second, after=first)
            if self._every_hour and second > first and second > after:
                again.append(second)
            if first > after:
                return min([first, *again])
        raise AssertionError("croniter goes on until it raises")

    def _local_times(self, after: datetime) -> Generator[datetime]:
        iterator = _iterator(self._line, after)
        while True:
            yield _step(iterator, self._line)

    def _exists(self, time: datetime) -> bool:
        there = time.replace(tzinfo=self._zone)
        return there.astimezone(UTC).astimezone(self._zone).replace(tzinfo=None) == time

    def _end_of_gap(self, *, before: datetime, after: datetime) -> datetime:
        """The first moment with the offset of `after`; between these two clocks are put forward."""
        wanted = self._offset(after)
        while after - before > timedelta(seconds=1):
            middle = (before + (after - before) / 2).replace(microsecond=0)
            if self._offset(middle) == wanted:
                after = middle
            else:
                before = middle
        return after

    def _offset(self, moment: datetime) -> timedelta | None:
        return moment.astimezone(self._zone).utcoffset()


def _checked(line: str) -> str:
    text = " ".join(line.split())
    text = _ALIASES.get(text.lower(), text)
    fields = text.split(" ")
    if len(text) > LONGEST_LINE or len(fields) != _FIELDS or not all(_FIELD.fullmatch(field) for field in fields):
        raise _no_line(line)
    return text


def _iterator(line: str, after: datetime) -> "croniter":
    from croniter import CroniterError, croniter  # noqa: PLC0415 - slow import

    try:
        return croniter(line, after, max_years_between_matches=_MOST_YEARS)
    except (CroniterError, ValueError, IndexError, KeyError) as error:
        raise _no_line(line) from error


def _step(iterator: "croniter", line: str) -> datetime:
    from croniter import CroniterError  # noqa: PLC0415 - slow import

    try:
        return iterator.get_next(datetime)
    except CroniterError as error:
        why = f"{line!r} names no moment of the next {_MOST_YEARS} years; check its day and month."
        raise InvalidError("cron", why) from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:  # ZoneInfoNotFoundError is a KeyError
        raise InvalidError("timezone", f"{name[:100]!r} is no IANA time zone, such as Europe/Berlin or UTC.") from error


def _no_line(line: str) -> InvalidError:
    why = (
        f"{line[:100]!r} is no cron line; write five fields (minute, hour, day of the month, month, day of the week), "
        "such as '30 8 * * mon-fri', or @hourly, @daily, @weekly, @monthly, @yearly."
    )
    return InvalidError("cron", why)
