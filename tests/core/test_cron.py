"""Cron lines where clocks are put forward and back."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from turnkeeper.core.cron import Cron
from turnkeeper.core.errors import InvalidError


def ticks(line: str, zone: str, after: str, count: int) -> list[str]:
    """The local times of ticks, with their offsets."""
    start = datetime.fromisoformat(after).astimezone(UTC)
    found = islice(Cron(line, zone).ticks(start), count)
    return [tick.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") for tick in found]


@pytest.mark.parametrize(
    ("zone", "line", "after", "expected"),
    [
        # Put forward: what is skipped fires at the end of the gap.
        (
            "Europe/Berlin",
            "30 2 * * *",
            "2026-03-28T00:00+01:00",
            ["2026-03-28T02:30+01:00", "2026-03-29T03:00+02:00", "2026-03-30T02:30+02:00"],
        ),
        (
            "America/New_York",
            "30 2 * * *",
            "2026-03-07T00:00-05:00",
            ["2026-03-07T02:30-05:00", "2026-03-08T03:00-04:00", "2026-03-09T02:30-04:00"],
        ),
        (
            "Australia/Lord_Howe",
            "15 2 * * *",
            "2026-10-03T00:00+10:30",
            ["2026-10-03T02:15+10:30", "2026-10-04T02:30+11:00", "2026-10-05T02:15+11:00"],
        ),
        # Several skipped times fire once together, and once with what is due then anyway.
        (
            "Europe/Berlin",
            "*/20 2,3 * * *",
            "2026-03-29T01:59+01:00",
            ["2026-03-29T03:00+02:00", "2026-03-29T03:20+02:00", "2026-03-29T03:40+02:00", "2026-03-30T02:00+02:00"],
        ),
        # Put back: what comes twice fires the first time.
        (
            "Europe/Berlin",
            "30 2 * * *",
            "2026-10-24T12:00+02:00",
            ["2026-10-25T02:30+02:00", "2026-10-26T02:30+01:00"],
        ),
        (
            "America/New_York",
            "30 1 * * *",
            "2026-10-31T12:00-04:00",
            ["2026-11-01T01:30-04:00", "2026-11-02T01:30-05:00"],
        ),
        (
            "Australia/Lord_Howe",
            "45 1 * * *",
            "2026-04-04T12:00+11:00",
            ["2026-04-05T01:45+11:00", "2026-04-06T01:45+10:30"],
        ),
        # From inside the hour that comes again: it fired already.
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:10+01:00", ["2026-10-26T02:30+01:00"]),
        ("Europe/Berlin", "30 2 * * *", "2026-10-25T02:30+02:00", ["2026-10-26T02:30+01:00"]),
        # Every hour goes by the hours that pass.
        (
            "Europe/Berlin",
            "0 * * * *",
            "2026-10-25T01:30+02:00",
            ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"],
        ),
        (
            "Europe/Berlin",
            "*/30 * * * *",
            "2026-03-29T01:20+01:00",
            ["2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00", "2026-03-29T03:30+02:00"],
        ),
        (
            "Australia/Lord_Howe",
            "*/20 * * * *",
            "2026-04-05T01:30+11:00",
            [
                "2026-04-05T01:40+11:00",
                "2026-04-05T01:40+10:30",
                "2026-04-05T02:00+10:30",
            ],
        ),
        # The days of zones that are ahead.
        ("Pacific/Apia", "0 12 * * *", "2011-12-29T11:00-10:00", ["2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00"]),
        ("UTC", "0 9 1 1 mon", "2026-01-01T09:00+00:00", ["2026-01-05T09:00+00:00", "2026-01-12T09:00+00:00"]),
    ],
)
def test_each_named_time_fires_once(zone: str, line: str, after: str, expected: list[str]) -> None:
    assert ticks(line, zone, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * sun"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 jan *"),
        ("@Annually", "0 0 1 1 *"),
        ("  30   8 * * mon-fri ", "30 8 * * 1-5"),
    ],
)
def test_names_stand_for_lines(name: str, line: str) -> None:
    start = "2026-01-10T12:00+00:00"
    assert ticks(name, "UTC", start, 3) == ticks(line, "UTC", start, 3)


@pytest.mark.parametrize(
    "line",
    [
        *(
            "",
            "*",
            "* * * *",
            "* * * * * *",
            "0 0 0 1 1 * 2026",
            "60 * * * *",
            "* 24 * * *",
            "* * 32 * *",
            "* * * 13 *",
        ),
        *("H * * * *", "R * * * *", "*/0 * * * *", "a b c d e", "@reboot", "@every 5m", "0 0 30 2 *", "0 0 31 4 *"),
        *("0 0 * * 8", "0\x000 * * *", "0 0 W * *", ", * * * *", "- - - - -", "/ * * * *", "# # # # #", "1#1 * * * *"),
        *("0 0 ll * *", "0-0-0 * * * *", "*-* * * * *", "0 0 * * 5#9", "9" * 300),
    ],
)
def test_what_is_no_line_is_refused_with_a_sentence(line: str) -> None:
    with pytest.raises(InvalidError) as refused:
        ticks(line, "UTC", "2026-01-01T00:00+00:00", 1)
    assert refused.value.field == "cron"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../etc/passwd", "Europe", "/etc/localtime", "UTC+1", "a\x00b"])
def test_what_is_no_zone_is_refused(zone: str) -> None:
    with pytest.raises(InvalidError) as refused:
        Cron("@daily", zone)
    assert refused.value.field == "timezone"


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    line=st.sampled_from(["*/17 * * * *", "5 */2 * * *", "30 1-3 * * *", "0 0 * * *", "45 1 * * sun"]),
    start=st.integers(0, 366 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    skip=st.integers(0, 5),
)
def test_ticks_rise_and_do_not_depend_on_where_one_begins(zone: str, line: str, start: datetime, skip: int) -> None:
    cron = Cron(line, zone)
    found = list(islice(cron.ticks(start), 12))

    assert start < found[0]
    assert all(earlier < later for earlier, later in pairwise(found))
    assert list(islice(cron.ticks(found[skip]), 6)) == found[skip + 1 : skip + 7]
    assert cron.after(found[0] - timedelta(microseconds=1)) == found[0]
