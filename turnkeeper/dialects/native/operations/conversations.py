"""The operations on conversations."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.problems import ID, missing
from turnkeeper.dialects.native.shapes.conversations import ConversationShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

CONVERSATION = Parameter(
    name="conversation_id", where="path", description="The conversation: `conv_…`; `job_…` is understood too."
)

CONVERSATION_EXAMPLE: Mapping[str, object] = {
    "id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "agent": {"id": "agt_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E", "slug": "refunds", "name": "Refunds"},
    "status": "active",
    "mode": "execute",
    "origin": "api",
    "title": "Refund the failed charge for customer cus_123.",
    "last_event": 7,
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:13.120Z",
}
NO_CONVERSATION = missing("conversation", f"conv_{ID}")

GET = Operation(
    method="get",
    path="/conversations/{conversation_id}",
    name="getConversation",
    tag="Conversations",
    scope="read",
    summary="Get a conversation",
    description="Without its messages.",
    parameters=(CONVERSATION,),
    replies=(
        Reply(status=200, description="The conversation.", shape=ConversationShape, example=CONVERSATION_EXAMPLE),
        NO_CONVERSATION,
    ),
)
