"""`/conversations` and what is below."""

from uuid import UUID

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.actions.keeping import Begun
from turnkeeper.core.accounts import Caller
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.idempotency import Once
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.forms.conversations import MOST_BODY_BYTES, change_form, create_form, fork_form
from turnkeeper.dialects.native.operations import conversations as operations
from turnkeeper.dialects.native.queries.conversations import conversation_filter, cursor_behind
from turnkeeper.dialects.native.shapes.conversations import BegunShape, ConversationsShape
from turnkeeper.dialects.native.translate.conversations import conversation_shape, removed_shape
from turnkeeper.dialects.native.translate.ids import conversation_in
from turnkeeper.dialects.native.translate.messages import message_shape


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with conversations."""
    routes = ConversationRoutes(actions)
    return [
        Endpoint(operation=operations.LIST, handle=routes.list),
        Endpoint(operation=operations.CREATE, handle=routes.create),
        Endpoint(operation=operations.GET, handle=routes.get),
        Endpoint(operation=operations.CHANGE, handle=routes.change),
        Endpoint(operation=operations.DELETE, handle=routes.delete),
        Endpoint(operation=operations.FORK, handle=routes.fork),
    ]


class ConversationRoutes:
    """Conversations as wholes."""

    def __init__(self, actions: Actions) -> None:
        self._keeping = actions.keeping
        self._messages = actions.messages

    async def list(self, asked: Asked) -> ASGIApp:
        """Some of them."""
        wanted = conversation_filter(asked.query)
        page = await self._keeping.list(asked.caller, wanted)
        return answer(
            ConversationsShape(
                items=[conversation_shape(overview) for overview in page.items],
                has_more=page.has_more,
                next_cursor=cursor_behind(page.items[-1], wanted.sort) if page.has_more else None,
                has_all_words=page.has_all_words,
            )
        )

    async def create(self, asked: Asked) -> ASGIApp:
        """Begin one."""
        body = await asked.body(MOST_BODY_BYTES)
        form = create_form(body, asked.content_type)
        begun = await self._keeping.begin(
            asked.caller, form.beginning, form.message, key=asked.key(body), request_id=asked.request_id
        )
        if begun.value.message is None:
            return await self._made(asked.caller, begun)
        return await self._begun(asked, begun, begun.value.message)

    async def get(self, asked: Asked) -> ASGIApp:
        """One of them."""
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        found = await self._keeping.get(asked.caller, conversation=conversation)
        return answer(conversation_shape(found), version=found.revision)

    async def change(self, asked: Asked) -> ASGIApp:
        """Rename, tag, archive."""
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        body = await asked.body(MOST_BODY_BYTES)
        done = await self._keeping.change(
            asked.caller,
            conversation=conversation,
            change=change_form(body, asked.content_type),
            revision=asked.version_wanted,
            key=asked.key(body),
        )
        return answer(conversation_shape(done.value), replayed=done.replayed, version=done.value.revision)

    async def delete(self, asked: Asked) -> ASGIApp:
        """Remove one for good."""
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        done = await self._keeping.delete(asked.caller, conversation=conversation, key=asked.key(b""))
        return answer(removed_shape(done.value), replayed=done.replayed)

    async def fork(self, asked: Asked) -> ASGIApp:
        """A new one with the beginning of another."""
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        body = await asked.body()
        form = fork_form(body, asked.content_type)
        made = await self._keeping.fork(
            asked.caller, conversation=conversation, message=form.message, title=form.title, key=asked.key(body)
        )
        return await self._made(asked.caller, made)

    async def _made(self, caller: Caller, made: Once[Begun]) -> ASGIApp:
        found = await self._keeping.get(caller, conversation=made.value.conversation)
        return answer(
            conversation_shape(found),
            status=201,
            replayed=made.replayed,
            version=found.revision,
            location=f"/v1/conversations/{prefixed('conv', found.conversation.public_id)}",
        )

    async def _begun(self, asked: Asked, begun: Once[Begun], message: UUID) -> ASGIApp:
        standing = await self._messages.standing(asked.caller, message=message, wait_seconds=asked.wait_seconds)
        found = await self._keeping.get(asked.caller, conversation=begun.value.conversation)
        is_finished = asked.wait_seconds > 0 and standing.message.status in FINISHED
        return answer(
            BegunShape(conversation=conversation_shape(found), message=message_shape(standing)),
            status=200 if is_finished else 202,
            replayed=begun.replayed,
            waited=asked.wait_seconds,
            version=found.revision,
            location=f"/v1/messages/{prefixed('msg', message)}",
        )
