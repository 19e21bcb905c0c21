"""What is known of a tool's touch on the world: kinds of tools, and the effect of one call."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

ToolKind = Literal["pure", "idempotent", "keyed", "at_most_once"]
"""What may be done when a process dies around a call.

`pure` only reads, and `idempotent` means that twice is once: both are run again. `keyed` is run again with the same
key. `at_most_once` is never run again without asking a person.
"""

EffectState = Literal["intended", "done", "failed", "unknown"]
"""Written down before the call; it worked; the tool said that it did not; nobody knows, because a process died around it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Effect:
    """One call of a tool that is not `pure`. Its id is the idempotency key that goes out with the call."""

    id: UUID
    step: str
    """The recorded step of the turn that the call is."""
    call_id: str
    tool: str
    kind: ToolKind
    arguments: str
    """JSON text, as the model wrote it."""
    tries: int
    """How often the call was begun, this time included."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownEffect:
    """What earlier attempts at a turn left behind of an effect."""

    state: EffectState
    tries: int
