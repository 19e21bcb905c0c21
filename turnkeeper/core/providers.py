"""What providers of models say of trouble: how long to wait, and words that are fit to be told."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_LONGEST_WAIT_SECONDS = 3_600.0
_LONGEST_WORDS = 200
_SECRET = re.compile(r"\b(?:sk|key|pk|gsk|xai)[-_][\w\-.*]{6,}|\bBearer\s+\S+|\bAIza[\w\-]+|\b[\w\-]{32,}\b")


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, from 0 to an hour, by either form of `Retry-After`; None when it says nothing that can be read."""
    text = headers.get("Retry-After", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds()
        except (ValueError, OverflowError):
            return None
    return None if math.isnan(seconds) else min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS)


def fit_to_tell(words: str) -> str:
    """A provider's words in one line, without what looks like a key, and without their full stop."""
    line = " ".join(_SECRET.sub("…", words).split()).rstrip(".")
    return line if len(line) <= _LONGEST_WORDS else f"{line[: _LONGEST_WORDS - 1]}…"
