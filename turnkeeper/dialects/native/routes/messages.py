"""`/messages` and what is below."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer, nothing
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.messages import MOST_TEXT_BYTES, edit_form, feedback_form
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

    async def accepted_instead(asked: Asked, body: bytes, text: str | None) -> ASGIApp:
        done = await actions.messages.edit(
            asked.caller,
            message=asked.named("message_id", "message", message_in),
            text=text,
            key=asked.key(body),
            request_id=asked.request_id,
        )
        found = await actions.messages.standing(asked.caller, message=done.value.message_public_id)
        shape = message_shape(found)
        return answer(shape, status=202, replayed=done.replayed, location=f"/v1/messages/{shape.id}")

    async def edit(asked: Asked) -> ASGIApp:
        body = await asked.body(MOST_TEXT_BYTES)
        return await accepted_instead(asked, body, edit_form(body, asked.content_type))

    async def regenerate(asked: Asked) -> ASGIApp:
        body = await asked.body()
        empty_form(body, asked.content_type)
        return await accepted_instead(asked, body, None)

    async def rate(asked: Asked) -> ASGIApp:
        message = asked.named("message_id", "message", message_in)
        body = await asked.body()
        opinion = feedback_form(body, asked.content_type)
        done = await actions.messages.rate(
            asked.caller, message=message, rating=opinion.rating, comment=opinion.comment, key=asked.key(body)
        )
        return answer(message_shape(done.value), replayed=done.replayed)

    async def forget(asked: Asked) -> ASGIApp:
        message = asked.named("message_id", "message", message_in)
        done = await actions.messages.rate(asked.caller, message=message, rating=None, key=asked.key(b""))
        return nothing(replayed=done.replayed)

    return [
        Endpoint(operation=operations.GET, handle=get),
        Endpoint(operation=operations.CANCEL, handle=cancel),
        Endpoint(operation=operations.EDIT, handle=edit),
        Endpoint(operation=operations.REGENERATE, handle=regenerate),
        Endpoint(operation=operations.RATE, handle=rate),
        Endpoint(operation=operations.FORGET_RATING, handle=forget),
    ]
