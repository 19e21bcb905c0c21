"""The logs of conversations and messages, as pages and as streams, and the moment from which to go on."""

from collections.abc import Generator
from contextlib import contextmanager

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.events import LogOf
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.operations import events as operations
from turnkeeper.dialects.native.queries.events import LAST_EVENT_ID, messages_wanted, page_wanted, stream_wanted
from turnkeeper.dialects.native.shapes.events import EventsShape
from turnkeeper.dialects.native.streams import Frames
from turnkeeper.dialects.native.translate.events import event_shape, snapshot_shape
from turnkeeper.dialects.native.translate.ids import conversation_in, message_in
from turnkeeper.http_kit.headers import accepts
from turnkeeper.http_kit.sse import MEDIA_TYPE, EventStream


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be read of logs."""

    async def of_conversation(asked: Asked) -> ASGIApp:
        return await _told(
            actions, asked, LogOf(conversation=asked.named("conversation_id", "conversation", conversation_in))
        )

    async def of_message(asked: Asked) -> ASGIApp:
        return await _told(actions, asked, LogOf(message=asked.named("message_id", "message", message_in)))

    async def snapshot(asked: Asked) -> ASGIApp:
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        most = messages_wanted(asked.query)
        found = await actions.events.snapshot(asked.caller, conversation=conversation, most_messages=most)
        return answer(snapshot_shape(found))

    return [
        Endpoint(operation=operations.OF_CONVERSATION, handle=of_conversation),
        Endpoint(operation=operations.OF_MESSAGE, handle=of_message),
        Endpoint(operation=operations.SNAPSHOT, handle=snapshot),
    ]


async def _told(actions: Actions, asked: Asked, of: LogOf) -> ASGIApp:
    if accepts(asked.request.headers, MEDIA_TYPE):
        return await _stream(actions, asked, of)
    wanted = page_wanted(asked.query)
    page, next_after = await actions.events.page(
        asked.caller, of, after=wanted.after, limit=wanted.limit, wait_seconds=asked.wait_seconds
    )
    shape = EventsShape(
        items=[event_shape(entry) for entry in page.entries], has_more=page.has_more, next_after=next_after
    )
    return answer(shape, waited=asked.wait_seconds)


async def _stream(actions: Actions, asked: Asked, of: LogOf) -> ASGIApp:
    wanted = stream_wanted(asked.query, asked.request.headers.get(LAST_EVENT_ID))
    part = await actions.events.part(asked.caller, of, after=wanted.after, until=wanted.until)
    caller, secret = asked.caller, asked.secret

    @contextmanager
    def opened() -> Generator[Frames]:
        with actions.events.following(caller, secret, part) as stream:
            yield Frames(stream)

    return EventStream(opened)
