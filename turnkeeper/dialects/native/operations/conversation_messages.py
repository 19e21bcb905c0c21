"""The operations on the messages of a conversation."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.conversations import CONVERSATION, NO_CONVERSATION
from turnkeeper.dialects.native.operations.messages import QUEUED_EXAMPLE
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED, WAIT, WAITED
from turnkeeper.dialects.native.operations.problems import ID, conflict, problem, wrong
from turnkeeper.dialects.native.shapes.conversation_messages import EntriesShape, SendBody
from turnkeeper.dialects.native.shapes.messages import MessageShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ENTRY: Mapping[str, object] = {
    "id": f"msg_{ID}",
    "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "role": "user",
    "status": "completed",
    "text": "Refund the failed charge for customer cus_123.",
    "answers": None,
    "answered_with": None,
    "left_out": None,
    "feedback": [],
    "model": None,
    "usage": None,
    "citations": [],
    "files": [
        {"id": "file_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0F", "name": "invoice.pdf", "media_type": "application/pdf", "size": 48213}
    ],
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:13.120Z",
}

LIST = Operation(
    method="get",
    path="/conversations/{conversation_id}/messages",
    name="listMessages",
    tag="Messages",
    scope="read",
    summary="List the messages of a conversation",
    description="Each message is followed by its reply, also when later messages were accepted before the reply was there; "
    "with `order=desc` the newest comes first.",
    parameters=(
        CONVERSATION,
        Parameter(
            name="order",
            where="query",
            description="`asc`: the oldest first.",
            schema={"type": "string", "enum": ["asc", "desc"], "default": "asc"},
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=EntriesShape,
            example={"items": [_ENTRY], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        NO_CONVERSATION,
    ),
)

SEND = Operation(
    method="post",
    path="/conversations/{conversation_id}/messages",
    name="sendMessage",
    tag="Messages",
    scope="converse",
    summary="Send a message",
    description="It is accepted, kept and answered once. 202 names it; with `Prefer: wait=N` the answer waits for its end, "
    "and is 200 when it came in time.",
    parameters=(CONVERSATION, KEY, WAIT),
    request=SendBody,
    request_example={"text": "And the one before?"},
    replies=(
        Reply(
            status=200,
            description="The message, which is finished.",
            shape=MessageShape,
            example={**QUEUED_EXAMPLE, "status": "completed", "queue": None},
            headers={**LOCATION, **WAITED, **REPLAYED},
        ),
        Reply(
            status=202,
            description="The message, which is being answered.",
            shape=MessageShape,
            example=QUEUED_EXAMPLE,
            headers={**LOCATION, **WAITED, **REPLAYED},
        ),
        wrong("The field 'text' is missing; it is a string.", "missing", pointer="/text"),
        problem(
            403,
            "not_allowed",
            "The data set of agent 7 is not open to you; ask an admin to add you.",
            description="The data set is no longer open to you; `agent_revision` is for those who may change the agent; or "
            "the key lacks the scope `converse` (`scope_missing`).",
        ),
        NO_CONVERSATION,
        conflict(
            "locked",
            "The agent of this conversation was deleted; start a new one.",
            description="Codes `busy`: another message is unfinished, and `overlap` is `reject`; `locked`: its agent was "
            "deleted; `not_active`: it is completed or abandoned.",
        ),
    ),
)
