"""The operations on logs."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.approvals import WAITING_EXAMPLE
from turnkeeper.dialects.native.operations.conversations import CONVERSATION, CONVERSATION_EXAMPLE, NO_CONVERSATION
from turnkeeper.dialects.native.operations.messages import MESSAGE, MESSAGE_EXAMPLE, NO_MESSAGE
from turnkeeper.dialects.native.operations.parameters import LIMIT, WAITED
from turnkeeper.dialects.native.queries.events import LAST_EVENT_ID
from turnkeeper.dialects.native.shapes.events import EventsShape, SnapshotShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_MESSAGE_ID = "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B"
_STARTED: Mapping[str, object] = {
    "event": "turn.started",
    "number": 2,
    "message_id": _MESSAGE_ID,
    "created_at": "2026-04-12T18:45:12.010Z",
    "attempt": 1,
    "resumes_at": 1,
}
_TEXT: Mapping[str, object] = {
    "event": "text",
    "number": 3,
    "message_id": _MESSAGE_ID,
    "created_at": "2026-04-12T18:45:12.480Z",
    "text": "I found the charge",
    "model_call": 1,
}
_STREAMED = (
    "retry: 2000\n\n"
    "id: 3\nevent: text\n"
    f'data: {{"event":"text","number":3,"message_id":"{_MESSAGE_ID}","created_at":"2026-04-12T18:45:12.480Z",'
    '"text":"I found the charge","model_call":1}\n\n'
    ": still here\n\n"
)
_AFTER = Parameter(
    name="after",
    where="query",
    description="The number of the last event that you have: what follows it is wanted. All if left out.",
    schema={"type": "integer", "minimum": 0, "default": 0},
)
_LAST_EVENT_ID = Parameter(
    name=LAST_EVENT_ID,
    where="header",
    description="Of a stream: the `id` of the last frame that you have, as browsers send it. It counts more than `after`.",
)
_ACCEPT_NOTE = (
    "With `Accept: text/event-stream` the answer is a stream, else a page; both are the same numbered log, from any number, "
    "at any time, from any node.\n\n"
)
_STREAM_NOTE = (
    "Each frame of a stream has the event's number as its `id`, its kind as `event`, and one JSON object as `data`, the "
    "same as an item of a page. A comment comes every 15 seconds. The last frame is `event: end` and says why; after "
    "`closing` connect again. Whoever takes nothing for 30 seconds is cut off and goes on with `Last-Event-ID`."
)
_WAIT = Parameter(
    name="Prefer",
    where="header",
    description="Of a page: `wait=N` answers when there is an event after `after`, or after N ≤ 60 seconds.",
)
_FOLLOW = Parameter(
    name="follow",
    where="query",
    description="Of a stream: `false` ends it at the end of the log.",
    schema={"type": "boolean", "default": True},
)
_UNTIL = Parameter(
    name="until",
    where="query",
    description="Of a stream: `idle` ends it when every message is finished.",
    schema={"type": "string", "enum": ["idle"]},
)
_PAGE = Reply(
    status=200,
    description="A part of the log, or the stream.",
    shape=EventsShape,
    example={"items": [_STARTED, _TEXT], "has_more": False, "next_after": 3},
    headers=WAITED,
    text_media={"text/event-stream": _STREAMED},
)

OF_CONVERSATION = Operation(
    method="get",
    path="/conversations/{conversation_id}/events",
    name="listConversationEvents",
    tag="Events",
    scope="read",
    summary="The events of a conversation",
    description=_ACCEPT_NOTE + "A stream goes on for ever unless told otherwise. " + _STREAM_NOTE,
    parameters=(CONVERSATION, _AFTER, LIMIT, _FOLLOW, _UNTIL, _LAST_EVENT_ID, _WAIT),
    replies=(_PAGE, NO_CONVERSATION),
)

OF_MESSAGE = Operation(
    method="get",
    path="/messages/{message_id}/events",
    name="listMessageEvents",
    tag="Events",
    scope="read",
    summary="The events of one message",
    description=_ACCEPT_NOTE
    + "Those of one turn only, with the numbers that they have in the conversation. A stream ends after "
    "`message.completed`, `message.failed` or `message.cancelled`, one of which always comes. " + _STREAM_NOTE,
    parameters=(MESSAGE, _AFTER, LIMIT, _FOLLOW, _UNTIL, _LAST_EVENT_ID, _WAIT),
    replies=(_PAGE, NO_MESSAGE),
)

SNAPSHOT = Operation(
    method="get",
    path="/conversations/{conversation_id}/snapshot",
    name="getConversationSnapshot",
    tag="Events",
    scope="read",
    summary="A conversation at this moment",
    description="The newest messages, what the turn under way has said so far, its open calls, and what waits for people. "
    "Then follow the events after `last_event`: nothing is missing and nothing comes twice.",
    parameters=(
        CONVERSATION,
        Parameter(
            name="messages",
            where="query",
            description="How many messages at most, the newest: 50 if left out.",
            schema={"type": "integer", "minimum": 0, "maximum": 100, "default": 50},
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="All of one moment.",
            shape=SnapshotShape,
            example={
                "last_event": 7,
                "conversation": CONVERSATION_EXAMPLE,
                "messages": [MESSAGE_EXAMPLE],
                "turn": {
                    "message_id": _MESSAGE_ID,
                    "attempt": 1,
                    "said": [{"model_call": 1, "text": "I found the charge", "thinking": ""}],
                    "open_calls": [
                        {"call_id": "call_1", "tool": "refund", "arguments": {"customer": "cus_123", "amount": 4200}}
                    ],
                },
                "approvals": [WAITING_EXAMPLE],
            },
        ),
        NO_CONVERSATION,
    ),
)
