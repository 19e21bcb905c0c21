"""Parameters and headers that several operations share."""

from collections.abc import Mapping

from turnkeeper.dialects.native.queries.reading import DEFAULT_LIMIT, MOST
from turnkeeper.http_kit.openapi import IDEMPOTENCY_KEY, Parameter

KEY = IDEMPOTENCY_KEY
WAIT = Parameter(
    name="Prefer",
    where="header",
    description="`wait=N`: answer when the message is finished, or after N ≤ 60 seconds. A message that waits for people "
    "is not finished.",
)
IF_MATCH = Parameter(
    name="If-Match",
    where="header",
    description="The `ETag` of the version that you have seen: when there is another one by now, nothing is changed and "
    "the answer is 412.",
)
LIMIT = Parameter(
    name="limit",
    where="query",
    description=f"How many: {DEFAULT_LIMIT} if left out.",
    schema={"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
)
CURSOR = Parameter(name="cursor", where="query", description="The `next_cursor` of the page before.")
REPLAYED: Mapping[str, str] = {"Idempotency-Replayed": "`true` on the repeated answer to an Idempotency-Key."}
WAITED: Mapping[str, str] = {"Preference-Applied": "`wait=N` when the request preferred to wait."}
ETAG: Mapping[str, str] = {"ETag": "The version, for `If-Match`."}
LOCATION: Mapping[str, str] = {"Location": "Where it is found."}
