"""What is said of keys."""

from turnkeeper.actions.key_rules import LONGEST_GRACE_SECONDS
from turnkeeper.actions.keys import KeyChanges, WantedKey
from turnkeeper.core.accounts import ALL_SCOPES, Scope
from turnkeeper.core.rates import MOST_PER_MINUTE
from turnkeeper.dialects.native.forms.reading import Fields, fields_of
from turnkeeper.dialects.native.translate.ids import account_in
from turnkeeper.dialects.native.translate.keys import SCOPES


def create_key_form(body: bytes, content_type: str | None) -> WantedKey:
    """Check the body that asks for a key.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    known = ("name", "account_id", "scopes", "expires_at", "requests_per_minute")
    fields = fields_of(body, content_type, known=known)
    account_text = fields.text("account_id", most=60)
    account = None if account_text is None else account_in(account_text)
    if account_text is not None and account is None:
        fields.wrong("account_id", "The field 'account_id' must be an account's id: `acc_…`.", "malformed_id")
    wanted = WantedKey(
        name=fields.needed_text("name", most=200),
        account=account,
        scopes=_scopes(fields),
        expires_at=fields.moment("expires_at"),
        requests_per_minute=_rate(fields),
    )
    fields.check()
    return wanted


def change_key_form(body: bytes, content_type: str | None) -> KeyChanges:
    """Check the body that changes a key. Raises as `create_key_form`."""
    fields = fields_of(body, content_type, known=("name", "requests_per_minute"))
    rate = _rate(fields)
    changes = KeyChanges(
        name=fields.needed_text("name", most=200) if fields.has("name") else None,
        requests_per_minute=rate,
        default_rate=fields.has("requests_per_minute") and rate is None,
    )
    fields.check()
    return changes


def rotate_key_form(body: bytes, content_type: str | None) -> int:
    """Check the body of a rotation, which may be left out; the seconds of grace. Raises as `create_key_form`."""
    if not body.strip():
        return 0
    fields = fields_of(body, content_type, known=("grace_seconds",))
    seconds = fields.whole("grace_seconds", least=0, most=LONGEST_GRACE_SECONDS)
    fields.check()
    return seconds or 0


def _rate(fields: Fields) -> int | None:
    return fields.whole("requests_per_minute", least=1, most=MOST_PER_MINUTE)


def _scopes(fields: Fields) -> frozenset[Scope] | None:
    words = fields.texts("scopes", most=len(SCOPES) * 2, longest=40)
    if words is None:
        return None
    for place, word in enumerate(words):
        if word not in ALL_SCOPES:
            fields.wrong(
                f"scopes/{place}", f"There is no such scope; there are {', '.join(SCOPES)}.", "invalid", is_pointer=True
            )
    if not words:
        fields.wrong("scopes", "A key needs at least one scope.", "invalid")
    return frozenset(scope for scope in SCOPES if scope in words)
