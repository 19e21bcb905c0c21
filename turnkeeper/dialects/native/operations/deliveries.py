"""The operations on the deliveries of a webhook."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.webhooks import FACTS, KEEP_DELIVERIES_DAYS, DeliveryState
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED
from turnkeeper.dialects.native.operations.problems import missing, wrong
from turnkeeper.dialects.native.operations.webhooks import (
    ADMINS_ONLY,
    DELIVERY_EXAMPLE,
    DISABLED,
    NO_WEBHOOK,
    WEBHOOK,
)
from turnkeeper.dialects.native.shapes.webhooks import DeliveriesShape, DeliveryShape, ReplayBody, ReplayedShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "dlv_01JZ3M7A2V7Z6R5T4W3X2Y1Z0C"
_DELIVERY = Parameter(name="delivery_id", where="path", description="The delivery: `dlv_…`, its `webhook-id`.")
_FILTERS = (
    Parameter(
        name="state",
        where="query",
        description="Only those in this state.",
        schema={"type": "string", "enum": list(get_args(DeliveryState))},
    ),
    Parameter(
        name="type",
        where="query",
        description="Only those of this type.",
        schema={"type": "string", "enum": list(FACTS)},
    ),
    Parameter(
        name="since",
        where="query",
        description="Only what happened since this time.",
        schema={"type": "string", "format": "date-time"},
    ),
    LIMIT,
    CURSOR,
)

_BODY: Mapping[str, object] = {
    "type": "message.completed",
    "timestamp": "2026-04-12T18:45:13.000Z",
    "data": {
        "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
        "message_id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
        "agent_id": "agt_01JZ3M4C1V7Z6R5T4W3X2Y1Z0D",
        "agent": "refunds",
        "event": 11,
        "model": "gpt-4.1-mini",
        "reply": {"id": "msg_01JZ3M8E3V7Z6R5T4W3X2Y1Z0F", "role": "assistant", "text": "Refunded."},
    },
}
_WAITING: Mapping[str, object] = {
    **DELIVERY_EXAMPLE,
    "type": "message.completed",
    "attempts": 1,
    "next_attempt_at": "2026-04-12T18:45:18.310Z",
    "body": _BODY,
}
_WITHOUT_LOG = {name: value for name, value in _WAITING.items() if name != "log"}
_WITH_LOG: Mapping[str, object] = {
    **_WAITING,
    "log": [
        {
            "number": 1,
            "started_at": "2026-04-12T18:45:13.102Z",
            "milliseconds": 208,
            "status": 500,
            "error": "It answered 500 Internal Server Error.",
            "answer": "out of order",
        }
    ],
}
_NO_DELIVERY = missing("delivery", _ID)

LIST = Operation(
    method="get",
    path="/webhooks/{webhook_id}/deliveries",
    name="listDeliveries",
    tag="Webhooks",
    scope="admin",
    summary="What was sent, and what waits",
    description=f"Newest first. Deliveries are kept for {KEEP_DELIVERIES_DAYS} days.",
    parameters=(WEBHOOK, *_FILTERS),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=DeliveriesShape,
            example={"items": [_WITHOUT_LOG], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        ADMINS_ONLY,
        NO_WEBHOOK,
    ),
)

GET = Operation(
    method="get",
    path="/webhooks/{webhook_id}/deliveries/{delivery_id}",
    name="getDelivery",
    tag="Webhooks",
    scope="admin",
    summary="Get a delivery",
    description="With what came of each attempt.",
    parameters=(WEBHOOK, _DELIVERY),
    replies=(
        Reply(status=200, description="The delivery.", shape=DeliveryShape, example=_WITH_LOG),
        ADMINS_ONLY,
        _NO_DELIVERY,
    ),
)

REPLAY = Operation(
    method="post",
    path="/webhooks/{webhook_id}/deliveries/{delivery_id}/replay",
    name="replayDelivery",
    tag="Webhooks",
    scope="admin",
    summary="Send a delivery again",
    description=(
        "Whatever came of it before, with the same `webhook-id` and the same body, beside what waits. The body is empty, "
        "or `{}`."
    ),
    parameters=(WEBHOOK, _DELIVERY, KEY),
    replies=(
        Reply(
            status=202,
            description="The delivery, which waits again.",
            shape=DeliveryShape,
            example=_WITH_LOG,
            headers={**LOCATION, **REPLAYED},
        ),
        wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
        ADMINS_ONLY,
        _NO_DELIVERY,
        DISABLED,
    ),
)

REPLAY_SINCE = Operation(
    method="post",
    path="/webhooks/{webhook_id}/replay",
    name="replayDeliveries",
    tag="Webhooks",
    scope="admin",
    summary="Send everything again since a time",
    description="What was given up, or everything that came to its end; in the order in which it happened.",
    parameters=(WEBHOOK, KEY),
    request=ReplayBody,
    request_example={"since": "2026-04-12T00:00:00Z", "only_failed": False},
    replies=(
        Reply(
            status=202,
            description="How many wait again.",
            shape=ReplayedShape,
            example={"deliveries": 17},
            headers={**LOCATION, **REPLAYED},
        ),
        wrong("The field 'since' is missing; it is a time.", "missing", pointer="/since"),
        ADMINS_ONLY,
        NO_WEBHOOK,
        DISABLED,
    ),
)
