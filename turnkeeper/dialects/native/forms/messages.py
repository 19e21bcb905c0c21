"""What is said in the place of a message, and of replies."""

from collections.abc import Mapping
from dataclasses import dataclass

from turnkeeper.actions.accepting import LONGEST_TEXT
from turnkeeper.core.feedback import LONGEST_COMMENT, Rating
from turnkeeper.dialects.native.forms.reading import fields_of

MOST_TEXT_BYTES = 6 * LONGEST_TEXT + 10_000
"""The longest text fits, also when every character is escaped."""
_RATINGS: Mapping[str, Rating] = {"up": "up", "down": "down"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Opinion:
    """The body of feedback."""

    rating: Rating
    comment: str | None


def edit_form(body: bytes, content_type: str | None) -> str:
    """The text that is to stand in the place of a message.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: the body is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("text",))
    text = fields.needed_text("text", most=LONGEST_TEXT)
    fields.check()
    return text


def feedback_form(body: bytes, content_type: str | None) -> Opinion:
    """Check an opinion. A blank comment is none.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: the body is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("rating", "comment"))
    rating = fields.word("rating", tuple(_RATINGS))
    comment = fields.text("comment", most=LONGEST_COMMENT)
    fields.check()
    return Opinion(rating=_RATINGS[rating], comment=comment if comment and comment.strip() else None)
