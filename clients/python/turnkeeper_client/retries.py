"""When a request is sent again."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

AGAIN = frozenset({429, 502, 503, 504})
"""Nothing was done, or the Idempotency-Key sees to it that nothing is done twice."""
NEVER = (httpx.UnsupportedProtocol, httpx.LocalProtocolError)
"""Errors of ours, which come again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Retries:
    """How often, and after how long, what failed is tried again. Times in seconds.

    The pause doubles from `first_seconds` to `longest_seconds`, and a random part of it is left out, so that many
    clients do not come back at once. When the server names a time, it counts; one beyond `patience_seconds` is not
    waited for, and the error is raised at once.
    """

    most: int = 8
    first_seconds: float = 0.25
    longest_seconds: float = 10.0
    patience_seconds: float = 60.0

    def pause(self, attempt: int, retry_after: float | None = None) -> float | None:
        """Seconds to wait after so many attempts failed (1, 2, 3 …); nothing when it is given up."""
        if attempt > self.most:
            return None
        if retry_after is not None:
            return retry_after if retry_after <= self.patience_seconds else None
        longest = min(self.first_seconds * 2 ** (attempt - 1), self.longest_seconds)
        return longest * random.uniform(0.5, 1)  # noqa: S311 - nothing secret


def retry_after_of(headers: Mapping[str, str]) -> float | None:
    """Seconds, from either form of `Retry-After`; nothing when there is none that can be read."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
