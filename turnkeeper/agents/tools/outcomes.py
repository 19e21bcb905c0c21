"""What becomes of a call whose answer never came: it depends on what a second call would do."""

from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import OutcomeUnknownError, ToolFailedError, TransientError


class NoAnswerError(Exception):
    """A call got no answer; `why` is a sentence. `was_sent` is False only when it is certain that nothing left here."""

    def __init__(self, why: str, *, was_sent: bool) -> None:
        super().__init__(why)
        self.why = why
        self.was_sent = was_sent


def cut_off(kind: ToolKind, who: str, error: NoAnswerError) -> Exception:
    """The error to raise after a call of `who` that got no answer.

    What only reads is told to the model. What may be called again with the same effect id is, later, even when this time
    nothing was sent: an earlier try may have got through. What may not be called twice is a question to a person, unless
    it is certain that nothing was sent.
    """
    if kind in {"idempotent", "keyed"}:
        return TransientError(who, error.why)
    if kind == "pure" or not error.was_sent:
        return ToolFailedError(error.why)
    return OutcomeUnknownError(f"{error.why} The call may or may not have happened.")
