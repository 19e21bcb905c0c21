"""The operations on messages."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.parameters import KEY, LOCATION, REPLAYED, WAIT, WAITED
from turnkeeper.dialects.native.operations.problems import ID, conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.messages import EditBody, FeedbackBody, MessageShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

MESSAGE = Parameter(
    name="message_id", where="path", description="The message: `msg_…`; a `cmsg_…` or a `task_id` is understood too."
)

FILE_EXAMPLE: Mapping[str, object] = {
    "id": "file_01JZ3M4BZV7Z6R5T4W3X2Y1Z0J",
    "name": "receipt.pdf",
    "media_type": "application/pdf",
    "size": 48211,
    "written_by": "person",
    "created_at": "2026-04-12T18:45:02.000Z",
}
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
    "answered_with": None,
    "overlap": "enqueue",
    "left_out": None,
    "queue": None,
    "feedback": [],
    "model": None,
    "usage": None,
    "citations": [],
    "files": [FILE_EXAMPLE],
    "agent_revision": 2,
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
        "feedback": [],
        "files": [],
        "agent_revision": 2,
        "created_at": "2026-04-12T18:46:01.300Z",
    },
    "updated_at": "2026-04-12T18:46:01.300Z",
}
QUEUED_EXAMPLE: Mapping[str, object] = {
    **MESSAGE_EXAMPLE,
    "status": "queued",
    "is_parked": False,
    "waits_for": [],
    "queue": {"ahead_in_conversation": 0, "ahead_in_queue": 3},
}
FEEDBACK_EXAMPLE: Mapping[str, object] = {
    "account_id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "rating": "down",
    "comment": "The charge was refunded last week.",
    "updated_at": "2026-04-12T18:50:00.000Z",
}
RATED_EXAMPLE: Mapping[str, object] = {
    **MESSAGE_EXAMPLE,
    "id": "msg_01JZ3M8E3V7Z6R5T4W3X2Y1Z0F",
    "role": "assistant",
    "status": "completed",
    "text": "I refunded the charge.",
    "is_parked": False,
    "waits_for": [],
    "answers": f"msg_{ID}",
    "model": "gpt-5-mini",
    "feedback": [FEEDBACK_EXAMPLE],
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

_BUSY = problem(
    409,
    "busy",
    "This message, or one after it, is unfinished; wait for its end or cancel it.",
    description="Codes `busy`: it, or something after it, is unfinished; `superseded`: another message stands in its place "
    "already; `answered_together`: it is a part of another message's turn; `not_active`, `locked`: the conversation takes "
    "no messages.",
)
_ACCEPTED = Reply(
    status=202,
    description="The message that stands there now; it will be answered.",
    shape=MessageShape,
    example=QUEUED_EXAMPLE,
    headers={**LOCATION, **REPLAYED},
)

EDIT = Operation(
    method="post",
    path="/messages/{message_id}/edit",
    name="editMessage",
    tag="Messages",
    scope="converse",
    summary="Say something else",
    description=(
        "The talk from this message on is left behind, and a new message with your text and the same files stands in its "
        "place and is answered. What is left behind is kept and marked `superseded`; the agent does not remember it. What "
        "tools did in those turns is not undone."
    ),
    parameters=(MESSAGE, KEY),
    request=EditBody,
    request_example={"text": "Refund the failed charge for customer cus_124."},
    replies=(
        _ACCEPTED,
        wrong("The field 'text' is missing; it is a string.", "missing", pointer="/text"),
        NO_MESSAGE,
        _BUSY,
    ),
)

REGENERATE = Operation(
    method="post",
    path="/messages/{message_id}/regenerate",
    name="regenerateReply",
    tag="Messages",
    scope="converse",
    summary="Have a message answered once more",
    description=(
        "As if the message were edited to say the same. The id may be that of the message or of its reply; what was "
        "answered together with it is answered together again. The body is empty, or `{}`."
    ),
    parameters=(MESSAGE, KEY),
    replies=(
        _ACCEPTED,
        wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
        NO_MESSAGE,
        _BUSY,
    ),
)

RATE = Operation(
    method="put",
    path="/messages/{message_id}/feedback",
    name="rateReply",
    tag="Messages",
    scope="converse",
    summary="Say what you think of a reply",
    description="One opinion an account and reply: a new one takes the place of yours. A message stands for its reply.",
    parameters=(MESSAGE, KEY),
    request=FeedbackBody,
    request_example={"rating": "down", "comment": "The charge was refunded last week."},
    replies=(
        Reply(status=200, description="The reply.", shape=MessageShape, example=RATED_EXAMPLE, headers=REPLAYED),
        wrong("The field 'rating' is missing; it is 'up' or 'down'.", "missing", pointer="/rating"),
        NO_MESSAGE,
        conflict(
            "no_answer",
            "There is no answer of the agent yet that could be rated.",
            description="Code `no_answer`: the message is unfinished, or ended without an answer.",
        ),
    ),
)

FORGET_RATING = Operation(
    method="delete",
    path="/messages/{message_id}/feedback",
    name="forgetRating",
    tag="Messages",
    scope="converse",
    summary="Take back what you think of a reply",
    description="When you said nothing of it, nothing happens.",
    parameters=(MESSAGE, KEY),
    replies=(
        Reply(status=204, description="It is forgotten.", shape=None, example=None, headers=REPLAYED),
        NO_MESSAGE,
    ),
)
