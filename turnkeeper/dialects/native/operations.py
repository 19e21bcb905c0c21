"""The door's own description: every operation with its parameters, shapes, examples and errors."""

from collections.abc import Mapping, Sequence
from typing import get_args

from turnkeeper.core.approvals import ApprovalState
from turnkeeper.dialects.native.errors import MEDIA_TYPE
from turnkeeper.dialects.native.shapes import (
    ApprovalShape,
    ApprovalsShape,
    ConversationShape,
    DecideBody,
    MessageShape,
    Problem,
)
from turnkeeper.http_kit.openapi import Description, Operation, Parameter, Reply, openapi_document

TITLE = "Turnkeeper: native dialect"

_ABOUT = Description(
    title=TITLE,
    version="1",
    text=(
        "Decide what agents ask people, follow a message by its id, cancel it; whatever door it came by.\n\n"
        "Ids are opaque and begin with their kind: `apr_…`, `msg_…`, `conv_…`. Those that other dialects give for messages "
        "and conversations (`cmsg_…`, `job_…`, a `task_id`) are understood too. Times are RFC 3339 in UTC.\n\n"
        "Errors are RFC 9457, `application/problem+json`: `code` does not change and is for programs, `detail` is for "
        "people, and `errors` has every fault of the request with a JSON Pointer into the body, or the name of the "
        "parameter or header. Members and parameters that are not known are refused by name.\n\n"
        "Every POST takes an `Idempotency-Key`: sent again, it gets the first result again, with "
        "`Idempotency-Replayed: true`."
    ),
    security={
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer <key>`, or `Token <key>`",
        },
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`X-API-Key: <key>`"},
    },
)

_APPROVAL = Parameter(name="approval_id", where="path", description="The approval: `apr_…`.")
_MESSAGE = Parameter(
    name="message_id", where="path", description="The message: `msg_…`; a `cmsg_…` or a `task_id` is understood too."
)
_CONVERSATION = Parameter(
    name="conversation_id", where="path", description="The conversation: `conv_…`; `job_…` is understood too."
)
_KEY = Parameter(
    name="Idempotency-Key",
    where="header",
    description="Your name for this request: sent again, it gets the first answer again.",
)
_WAIT = Parameter(
    name="Prefer",
    where="header",
    description="`wait=N`: answer when the message is finished, or after N ≤ 60 seconds. A message that waits for people "
    "is not finished.",
)
_REPLAYED = {"Idempotency-Replayed": "`true` on the repeated answer to an Idempotency-Key."}
_FILTERS = (
    Parameter(
        name="state",
        where="query",
        description="Only those in this state.",
        schema={"type": "string", "enum": list(get_args(ApprovalState))},
    ),
    Parameter(name="conversation", where="query", description="Only those of this conversation: `conv_…`."),
    Parameter(name="message", where="query", description="Only those of this message: `msg_…`."),
    Parameter(
        name="limit",
        where="query",
        description="How many: 50 if left out.",
        schema={"type": "integer", "minimum": 1, "maximum": 100, "default": 50},
    ),
    Parameter(name="cursor", where="query", description="The `next_cursor` of the page before."),
)

_ID = "01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"
_WAITING_EXAMPLE: Mapping[str, object] = {
    "id": f"apr_{_ID}",
    "state": "waiting",
    "question": "call",
    "agent": "refunds",
    "tool": "refund",
    "arguments": {"customer": "cus_123", "amount": 4200},
    "reason": "The agent wants to call 'refund'. Its policy asks a person where /amount is above 1000, or cannot be "
    "compared.",
    "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "message_id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "call_id": "call_1",
    "note": None,
    "decided_by": None,
    "created_at": "2026-04-12T18:45:13.120Z",
    "expires_at": "2026-04-15T18:45:13.120Z",
    "decided_at": None,
}
_DECIDED_EXAMPLE: Mapping[str, object] = {
    **_WAITING_EXAMPLE,
    "state": "approved",
    "note": "Checked with billing.",
    "decided_by": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "decided_at": "2026-04-12T19:02:40.007Z",
}
_MESSAGE_EXAMPLE: Mapping[str, object] = {
    "id": "msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B",
    "conversation_id": "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A",
    "role": "user",
    "status": "pending",
    "text": "Refund the failed charge for customer cus_123.",
    "is_parked": True,
    "waits_for": [f"apr_{_ID}"],
    "error": None,
    "reply": None,
    "answers": None,
    "model": None,
    "usage": None,
    "citations": [],
    "created_at": "2026-04-12T18:45:12.000Z",
    "updated_at": "2026-04-12T18:45:13.120Z",
}
_CANCELLED_EXAMPLE: Mapping[str, object] = {
    **_MESSAGE_EXAMPLE,
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
_CONVERSATION_EXAMPLE: Mapping[str, object] = {
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


def _problem(  # noqa: PLR0913 - all that an example of a problem has
    status: int,
    title: str,
    code: str,
    detail: str,
    *,
    description: str,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> Reply:
    example: dict[str, object] = {
        "type": f"urn:turnkeeper:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": f"/v1/approvals/apr_{_ID}",
        "code": code,
        "request_id": "01JZ3M9A0V7Z6R5T4W3X2Y1Z0G",
    }
    if errors:
        example["errors"] = list(errors)
    if status == 503:
        example["retry_after"] = 1
    return Reply(
        status=status,
        description=description,
        shape=Problem,
        example=example,
        headers=headers or {},
        media=MEDIA_TYPE,
    )


def _wrong(detail: str, code: str, **place: str) -> Reply:
    return _problem(
        400,
        "Bad Request",
        "invalid",
        detail,
        description="The request cannot be used; `errors` has what to mend. Code `invalid`, or `malformed`.",
        errors=({"detail": detail, "code": code, **place},),
    )


_NO_QUERY = _wrong("The parameter 'x' is not known here; there are none.", "unknown_parameter", parameter="x")
_401 = _problem(
    401,
    "Unauthorized",
    "key_missing",
    "No API key came with the request; send `Authorization: Bearer <key>`.",
    description="Codes `key_missing`, `key_malformed`, `key_unknown`, `key_expired`, `key_revoked`, `account_inactive`.",
    headers={"WWW-Authenticate": "`Bearer`"},
)
_503 = _problem(
    503,
    "Service Unavailable",
    "upstream_unavailable",
    "The database does not answer; try again soon.",
    description="Try again after `retry_after` seconds.",
    headers={"Retry-After": "Seconds after which to try again."},
)
_BODY_REFUSED = (
    _problem(
        413,
        "Request Entity Too Large",
        "too_large",
        "The body is too large; the most is 100,000 bytes.",
        description="The body is too large.",
    ),
    _problem(
        415,
        "Unsupported Media Type",
        "unsupported_media_type",
        "The body must be JSON; send `Content-Type: application/json`.",
        description="The body is not said to be JSON.",
    ),
    _problem(
        422,
        "Unprocessable Entity",
        "idempotency_key_reused",
        "The Idempotency-Key 'a' was used with another body before; take a new key.",
        description="The Idempotency-Key came with another body before.",
    ),
)


def _missing(kind: str, shown: str) -> Reply:
    return _problem(
        404, "Not Found", "not_found", f"There is no {kind} '{shown}' for you.", description=f"You have no such {kind}."
    )


_NO_APPROVAL = _missing("approval", f"apr_{_ID}")
_NO_MESSAGE = _missing("message", f"msg_{_ID}")

_APPROVAL_OPERATIONS = (
    Operation(
        method="get",
        path="/approvals",
        name="listApprovals",
        tag="Approvals",
        summary="What agents ask people",
        description="Newest first. Admins see all of the organization, others those of their own conversations.",
        parameters=_FILTERS,
        replies=(
            Reply(
                status=200,
                description="A page.",
                shape=ApprovalsShape,
                example={"items": [_WAITING_EXAMPLE], "has_more": False, "next_cursor": None},
            ),
            _wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
            _401,
            _503,
        ),
    ),
    Operation(
        method="get",
        path="/approvals/{approval_id}",
        name="getApproval",
        tag="Approvals",
        summary="Get an approval",
        description="One of them; also when it is decided.",
        parameters=(_APPROVAL,),
        replies=(
            Reply(status=200, description="The approval.", shape=ApprovalShape, example=_WAITING_EXAMPLE),
            _NO_QUERY,
            _401,
            _NO_APPROVAL,
            _503,
        ),
    ),
    Operation(
        method="post",
        path="/approvals/{approval_id}/decide",
        name="decideApproval",
        tag="Approvals",
        summary="Approve or deny",
        description="The turn goes on at once. Deciding the same again changes nothing and gets the first decision.",
        parameters=(_APPROVAL, _KEY),
        request=DecideBody,
        request_example={"decision": "approve", "note": "Checked with billing."},
        replies=(
            Reply(
                status=200,
                description="The decision.",
                shape=ApprovalShape,
                example=_DECIDED_EXAMPLE,
                headers=_REPLAYED,
            ),
            _wrong("The field 'decision' is missing; it is 'approve' or 'deny'.", "missing", pointer="/decision"),
            _401,
            _problem(
                403,
                "Forbidden",
                "not_allowed",
                "Only admins may decide this; ask one, or have the agent's policy changed.",
                description="The agent's policy lets only admins decide.",
            ),
            _NO_APPROVAL,
            _problem(
                409,
                "Conflict",
                "already_decided",
                "This approval is expired already.",
                description="It was decided otherwise, expired, or its message was cancelled.",
            ),
            *_BODY_REFUSED,
            _503,
        ),
    ),
)

_MESSAGE_OPERATIONS = (
    Operation(
        method="get",
        path="/messages/{message_id}",
        name="getMessage",
        tag="Messages",
        summary="How a message stands",
        description="With its reply once it is finished, and with the approvals that it waits for.",
        parameters=(_MESSAGE, _WAIT),
        replies=(
            Reply(
                status=200,
                description="The message.",
                shape=MessageShape,
                example=_MESSAGE_EXAMPLE,
                headers={"Preference-Applied": "`wait=N` when the request preferred to wait."},
            ),
            _NO_QUERY,
            _401,
            _NO_MESSAGE,
            _503,
        ),
    ),
    Operation(
        method="post",
        path="/messages/{message_id}/cancel",
        name="cancelMessage",
        tag="Messages",
        summary="Cancel a message",
        description=(
            "Stops the model's call and later tools, withdraws what it asked people, and keeps what was said as its reply. "
            "A message that is finished stays as it is, so cancelling twice is as good as once. A tool's call that is "
            "already under way cannot be taken back. The body is empty, or `{}`."
        ),
        parameters=(_MESSAGE, _KEY),
        replies=(
            Reply(
                status=200,
                description="The message as it stands then, always finished.",
                shape=MessageShape,
                example=_CANCELLED_EXAMPLE,
                headers=_REPLAYED,
            ),
            _wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
            _401,
            _NO_MESSAGE,
            *_BODY_REFUSED,
            _503,
        ),
    ),
)

_CONVERSATION_OPERATIONS = (
    Operation(
        method="get",
        path="/conversations/{conversation_id}",
        name="getConversation",
        tag="Conversations",
        summary="Get a conversation",
        description="Without its messages.",
        parameters=(_CONVERSATION,),
        replies=(
            Reply(status=200, description="The conversation.", shape=ConversationShape, example=_CONVERSATION_EXAMPLE),
            _NO_QUERY,
            _401,
            _missing("conversation", f"conv_{_ID}"),
            _503,
        ),
    ),
)


def description(prefix: str) -> dict[str, object]:
    """The OpenAPI document of this door, with whole paths."""
    operations: Sequence[Operation] = (*_APPROVAL_OPERATIONS, *_MESSAGE_OPERATIONS, *_CONVERSATION_OPERATIONS)
    return openapi_document(_ABOUT, operations, prefix=prefix)
