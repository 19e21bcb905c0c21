"""What several resources share: ids, moments, and errors."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

ApprovalId = Annotated[str, Meta(examples=["apr_01JZ3M6D2V7Z6R5T4W3X2Y1Z0C"])]
MessageId = Annotated[str, Meta(examples=["msg_01JZ3M4C1V7Z6R5T4W3X2Y1Z0B"])]
ConversationId = Annotated[str, Meta(examples=["conv_01JZ3M4C0V7Z6R5T4W3X2Y1Z0A"])]
AccountId = Annotated[str, Meta(examples=["acc_01JZ3M2Q9V7Z6R5T4W3X2Y1Z0D"])]
Moment = Annotated[
    str,
    Meta(
        description="RFC 3339, UTC.", examples=["2026-04-12T18:45:12.000Z"], extra_json_schema={"format": "date-time"}
    ),
]


class FaultShape(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One thing to mend, and where it is."""

    detail: str
    code: str
    pointer: Annotated[str | UnsetType, Meta(description="JSON Pointer into the body.", examples=["/note"])] = UNSET
    parameter: Annotated[str | UnsetType, Meta(description="The query parameter.", examples=["limit"])] = UNSET
    header: Annotated[str | UnsetType, Meta(description="The header.", examples=["Idempotency-Key"])] = UNSET


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What went wrong (RFC 9457). Programs go by `code`, people read `detail`."""

    type: Annotated[str, Meta(description="`urn:turnkeeper:problem:` and the code.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Meta(description="The path of the request.")]
    code: str
    request_id: Annotated[str | UnsetType, Meta(description="The request in the server's log.")] = UNSET
    errors: Annotated[list[FaultShape] | UnsetType, Meta(description="Every fault of the request.")] = UNSET
    retry_after: Annotated[int | UnsetType, Meta(description="Seconds after which to try again.")] = UNSET


def moment(at: datetime) -> str:
    """A moment as this dialect writes it, whatever zone the database speaks in."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
