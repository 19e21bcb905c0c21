"""What goes over a stream: an event a frame, and the last word."""

import random

import msgspec

from turnkeeper.actions.events import Stream
from turnkeeper.core.log_news import Beat, End, EndReason
from turnkeeper.dialects.native.shapes.events import EndShape
from turnkeeper.dialects.native.translate.events import event_frame
from turnkeeper.http_kit.sse import BEAT, frame

_SOONEST_RETRY_MILLISECONDS = 100
_LATEST_RETRY_MILLISECONDS = 2_000


def end_json(reason: EndReason, last_event: int) -> bytes:
    """The last word of a stream."""
    return msgspec.json.encode(EndShape(reason="closing" if reason == "left" else reason, last_event=last_event))


class Frames:
    """The frames of one reader, as `http_kit.sse` sends them."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._is_over = False

    async def next(self) -> bytes | None:
        """All that is new, a sign of life, or None at the end."""
        if self._is_over:
            return None
        news = await self._stream.news()
        match news:
            case Beat():
                return BEAT
            case End(reason=reason):
                self._is_over = True
                return None if reason == "left" else _last_frame(reason, self._stream.position)
            case _:
                return b"".join(line.spelled(event_frame) for line in news)

    def leave(self) -> None:
        """The client is gone."""
        self._stream.leave()


def _last_frame(reason: EndReason, last_event: int) -> bytes:
    """A server that stops has its clients come back at once, but not all in the same moment."""
    retry = (
        random.randint(_SOONEST_RETRY_MILLISECONDS, _LATEST_RETRY_MILLISECONDS)  # noqa: S311 - not a secret
        if reason == "closing"
        else None
    )
    return frame(number=last_event, event="end", data=end_json(reason, last_event), retry_milliseconds=retry)
