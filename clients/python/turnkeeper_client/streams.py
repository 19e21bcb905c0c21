"""Streams that resume by themselves: of a log, and of one turn.

Generated from `async_streams.py` by `make clients`: do not edit.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from types import TracebackType
from typing import Self

import httpx

from turnkeeper_client.progress import Progress
from turnkeeper_client.requests import answer_error
from turnkeeper_client.shapes import Event, Message
from turnkeeper_client.sse import FrameReader
from turnkeeper_client.turns import Said, Turn


class EventStream:
    """The events of a log, each once and in order, over as many connections as it takes.

    Use it as a context manager, which closes the connection. `last_event` is where to go on later.
    """

    def __init__(
        self,
        http: httpx.Client,
        path: str,
        *,
        query: Mapping[str, str],
        progress: Progress,
        pause: Callable[[float], None],
    ) -> None:
        self._http = http
        self._path = path
        self._query = query
        self._progress = progress
        self._pause = pause
        self._seconds = 0.0
        self._events = self._read()

    @property
    def last_event(self) -> int:
        """The number of the newest event that was handed on."""
        return self._progress.last_event

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; what happens on the server goes on."""
        self._events.close()

    def _read(self) -> Generator[Event]:
        while not self._progress.is_over:
            try:
                with closing(self._connection()) as events:
                    yield from events
            except httpx.TransportError as error:
                self._seconds = self._progress.cut(error)
            if not self._progress.is_over:
                self._pause(self._seconds)

    def _connection(self) -> Generator[Event]:
        """All that one connection tells; it leaves in `_seconds` how long to wait before the next."""
        progress = self._progress
        with self._http.stream(
            "GET", self._path, params=self._query, headers=progress.headers(), timeout=progress.timeout()
        ) as response:
            if response.status_code != 200:
                response.read()
                self._seconds = progress.refused(response, answer_error(response))
                return
            frames = FrameReader()
            for piece in response.iter_bytes():
                for frame in frames.feed(piece):
                    event = progress.take(frame)
                    if event is not None:
                        yield event
                    if progress.is_over:
                        return
        self._seconds = progress.cut(None)


class TurnStream:
    """One turn as it happens: a context manager that sends the message, and an iterator over its events.

    Leaving it early closes the stream and not the turn: the server goes on and keeps the answer.
    """

    def __init__(
        self,
        *,
        send: Callable[[], Message],
        follow: Callable[[str], EventStream],
        result: Callable[[str], Turn],
    ) -> None:
        self._send = send
        self._follow = follow
        self._result = result
        self._said = Said()
        self._message: Message | None = None
        self._stream: EventStream | None = None

    def __enter__(self) -> Self:
        self._message = self._send()
        self._stream = self._follow(self._message["id"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()

    def __iter__(self) -> Iterator[Event]:
        if self._stream is None:
            raise RuntimeError("The message is sent when the stream is entered: `with client.converse(…) as turn:`.")
        for event in self._stream:
            self._said.hear(event)
            yield event

    @property
    def message(self) -> Message:
        """The message as it was accepted."""
        if self._message is None:
            raise RuntimeError("The message is sent when the stream is entered: `with client.converse(…) as turn:`.")
        return self._message

    @property
    def message_id(self) -> str:
        return self.message["id"]

    @property
    def conversation_id(self) -> str:
        return self.message["conversation_id"]

    @property
    def last_event(self) -> int:
        """The number of the newest event that was handed on; `follow_message(…, after=…)` goes on there."""
        return self._stream.last_event if self._stream else 0

    @property
    def text(self) -> str:
        """The answer so far, without what attempts that were cut had said."""
        return self._said.text

    def result(self) -> Turn:
        """How the turn stands now: asked of the server.

        Raises:
            TurnFailedError: it ended without an answer.
        """
        return self._result(self.message_id)
