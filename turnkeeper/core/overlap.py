"""What becomes of a message that comes while earlier ones of its conversation are unfinished: the rules, as values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

from turnkeeper.core.errors import ConflictError

Overlap = Literal["enqueue", "reject", "interrupt", "rollback", "steer", "merge"]
"""What becomes of a message that comes while another one of its conversation is being answered."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unfinished:
    """A message that is not finished, as the one that comes meets it."""

    id: int
    is_begun: bool
    """Whether a turn has begun to answer it."""
    is_parked: bool
    """Whether it waits for people."""
    is_acting: bool
    """Whether a call that changes the world was begun, and its outcome is not written down."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ruling:
    """What is done: the policy that is applied, and the messages that end for it, in their order."""

    applied: Overlap
    ends: tuple[int, ...] = ()
    steers: int | None = None
    """The message whose turn it is handed to."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind:
    """A queued message behind the one that a turn answers."""

    id: int
    way: Literal["steers", "merges", "waits"]
    """What it was accepted for: to be handed to this very turn, to be answered with what it waits behind, or to wait."""


def ruling_on(wanted: Overlap, unfinished: Sequence[Unfinished]) -> Ruling:
    """What is done with a message under this policy; `unfinished` are those before it, in order.

    With nothing before it every message is simply enqueued. What waits for a person, or is in the middle of a call that
    changes the world, is neither cut off nor handed more: the message waits behind it.

    Raises:
        ConflictError: code `busy`: the policy is `reject`, and something is unfinished.
    """
    if not unfinished:
        return Ruling(applied="enqueue")
    is_parked = any(message.is_parked for message in unfinished)
    is_acting = any(message.is_acting for message in unfinished)
    match wanted:
        case "enqueue":
            return Ruling(applied="enqueue")
        case "reject":
            raise ConflictError(
                "An earlier message of this conversation is not finished; send this one again when it is.", code="busy"
            )
        case "interrupt" | "rollback":
            if is_parked or is_acting:
                return Ruling(applied="enqueue")
            return Ruling(applied=wanted, ends=tuple(message.id for message in unfinished))
        case "steer":
            return Ruling(applied="enqueue") if is_parked else Ruling(applied="steer", steers=unfinished[0].id)
        case "merge":
            # Behind the one that is being answered somebody must wait, to be answered together with.
            return Ruling(applied="enqueue" if all(message.is_begun for message in unfinished) else "merge")
        case _:
            assert_never(wanted)


def joining(behind: Sequence[Behind], *, before_first_call: bool) -> tuple[int, ...]:
    """Which of the messages that wait behind a turn join it now, in order.

    Messages that steer join before any call of the model. Those to be merged join before the first one only, and as long
    as no message that is to be answered by itself stands between.
    """
    found: list[int] = []
    is_consecutive = before_first_call
    for message in behind:
        if message.way == "steers" or (message.way == "merges" and is_consecutive):
            found.append(message.id)
        else:
            is_consecutive = False
    return tuple(found)
