"""What was said and done before: earlier turns of a conversation, and the summary of those that are too long ago."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class PastCall:
    """A call of a tool in an earlier turn. `arguments` is JSON text as the model wrote it."""

    tool: str
    arguments: str
    output: str | None
    """What the tool answered, perhaps only its beginning; None when no answer was ever recorded."""
    output_length: int = 0
    """In characters, of the whole answer."""
    failed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PastRound:
    """One reply of the model that called tools: what it said, and the calls in its order."""

    text: str
    calls: tuple[PastCall, ...]
    said: tuple[str, ...] = ()
    """What the person said while the turn ran, before this reply."""


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryTurn:
    """A question that was asked before, what was done about it, and its answer."""

    question: str
    answer: str
    """Blank when the turn ended without one; what was said until then, when it was cancelled."""
    rounds: tuple[PastRound, ...] = ()
    failure: str | None = None
    """Why there is no answer, or no whole one, in a sentence."""
    message_id: int = 0
    said: tuple[str, ...] = ()
    """What the person said while the turn ran, after the last of the rounds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """The running summary of a conversation: of everything up to and with one message and its answer."""

    up_to_message_id: int
    text: str
