"""How an attempt at a turn ended: what is counted and logged."""

from dataclasses import dataclass
from typing import Literal

from turnkeeper.core.usage import Usage


@dataclass(frozen=True, kw_only=True, slots=True)
class TurnEnd:
    """One attempt. `parked` means that it waits for people, `lost` that another worker took the message over or that it was
    cancelled.
    """

    message_id: int
    conversation_id: int
    request_id: str | None
    """The request that brought the message."""
    outcome: Literal["completed", "failed", "parked", "retried", "lost"]
    code: str | None
    attempt: int
    waited_seconds: float
    """From acceptance to the start of this attempt."""
    ran_seconds: float
    usage: Usage
