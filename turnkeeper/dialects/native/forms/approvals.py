"""What decisions say."""

from collections.abc import Mapping
from dataclasses import dataclass

from turnkeeper.core.approvals import Verdict
from turnkeeper.dialects.native.forms.reading import fields_of

_VERDICTS: Mapping[str, Verdict] = {"approve": "approved", "deny": "denied"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Decide:
    """The body of a decision."""

    verdict: Verdict
    note: str | None


def decide_form(body: bytes, content_type: str | None) -> Decide:
    """Check the body of a decision. A blank note is none.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("decision", "note"))
    decision = fields.word("decision", tuple(_VERDICTS))
    note = fields.text("note")
    fields.check()
    return Decide(verdict=_VERDICTS[decision], note=note if note and note.strip() else None)
