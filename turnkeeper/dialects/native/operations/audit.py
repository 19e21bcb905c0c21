"""The operations on the audit log."""

from collections.abc import Mapping

from turnkeeper.core.audit import ACTIONS
from turnkeeper.dialects.native.operations.parameters import CURSOR, LIMIT
from turnkeeper.dialects.native.operations.problems import conflict, problem, wrong
from turnkeeper.dialects.native.shapes.audit import (
    AuditEntryShape,
    AuditHeadShape,
    AuditShape,
    FailedSignInsListShape,
    VerifiedShape,
)
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

_HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_ENTRY: Mapping[str, object] = {
    "number": 41,
    "at": "2026-04-12T18:45:12.123456Z",
    "actor": {
        "origin": "key",
        "account_id": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
        "account_name": "ada@example.com",
        "key_id": "key_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0K",
    },
    "action": "agent.deployed",
    "target": {"kind": "agent", "id": "agt_01JZ3M3A0V7Z6R5T4W3X2Y1Z0E"},
    "details": {"revision": 3},
    "request_id": "01JZ3M9A0V7Z6R5T4W3X2Y1Z0G",
    "previous_hash": "0" * 64,
    "hash": _HASH,
}
_LINE = (
    "41,2026-04-12T18:45:12.123456Z,key,acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D,ada@example.com,,agent.deployed,agent,"
    f'agt_01JZ3M3A0V7Z6R5T4W3X2Y1Z0E,"{{""revision"":3}}",01JZ3M9A0V7Z6R5T4W3X2Y1Z0G,{"0" * 64},{_HASH}\r\n'
)
ADMINS_ONLY = problem(
    403,
    "not_allowed",
    "Only admins see the audit log; ask one, or use an admin's key.",
    description="The key's account is no admin; or `scope_missing`.",
)
_TIME: Mapping[str, object] = {"type": "string", "format": "date-time"}
_FILTERS = (
    Parameter(
        name="action",
        where="query",
        description="Only this action.\n\n" + "\n".join(f"- `{name}`: {text}" for name, text in ACTIONS.items()),
        schema={"type": "string", "enum": list(ACTIONS)},
    ),
    Parameter(name="account", where="query", description="Only what this account did: `acc_…`."),
    Parameter(name="target", where="query", description="Only what was done to this: its id, or a secret's name."),
    Parameter(name="from", where="query", description="Not before this time.", schema=_TIME),
    Parameter(name="to", where="query", description="Before this time.", schema=_TIME),
)

LIST = Operation(
    method="get",
    path="/audit",
    name="listAudit",
    tag="Audit",
    scope="admin",
    summary="Who changed what",
    description="Newest first. Entries are never changed or removed; they have nothing of what people and agents said.",
    parameters=(*_FILTERS, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=AuditShape,
            example={"items": [_ENTRY], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        ADMINS_ONLY,
    ),
)

EXPORT = Operation(
    method="get",
    path="/audit/export",
    name="exportAudit",
    tag="Audit",
    scope="admin",
    summary="The log as a file",
    description="Oldest first, all of it that fits the filters, as it is read: one JSON object a line, or a CSV table of "
    "which no cell is a formula.",
    parameters=(
        *_FILTERS,
        Parameter(
            name="format",
            where="query",
            description="`ndjson` if left out.",
            schema={"type": "string", "enum": ["ndjson", "csv"], "default": "ndjson"},
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="The entries.",
            shape=AuditEntryShape,
            example=_ENTRY,
            media="application/x-ndjson",
            text_media={"text/csv": _LINE},
            headers={"Content-Disposition": "`attachment`, with a name for the file."},
        ),
        wrong("The parameter 'format' must be one of ndjson, csv.", "invalid", parameter="format"),
        ADMINS_ONLY,
    ),
)

HEAD = Operation(
    method="get",
    path="/audit/head",
    name="getAuditHead",
    tag="Audit",
    scope="admin",
    summary="The end of the log",
    description="Noted where nobody who could change the log can change it too, it shows later that nothing was cut off: "
    "`turnkeeper audit verify --head NUMBER:HASH`.",
    replies=(
        Reply(
            status=200,
            description="The end.",
            shape=AuditHeadShape,
            example={"number": 41, "hash": _HASH, "head": f"41:{_HASH}"},
        ),
        ADMINS_ONLY,
    ),
)

VERIFY = Operation(
    method="get",
    path="/audit/verify",
    name="verifyAudit",
    tag="Audit",
    scope="admin",
    summary="Whether the log is whole",
    description="Walks the whole log and checks that each entry is as it was written and follows on the one before. "
    "`turnkeeper audit verify` does the same for logs that take longer than 30 seconds.",
    parameters=(
        Parameter(
            name="head",
            where="query",
            description="A `head` that was noted earlier: that entry must still be there as it was.",
        ),
    ),
    replies=(
        Reply(
            status=200,
            description="What was found.",
            shape=VerifiedShape,
            example={"holds": True, "head": f"41:{_HASH}", "entries": 41, "broken_at": None, "why": None},
        ),
        wrong(
            "A head is written NUMBER:HASH, with the 64 hexadecimal digits of the hash.", "invalid", parameter="head"
        ),
        ADMINS_ONLY,
        conflict(
            "log_too_long",
            "The log is too long to be walked in a request; run `turnkeeper audit verify`.",
            description="It was not done after 30 seconds.",
        ),
    ),
)

SIGN_INS = Operation(
    method="get",
    path="/audit/failed-sign-ins",
    name="listFailedSignIns",
    tag="Audit",
    scope="admin",
    summary="Keys that were no good",
    description="How many requests came with expired or revoked keys of the organization, or with those of inactive "
    "accounts, by day of UTC. They are counted and have no entries. The count is up to ten seconds behind.",
    replies=(
        Reply(
            status=200,
            description="The last 90 days.",
            shape=FailedSignInsListShape,
            example={"items": [{"day": "2026-04-12", "reason": "revoked", "count": 17}]},
        ),
        ADMINS_ONLY,
    ),
)
