"""The operations on erasures."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED, WAITED
from turnkeeper.dialects.native.operations.problems import conflict, missing, problem, wrong
from turnkeeper.dialects.native.shapes.erasures import ErasureBody, ErasureShape, ErasuresShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_ID = "ers_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"
_CONVERSATION = "conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A"
_QUEUED: Mapping[str, object] = {
    "id": _ID,
    "kind": "conversation",
    "conversation_id": _CONVERSATION,
    "account_id": None,
    "end_user_name": None,
    "state": "queued",
    "removed": {},
    "created_at": "2026-04-12T18:45:12.000Z",
    "ended_at": None,
    "audit_number": None,
    "hash": None,
}
_DONE: Mapping[str, object] = {
    **_QUEUED,
    "state": "completed",
    "removed": {"conversations": 1, "messages": 4, "events": 31, "files": 1, "bytes": 48211},
    "ended_at": "2026-04-12T18:45:13.000Z",
    "audit_number": 42,
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}
_ADMINS_ONLY = problem(
    403,
    "not_allowed",
    "Only admins have something erased; ask one, or use an admin's key.",
    description="The key's account is no admin; or `scope_missing`.",
)
_WAIT = Parameter(
    name="Prefer", where="header", description="`wait=N`: answer when it is done, or after N ≤ 60 seconds."
)

CREATE = Operation(
    method="post",
    path="/erasures",
    name="createErasure",
    tag="Privacy",
    scope="admin",
    summary="Erase a conversation, a person or an end user",
    description=(
        "For good, in the background: messages, events, calls of tools, approvals, summaries, files and their bytes, "
        "deliveries of webhooks, stored results of requests; of a person also schedules, keys, opinions, notes and the "
        "documents made from uploads. The account stays as a tombstone without name and address, and is signed out at "
        "once. Entries of the audit log stay: they have nothing of the content."
    ),
    parameters=(KEY,),
    request=ErasureBody,
    request_example={"conversation_id": _CONVERSATION},
    replies=(
        Reply(
            status=202,
            description="It is asked for.",
            shape=ErasureShape,
            example=_QUEUED,
            headers={**LOCATION, **REPLAYED, "Retry-After": "Seconds after which to look."},
        ),
        wrong(
            "Name one thing to erase: a 'conversation_id', an 'account_id' or an 'end_user'.",
            "invalid",
            pointer="/conversation_id",
        ),
        _ADMINS_ONLY,
        missing("conversation", _CONVERSATION),
        conflict(
            "last_admin",
            "This is the last admin of the organization; make another account an admin before.",
            description="Nobody would run the organization.",
        ),
    ),
)

GET = Operation(
    method="get",
    path="/erasures/{erasure_id}",
    name="getErasure",
    tag="Privacy",
    scope="admin",
    summary="Get an erasure, or its receipt",
    description="How far it is; once it is completed, what was removed, by kind and count.",
    parameters=(Parameter(name="erasure_id", where="path", description="The erasure: `ers_…`."), _WAIT),
    replies=(
        Reply(status=200, description="The erasure.", shape=ErasureShape, example=_DONE, headers=WAITED),
        _ADMINS_ONLY,
        missing("erasure", _ID),
    ),
)

LIST = Operation(
    method="get",
    path="/erasures",
    name="listErasures",
    tag="Privacy",
    scope="admin",
    summary="The organization's erasures",
    description="Newest first. Receipts are kept.",
    parameters=(LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=ErasuresShape,
            example={"items": [_DONE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        _ADMINS_ONLY,
    ),
)
