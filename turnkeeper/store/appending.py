"""What a turn learns from each of its writes, and what readers are told of the events without reading them back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import LiteralString

from psycopg.rows import TupleRow

from turnkeeper.core.errors import ClaimLostError

_LOGGED: LiteralString = "WITH ORDINALITY AS e(kind, body, n)"
_JOINING: LiteralString = "SELECT joining FROM talk"
_LOGGED_TOLD: LiteralString = f"{_LOGGED} RETURNING number, created_at"
_JOINING_TOLD: LiteralString = "SELECT joining, base, ARRAY(SELECT created_at FROM logged ORDER BY number) FROM talk"


@dataclass(frozen=True, kw_only=True, slots=True)
class Appended:
    """What a write found and made: `joining` is the first event of the newest message that may join (`store.joining`)."""

    joining: int
    base: int = 0
    """The numbers of its events follow this one."""
    moments: Sequence[datetime] = ()
    """When each of them was written, for readers; empty when nobody asked."""


@cache
def telling(statement: LiteralString) -> LiteralString:
    """The statement of `turns.append`, which also returns what readers are told."""
    return statement.replace(_LOGGED, _LOGGED_TOLD).replace(_JOINING, _JOINING_TOLD)


def appended_in(row: TupleRow | None) -> Appended:
    """What such a statement returned.

    Raises:
        ClaimLostError: nothing, because another worker answers this message now.
    """
    if row is None:
        raise claim_lost()
    if len(row) == 1:
        return Appended(joining=row[0])
    return Appended(joining=row[0], base=row[1], moments=row[2])


def claim_lost() -> ClaimLostError:
    """What a worker hears whose claim is not the conversation's any more."""
    return ClaimLostError("Another worker answers this message now.")
