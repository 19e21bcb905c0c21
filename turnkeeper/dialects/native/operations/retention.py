"""The operations on retention."""

from collections.abc import Mapping

from turnkeeper.dialects.native.operations.parameters import KEY, REPLAYED
from turnkeeper.dialects.native.operations.problems import problem, wrong
from turnkeeper.dialects.native.shapes.retention import RetentionShape
from turnkeeper.http_kit.openapi import Operation, Reply

_EXAMPLE: Mapping[str, object] = {
    "conversations_days": 365,
    "text_days": 30,
    "files_days": None,
    "webhook_deliveries_days": 7,
    "idempotency_hours": None,
}
_ADMINS_ONLY = problem(
    403,
    "not_allowed",
    "Only admins decide how long things are kept; ask one, or use an admin's key.",
    description="The key's account is no admin; or `scope_missing`.",
)

GET = Operation(
    method="get",
    path="/retention",
    name="getRetention",
    tag="Privacy",
    scope="admin",
    summary="How long things are kept",
    description="Null where nothing is decided: then they are kept.",
    replies=(Reply(status=200, description="It.", shape=RetentionShape, example=_EXAMPLE), _ADMINS_ONLY),
)

SET = Operation(
    method="put",
    path="/retention",
    name="setRetention",
    tag="Privacy",
    scope="admin",
    summary="Decide how long things are kept",
    description="All of it: what is left out is kept. A worker removes what is older, for good, within minutes.",
    parameters=(KEY,),
    request=RetentionShape,
    request_example=_EXAMPLE,
    replies=(
        Reply(status=200, description="It.", shape=RetentionShape, example=_EXAMPLE, headers=REPLAYED),
        wrong("The field 'files_days' must be a whole number from 1 to 36,500.", "invalid", pointer="/files_days"),
        _ADMINS_ONLY,
    ),
)
