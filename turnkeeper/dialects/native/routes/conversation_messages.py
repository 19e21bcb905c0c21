"""`/conversations/{id}/messages`."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer, cut
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.conversations import MOST_BODY_BYTES, send_form
from turnkeeper.dialects.native.operations import conversation_messages as operations
from turnkeeper.dialects.native.queries.conversations import cursor_behind_message, message_page
from turnkeeper.dialects.native.shapes.conversation_messages import EntriesShape
from turnkeeper.dialects.native.translate.conversation_messages import entry_shape
from turnkeeper.dialects.native.translate.ids import conversation_in
from turnkeeper.dialects.native.translate.messages import message_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with the messages of a conversation."""

    async def listed(asked: Asked) -> ASGIApp:
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        wanted = message_page(asked.query)
        found = await actions.messages.list(
            asked.caller,
            conversation=conversation,
            behind=wanted.behind,
            newest_first=wanted.direction == "desc",
            limit=wanted.limit + 1,
        )
        entries, has_more = cut(found, wanted.limit)
        return answer(
            EntriesShape(
                items=[entry_shape(entry) for entry in entries],
                has_more=has_more,
                next_cursor=cursor_behind_message(entries[-1].message, wanted.direction) if has_more else None,
            )
        )

    async def send(asked: Asked) -> ASGIApp:
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        body = await asked.body(MOST_BODY_BYTES)
        form = send_form(body, asked.content_type)
        sent = await actions.conversations.send(
            asked.caller,
            conversation=conversation,
            text=form.text,
            attached=form.files,
            overlap=form.overlap,
            agent_revision=form.agent_revision,
            key=asked.key(body),
            request_id=asked.request_id,
        )
        message = sent.value.message_public_id
        standing = await actions.messages.standing(asked.caller, message=message, wait_seconds=asked.wait_seconds)
        is_finished = asked.wait_seconds > 0 and standing.message.status in FINISHED
        return answer(
            message_shape(standing),
            status=200 if is_finished else 202,
            replayed=sent.replayed,
            waited=asked.wait_seconds,
            location=f"/v1/messages/{prefixed('msg', message)}",
        )

    return [
        Endpoint(operation=operations.LIST, handle=listed),
        Endpoint(operation=operations.SEND, handle=send),
    ]
