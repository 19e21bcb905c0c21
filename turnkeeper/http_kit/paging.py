"""Opaque cursors: where a list stopped, to be handed back by the client."""

import base64
import binascii
from datetime import UTC, datetime

import msgspec

from turnkeeper.core.errors import InvalidError


class _Position(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    at: datetime
    id: int
    order: str


def cursor_of(at: datetime, number: int, order: str) -> str:
    """A cursor behind the row with this sort key, valid for lists in this order."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(_Position(at, number, order))).decode().rstrip("=")


def position_of(cursor: str, order: str) -> tuple[datetime, int]:
    """The sort key inside a cursor.

    Raises:
        InvalidError: the cursor was not made by this server, or for a list in another order.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        position = msgspec.msgpack.decode(base64.urlsafe_b64decode(padded), type=_Position)
    except (ValueError, binascii.Error, msgspec.DecodeError) as error:
        raise InvalidError("cursor", "This cursor was not made by this server; start again without one.") from error
    if position.order != order or position.at.tzinfo is None or not 0 <= position.id < 2**63:
        raise InvalidError("cursor", "This cursor belongs to a list in another order; start again without one.")
    return position.at.astimezone(UTC), position.id
