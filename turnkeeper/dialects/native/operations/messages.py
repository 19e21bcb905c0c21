"""The operations on messages."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.parameters import KEY, REPLAYED, WAIT, WAITED
from turnkeeper.dialects.native.operations.problems import ID, missing, wrong
from turnkeeper.dialects.native.shapes.messages import MessageShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

MESSAGE = Parameter(
    name="message_id", where="path", description="The message: `msg_…`; a `cmsg_…` or a `task_id` is understood too."
)

MESSAGE_EXAMPLE: Mapping[str, object] = {
    "id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "role": "user",
    "status": "pending",
    "text": "Refund the failed charge for customer cus_123.",
    "is_parked": True,
    "waits_for": [f"apr_{ID}"],
    "error": None,
    "reply": None,
    "answers": None,
    "model": None,
    "usage": None,
    "citations": [],
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:13.120Z",
}
CANCELLED_EXAMPLE: Mapping[str, object] = {
    **MESSAGE_EXAMPLE,
    "status": "cancelled",
    "is_parked": False,
    "waits_for": [],
    "reply": {
        "id": "msg_01JZ3M8E3V7Z6R5T4W3X2Y1Z0F",
        "role": "assistant",
        "text": "I found the charge and",
        "model": None,
        "usage": None,
        "citations": [],
        "created_at": "2026-04-12T18:46:01.300Z",
    },
    "updated_at": "2026-04-12T18:46:01.300Z",
}
NO_MESSAGE = missing("message", f"msg_{ID}")

GET = Operation(
    method="get",
    path="/messages/{message_id}",
    name="getMessage",
    tag="Messages",
    scope="read",
    summary="How a message stands",
    description="With its reply once it is finished, and with the approvals that it waits for.",
    parameters=(MESSAGE, WAIT),
    replies=(
        Reply(
            status=200,
            description="The message.",
            shape=MessageShape,
            example=MESSAGE_EXAMPLE,
            headers=WAITED,
        ),
        NO_MESSAGE,
    ),
)

CANCEL = Operation(
    method="post",
    path="/messages/{message_id}/cancel",
    name="cancelMessage",
    tag="Messages",
    scope="converse",
    summary="Cancel a message",
    description=(
        "Stops the model's call and later tools, withdraws what it asked people, and keeps what was said as its reply. "
        "A message that is finished stays as it is, so cancelling twice is as good as once. A tool's call that is "
        "already under way cannot be taken back. The body is empty, or `{}`."
    ),
    parameters=(MESSAGE, KEY),
    replies=(
        Reply(
            status=200,
            description="The message as it stands then, always finished.",
            shape=MessageShape,
            example=CANCELLED_EXAMPLE,
            headers=REPLAYED,
        ),
        wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
        NO_MESSAGE,
    ),
)
