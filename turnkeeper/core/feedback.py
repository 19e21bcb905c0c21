"""What people think of replies."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Rating = Literal["up", "down"]

LONGEST_COMMENT = 2_000
"""Characters."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """One account's opinion of one reply."""

    account_id: UUID | None
    """Public id; None when it was said elsewhere, before the conversation was imported."""
    rating: Rating
    comment: str | None
    updated_at: datetime
