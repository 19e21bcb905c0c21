"""What is said of members and organizations."""

from dataclasses import dataclass

import msgspec

from turnkeeper.actions.members import MemberChanges
from turnkeeper.core.accounts import AccountKind, Role
from turnkeeper.dialects.native.forms.reading import Fields, fields_of

_ROLES: dict[str, Role] = {"admin": "admin", "member": "member"}
_LONGEST_PASSWORD = 1_000
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMember:
    """Somebody to be added; a person has a password, and an e-mail address for a name."""

    kind: AccountKind
    name: str
    password: str
    role: Role
    fingerprint: bytes
    """The body without the password: what is kept of a request must not help to guess it."""


def create_member_form(body: bytes, content_type: str | None) -> NewMember:
    """Check the body that adds a member.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("kind", "email", "password", "name", "role"))
    is_user = fields.word("kind", ("user", "service")) == "user"
    if is_user:
        _refuse(fields, "name", "A person has an 'email' and no 'name'.")
        name = fields.needed_text("email", most=_LONGEST_NAME)
        password = _needed_password(fields, "password")
    else:
        _refuse(fields, "email", "A service account has a 'name' and no 'email'.")
        _refuse(fields, "password", "A service account has no password; it signs in with keys.")
        name, password = fields.needed_text("name", most=_LONGEST_NAME), ""
    role = _role(fields) or "member"
    fields.check()
    return NewMember(
        kind="user" if is_user else "service",
        name=name,
        password=password,
        role=role,
        fingerprint=msgspec.json.encode(["user" if is_user else "service", name, role]),
    )


def change_member_form(body: bytes, content_type: str | None) -> tuple[MemberChanges, bytes]:
    """Check the body that changes a member; the changes, and the body without the password. Raises as the others."""
    fields = fields_of(body, content_type, known=("role", "is_active", "password"))
    changes = MemberChanges(
        role=_role(fields),
        is_active=fields.flag("is_active"),
        password=_needed_password(fields, "password") if fields.has("password") else None,
    )
    fields.check()
    return changes, msgspec.json.encode([changes.role, changes.is_active, changes.password is not None])


def password_form(body: bytes, content_type: str | None) -> tuple[str | None, str]:
    """Check the body that changes the own password: the current one, if it came, and the new one. Raises as the others."""
    fields = fields_of(body, content_type, known=("current_password", "new_password"))
    current = fields.text("current_password", most=_LONGEST_PASSWORD)
    new = _needed_password(fields, "new_password")
    fields.check()
    return current, new


def organization_form(body: bytes, content_type: str | None) -> str:
    """Check the body that names an organization; the name. Raises as the others."""
    fields = fields_of(body, content_type, known=("name",))
    name = fields.needed_text("name", most=_LONGEST_NAME)
    fields.check()
    return name


def _role(fields: Fields) -> Role | None:
    word = fields.word_or_none("role", tuple(_ROLES))
    return None if word is None else _ROLES[word]


def _needed_password(fields: Fields, name: str) -> str:
    password = fields.needed_text(name, most=_LONGEST_PASSWORD)
    if password.strip() and len(password) < 8:
        fields.wrong(name, f"The field {name!r} has fewer than 8 characters.", "too_short")
    return password


def _refuse(fields: Fields, name: str, why: str) -> None:
    if fields.raw(name) is not None:
        fields.wrong(name, why, "not_for_this_kind")
