"""What requests for erasures say."""

from turnkeeper.core.erasures import Subject
from turnkeeper.core.errors import InvalidError
from turnkeeper.dialects.native.faults import shown
from turnkeeper.dialects.native.forms.reading import fields_of
from turnkeeper.dialects.native.translate.ids import account_in, conversation_in

_KNOWN = ("conversation_id", "account_id", "end_user")
_LONGEST_NAME = 64
_LONGEST_VALUE = 500


def erasure_form(body: bytes, content_type: str | None) -> Subject:
    """Check what is to be erased: exactly one of the members.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=_KNOWN)
    given = [name for name in _KNOWN if fields.raw(name) is not None]
    if len(given) != 1:
        why = "Name one thing to erase: a 'conversation_id', an 'account_id' or an 'end_user'."
        fields.wrong(given[1] if given else "conversation_id", why, "invalid")
        fields.check()
    conversation = fields.read("conversation_id", _conversation)
    account = fields.read("account_id", _account)
    person = fields.inner("end_user", known=("name", "value"))
    label = value = None
    if person is not None:
        label = person.needed_text("name", most=_LONGEST_NAME)
        value = person.needed_text("value", most=_LONGEST_VALUE)
    fields.check()
    if conversation is not None:
        return conversation
    return account or Subject(kind="end_user", label=label, value=value)


def _conversation(text: str) -> Subject:
    found = conversation_in(text)
    if found is None:
        raise InvalidError("conversation_id", f"{shown(text)} is no id of a conversation.", code="malformed_id")
    return Subject(kind="conversation", target=found)


def _account(text: str) -> Subject:
    found = account_in(text)
    if found is None:
        raise InvalidError("account_id", f"{shown(text)} is no id of an account.", code="malformed_id")
    return Subject(kind="person", target=found)
