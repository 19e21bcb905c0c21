"""What providers say of trouble."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from turnkeeper.core.providers import fit_to_tell, retry_after_of


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        ("7", 7.0),
        (" 0.05 ", 0.05),
        ("-3", 0.0),
        ("86400", 3_600.0),
        ("1e300", 3_600.0),
        ("inf", 3_600.0),
        ("nan", None),
        ("", None),
        ("soon", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        (format_datetime(datetime.now(UTC) + timedelta(days=2), usegmt=True), 3_600.0),
    ],
)
def test_a_wait_is_a_number_of_seconds_up_to_an_hour_or_nothing(field: str, seconds: float | None) -> None:
    assert retry_after_of({"Retry-After": field}) == seconds


def test_words_are_told_in_one_line_without_keys() -> None:
    words = "Wrong key sk-abcdef123456,\n  Bearer very.secret, and AIzaSyD-123."
    assert fit_to_tell(words) == "Wrong key …, … and …"
    assert fit_to_tell("word " * 100) == ("word " * 40)[:199] + "…"
