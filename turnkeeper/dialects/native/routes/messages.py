"""`/messages` and what is below."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.reading import empty_form
from turnkeeper.dialects.native.operations import messages as operations
from turnkeeper.dialects.native.translate.ids import message_in
from turnkeeper.dialects.native.translate.messages import message_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with messages by their own ids."""

    async def get(asked: Asked) -> ASGIApp:
        message = asked.named("message_id", "message", message_in)
        found = await actions.messages.standing(asked.caller, message=message, wait_seconds=asked.wait_seconds)
        return answer(message_shape(found), waited=asked.wait_seconds)

    async def cancel(asked: Asked) -> ASGIApp:
        message = asked.named("message_id", "message", message_in)
        body = await asked.body()
        empty_form(body, asked.content_type)
        done = await actions.messages.cancel(asked.caller, message=message, key=asked.key(body))
        return answer(message_shape(done.value), replayed=done.replayed)

    return [
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CANCEL, handle=cancel),
    ]
