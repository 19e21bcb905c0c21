"""The operations on runs that bring a data set up to date."""

from collections.abc import Mapping
from typing import get_args

from turnkeeper.core.syncs import SyncState
from turnkeeper.dialects.native.operations.data_sets import DATA_SET, NO_DATA_SET, ONLY_ADMINS
from turnkeeper.dialects.native.operations.parameters import CURSOR, KEY, LIMIT, LOCATION, REPLAYED, WAITED
from turnkeeper.dialects.native.operations.problems import ID, missing, problem, wrong
from turnkeeper.dialects.native.shapes.syncs import FilesForm, SyncErrorsShape, SyncShape, SyncsShape
from turnkeeper.http_kit.openapi import Operation, Parameter, Reply

SYNC_WAIT = Parameter(
    name="Prefer", where="header", description="`wait=N`: answer when the run has ended, or after N ≤ 60 seconds."
)
RETRY: Mapping[str, str] = {"Retry-After": "Seconds after which to look again, while it has not ended."}
NOT_A_FORM = problem(
    415,
    "not_multipart",
    "The file must come as a form: send `Content-Type: multipart/form-data`.",
    description="The body is of a kind that is not read here.",
)
FORM_TOO_LARGE = problem(
    413,
    "too_large",
    "The file 'a.pdf' is too large; the most is 25,000,000 bytes.",
    description="A file is too large, or all of them together.",
)
_SYNC = Parameter(name="sync_id", where="path", description="The run: `sync_…`.")
_NO_SYNC = missing("run", f"sync_{ID}")

QUEUED_EXAMPLE: Mapping[str, object] = {
    "id": f"sync_{ID}",
    "data_set_id": "ds_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0E",
    "state": "queued",
    "mode": "merge",
    "origin": "upload",
    "files": 1,
    "found": 0,
    "skipped": 0,
    "to_read": None,
    "read": 0,
    "added": 0,
    "changed": 0,
    "unchanged": 0,
    "removed": 0,
    "unreadable": 0,
    "documents": 0,
    "products": 0,
    "passages": 0,
    "vectors_waiting": 0,
    "error": None,
    "requested_by": "acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D",
    "created_at": "2026-04-12T18:45:12.000Z",
    "started_at": None,
    "ended_at": None,
}
_DONE_EXAMPLE: Mapping[str, object] = {
    **QUEUED_EXAMPLE,
    "state": "completed",
    "mode": "replace",
    "found": 214,
    "skipped": 31,
    "to_read": 14,
    "read": 14,
    "added": 12,
    "changed": 2,
    "unchanged": 200,
    "removed": 3,
    "unreadable": 1,
    "documents": 13,
    "passages": 96,
    "vectors_waiting": 64,
    "started_at": "2026-04-12T18:45:12.010Z",
    "ended_at": "2026-04-12T18:45:14.700Z",
}
_CANCELLED_EXAMPLE: Mapping[str, object] = {
    **QUEUED_EXAMPLE,
    "state": "cancelled",
    "found": 214,
    "to_read": 14,
    "read": 5,
    "started_at": "2026-04-12T18:45:12.010Z",
    "ended_at": "2026-04-12T18:45:13.400Z",
}

ACCEPTED = Reply(
    status=202,
    description="The run is written down and will be done, whatever happens.",
    shape=SyncShape,
    example=QUEUED_EXAMPLE,
    headers={**LOCATION, **RETRY, **WAITED, **REPLAYED},
)

BEGIN = Operation(
    method="post",
    path="/data-sets/{data_set_id}/syncs",
    name="beginSync",
    tag="Syncs",
    scope="manage_data",
    summary="Upload files or a folder as one run",
    description=(
        "Files, and ZIP archives of folders, whose files are called by their paths inside. One run is done as a whole: "
        "readers see all of it, or nothing. What is unchanged is not read again; what cannot be read is told by the run. "
        "Runs of one data set are done one after the other.\n\n"
        "Reads Markdown, text, HTML, PDF, DOCX, CSV, XLSX and product JSONL."
    ),
    parameters=(
        DATA_SET,
        Parameter(
            name="mode",
            where="query",
            description="`merge`, if left out: what is not in it stays. `replace`: the data set is made equal to it, so "
            "what is not in it goes.",
            schema={"type": "string", "enum": ["merge", "replace"], "default": "merge"},
        ),
        SYNC_WAIT,
        KEY,
    ),
    request=FilesForm,
    request_example={"file": ["the bytes of handbook.zip"]},
    request_media="multipart/form-data",
    replies=(
        ACCEPTED,
        wrong("No file came in the field 'file'.", "missing", pointer="/file"),
        ONLY_ADMINS,
        NO_DATA_SET,
        FORM_TOO_LARGE,
        NOT_A_FORM,
    ),
)

LIST = Operation(
    method="get",
    path="/data-sets/{data_set_id}/syncs",
    name="listSyncs",
    tag="Syncs",
    scope="read",
    summary="The runs of a data set",
    description="Newest first; those of `turnkeeper data-sets import` too. They are kept for 90 days.",
    parameters=(
        DATA_SET,
        Parameter(
            name="state",
            where="query",
            description="Only those in this state.",
            schema={"type": "string", "enum": list(get_args(SyncState))},
        ),
        LIMIT,
        CURSOR,
    ),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=SyncsShape,
            example={"items": [_DONE_EXAMPLE], "has_more": False, "next_cursor": None},
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        NO_DATA_SET,
    ),
)

GET = Operation(
    method="get",
    path="/data-sets/{data_set_id}/syncs/{sync_id}",
    name="getSync",
    tag="Syncs",
    scope="read",
    summary="How a run stands",
    description="Its state, how far it is, and its counts. Vectors follow after it is completed.",
    parameters=(DATA_SET, _SYNC, SYNC_WAIT),
    replies=(
        Reply(
            status=200,
            description="The run.",
            shape=SyncShape,
            example=_DONE_EXAMPLE,
            headers={**WAITED, **RETRY},
        ),
        _NO_SYNC,
    ),
)

LIST_ERRORS = Operation(
    method="get",
    path="/data-sets/{data_set_id}/syncs/{sync_id}/errors",
    name="listSyncErrors",
    tag="Syncs",
    scope="read",
    summary="What a run could not read",
    description="Each with its address and a sentence; the first 10,000 are kept.",
    parameters=(DATA_SET, _SYNC, LIMIT, CURSOR),
    replies=(
        Reply(
            status=200,
            description="A page.",
            shape=SyncErrorsShape,
            example={
                "items": [{"address": "scans/old.pdf", "detail": "It holds no text: it may be a scan."}],
                "has_more": False,
                "next_cursor": None,
            },
        ),
        wrong("The parameter 'limit' must be a whole number from 1 to 100.", "invalid", parameter="limit"),
        _NO_SYNC,
    ),
)

CANCEL = Operation(
    method="post",
    path="/data-sets/{data_set_id}/syncs/{sync_id}/cancel",
    name="cancelSync",
    tag="Syncs",
    scope="manage_data",
    summary="Cancel a run",
    description=(
        "Nothing of it is kept. A run that has ended stays as it is, so cancelling twice is as good as once. "
        "The body is empty, or `{}`."
    ),
    parameters=(DATA_SET, _SYNC, KEY),
    replies=(
        Reply(
            status=200,
            description="The run as it stands then, always ended.",
            shape=SyncShape,
            example=_CANCELLED_EXAMPLE,
            headers=REPLAYED,
        ),
        wrong("The field 'x' is not known here; it takes none.", "unknown_field", pointer="/x"),
        ONLY_ADMINS,
        _NO_SYNC,
    ),
)
