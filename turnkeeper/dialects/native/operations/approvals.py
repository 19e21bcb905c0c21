"""The operations on approvals."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.approvals import ApprovalState
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, REPLAYED
from turnkeeper.dialects.native.operations.problems import ID, conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.approvals import ApprovalShape, ApprovalsShape, DecideBody
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_APPROVAL = Parameter(name="approval_id", where="path", description="The approval: `apr_…`.")
_FILTERS = (
    Parameter(
        name="state",
        where="query",
        description="Only those in this state.",
        schema={"type": "string", "enum": list(get_args(ApprovalState))},
    ),
    Parameter(name="conversation", where="query", description="Only those of this conversation: `conv_…`."),
    Parameter(name="message", where="query", description="Only those of this message: `msg_…`."),
    LIMIT,
    CURSOR,
)

WAITING_EXAMPLE: Mapping[str, object] = {
    "id": f"apr_{ID}",
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
    **WAITING_EXAMPLE,
    "state": "approved",
    "note": "Checked with billing.",
    "decided_by": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "decided_at": "2026-04-12T19:02:40.007Z",
}

_NO_APPROVAL = missing("approval", f"apr_{ID}")

LIST = Operation(
    method="get",
    path="/approvals",
    name="listApprovals",
    tag="Approvals",
    scope="read",
    summary="What agents ask people",
    description="Newest first. Admins see all of the organization, others those of their own conversations.",
    parameters=_FILTERS,
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=ApprovalsShape,
            example={"items": [WAITING_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
    ),
)

GET = Operation(
    method="get",
    path="/approvals/{approval_id}",
    name="getApproval",
    tag="Approvals",
    scope="read",
    summary="Get an approval",
    description="One of them; also when it is decided.",
    parameters=(_APPROVAL,),
    replies=(
        Reply(status=200, description="The approval.", shape=ApprovalShape, example=WAITING_EXAMPLE),
        _NO_APPROVAL,
    ),
)

DECIDE = Operation(
    method="post",
    path="/approvals/{approval_id}/decide",
    name="decideApproval",
    tag="Approvals",
    scope="converse",
    summary="Approve or deny",
    description="The turn goes on at once. Deciding the same again changes nothing and gets the first decision.",
    parameters=(_APPROVAL, KEY),
    request=DecideBody,
    request_example={"decision": "approve", "note": "Checked with billing."},
    replies=(
        Reply(
            status=200,
            description="The decision.",
            shape=ApprovalShape,
            example=_DECIDED_EXAMPLE,
            headers=REPLAYED,
        ),
        wrong("The field 'decision' is missing; it is 'approve' or 'deny'.", "missing", pointer="/decision"),
        problem(
            403,
            "not_allowed",
            "Only admins may decide this; ask one, or have the agent's policy changed.",
            description="The agent's policy lets only admins decide; or `scope_missing`.",
        ),
        _NO_APPROVAL,
        conflict(
            "already_decided",
            "This approval is expired already.",
            description="It was decided otherwise, expired, or its message was cancelled.",
        ),
    ),
)
