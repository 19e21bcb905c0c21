"""What the door says of itself as a whole."""

from collections.abc import Sequence

from turnkeeper.dialects.native.operations.problems import whole
from turnkeeper.http_kit.openapi import Description, Operation, openapi_document

TITLE = "Turnkeeper: native dialect"

_ABOUT = Description(
    title=TITLE,
    version="1",
    text=(
        "Every feature of the server, nothing hidden. What was begun at another door is found here too.\n\n"
        "Ids are opaque and begin with their kind: `apr_…`, `msg_…`, `conv_…`. Those that other dialects give for messages "
        "and conversations (`cmsg_…`, `job_…`, a `task_id`) are understood too. Times are RFC 3339 in UTC.\n\n"
        "A key has scopes, and each operation needs one of them: `read` to look, `converse` to talk, `manage_agents` and "
        "`manage_data` to change agents and data sets, `admin` to run the organization.\n\n"
        "Errors are RFC 9457, `application/problem+json`: `code` does not change and is for programs, `detail` is for "
        "people, and `errors` has every fault of the request with a JSON Pointer into the body, or the name of the "
        "parameter or header. Members and parameters that are not known are refused by name.\n\n"
        "Every request that changes something takes an `Idempotency-Key`: sent again, it gets the first result again, with "
        "`Idempotency-Replayed: true`."
    ),
    security={
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "`Authorization: Bearer <key>`, or `Token <key>`",
        },
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "`X-API-Key: <key>`"},
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": "turnkeeper_session",
            "description": "What `POST /v1/sessions` hands to a browser; changes need `X-CSRF-Token` beside it.",
        },
    },
)


def description(operations: Sequence[Operation], prefix: str) -> dict[str, object]:
    """The OpenAPI document of these operations, with whole paths."""
    return openapi_document(_ABOUT, [whole(operation) for operation in operations], prefix=prefix)
