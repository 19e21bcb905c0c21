"""How far a stream was read, and what to do when it breaks: the same for both clients, and without any I/O."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Mapping
from typing import cast

import httpx

from turnkeeper_client.errors import ConnectionLostError, DeadlineError, StreamEndedError, mapping
from turnkeeper_client.retries import AGAIN, NEVER, Retries, retry_after_of
from turnkeeper_client.shapes import Event
from turnkeeper_client.sse import Frame

SILENCE_SECONDS = 45.0
"""Servers send a comment every 15 seconds: who says nothing for so long is gone."""


class Deadline:
    """A moment after which nothing more is waited for. Seconds from now; None is never."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._ends_at = math.inf if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that are left, perhaps endless.

        Raises:
            DeadlineError: none are.
        """
        left = self._ends_at - time.monotonic()
        if left <= 0:
            raise DeadlineError(f"It was not finished within {self._seconds:g} seconds; the turn goes on.")
        return left


class Progress:
    """One stream over all its connections: nothing is handed on twice, and nothing is left out."""

    def __init__(self, *, after: int, retries: Retries, deadline: Deadline, headers: Mapping[str, str]) -> None:
        self.last_event = after
        self.is_over = False
        self._retries = retries
        self._deadline = deadline
        self._headers = headers
        self._failures = 0
        self._wanted_pause: float | None = None
        self._asked_pause = 0.0

    def headers(self) -> Mapping[str, str]:
        """From where the next connection goes on."""
        return {**self._headers, "Accept": "text/event-stream", "Last-Event-ID": str(self.last_event)}

    def timeout(self) -> httpx.Timeout:
        """How long to wait for the next bytes."""
        left = self._deadline.left()
        return httpx.Timeout(min(10.0, left), read=min(SILENCE_SECONDS, left))

    def take(self, frame: Frame) -> Event | None:
        """The event of a frame; nothing when it has none, or one that was handed on before.

        Raises:
            DeadlineError, StreamEndedError
        """
        self._deadline.left()
        if frame.retry_seconds is not None:
            self._asked_pause = frame.retry_seconds
        if not frame.data:
            return None
        event = mapping(json.loads(frame.data))
        if frame.event == "end":
            self._end(event.get("reason"))
            return None
        number = event.get("number")
        if not isinstance(number, int) or number <= self.last_event:
            return None
        self.last_event, self._failures = number, 0
        return cast("Event", event)

    def refused(self, response: httpx.Response, error: Exception) -> float:
        """Seconds to wait after an answer that is no stream.

        Raises:
            AnswerError: to ask again would not help.
        """
        if response.status_code not in AGAIN:
            raise error
        return self._pause(retry_after_of(response.headers), error)

    def cut(self, error: httpx.HTTPError | None) -> float:
        """Seconds to wait after a connection that broke, or ended without a word.

        Raises:
            ConnectionLostError: it broke too often without anything new in between.
        """
        if isinstance(error, NEVER):
            raise error
        wanted, self._wanted_pause = self._wanted_pause, None
        lost = ConnectionLostError(f"The stream broke after event {self.last_event}: {error or 'it just ended'}.")
        return self._pause(wanted, lost, error)

    def _end(self, reason: object) -> None:
        if reason == "closing":
            self._wanted_pause = self._asked_pause
        elif reason in {"access_ended", "deleted"}:
            raise StreamEndedError(str(reason))
        else:
            self.is_over = True

    def _pause(self, wanted: float | None, error: Exception, cause: Exception | None = None) -> float:
        left = self._deadline.left()
        self._failures += 1
        seconds = self._retries.pause(self._failures, wanted)
        if seconds is None:
            raise error from cause
        return min(seconds, left)
