"""`/conversations` and what is below."""

from litestar.types import ASGIApp

from turnkeeper.actions.bundle import Actions
from turnkeeper.dialects.native.answers import answer
from turnkeeper.dialects.native.endpoint import Asked, Endpoint
from turnkeeper.dialects.native.operations import conversations as operations
from turnkeeper.dialects.native.translate.conversations import conversation_shape
from turnkeeper.dialects.native.translate.ids import conversation_in


def endpoints(actions: Actions) -> list[Endpoint]:
    """What can be done with conversations."""

    async def get(asked: Asked) -> ASGIApp:
        conversation = asked.named("conversation_id", "conversation", conversation_in)
        return answer(conversation_shape(await actions.conversations.get(asked.caller, conversation=conversation)))

    return [Endpoint(operation=operations.GET, handle=get)]
