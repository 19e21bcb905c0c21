"""Retention on the wire."""

from typing import Annotated

import msgspec
from msgspec import Meta

from turnkeeper.core.retention import LEAST_IDEMPOTENCY_HOURS, MOST_DAYS, MOST_IDEMPOTENCY_HOURS

_Days = Annotated[int, Meta(ge=1, le=MOST_DAYS)]


class RetentionShape(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """How long things are kept; null for as long as the server keeps them."""

    conversations_days: Annotated[
        _Days | None, Meta(description="Conversations untouched for so long are deleted.")
    ] = None
    text_days: Annotated[
        _Days | None,
        Meta(description="In conversations untouched for so long the log's pieces of text become empty; replies stay."),
    ] = None
    files_days: Annotated[_Days | None, Meta(description="Files go, also from the messages that have them.")] = None
    webhook_deliveries_days: Annotated[_Days | None, Meta(description="30 days at most, whatever this says.")] = None
    idempotency_hours: Annotated[
        Annotated[int, Meta(ge=LEAST_IDEMPOTENCY_HOURS, le=MOST_IDEMPOTENCY_HOURS)] | None,
        Meta(
            description=f"Results kept for repeated requests: {LEAST_IDEMPOTENCY_HOURS} to {MOST_IDEMPOTENCY_HOURS} hours."
        ),
    ] = None
