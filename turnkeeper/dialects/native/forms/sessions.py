"""What is said to sign in."""

from dataclasses import dataclass, field

from turnkeeper.dialects.native.forms.reading import fields_of

_LONGEST = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInForm:
    """A one-time code, or, without one, an e-mail address and a password."""

    code: str | None = field(repr=False)
    email: str
    password: str = field(repr=False)


def sign_in_form(body: bytes, content_type: str | None) -> SignInForm:
    """Check the body that signs in.

    Raises:
        FaultsError: it cannot be used.
        InvalidError: it is no JSON object.
        MediaTypeError: it does not say that it is JSON.
    """
    fields = fields_of(body, content_type, known=("email", "password", "code"))
    if fields.has("code"):
        for name in ("email", "password"):
            if fields.raw(name) is not None:
                fields.wrong(name, f"There is a 'code', which needs no {name!r}.", "invalid")
        form = SignInForm(code=fields.needed_text("code", most=_LONGEST), email="", password="")
    else:
        email, password = fields.needed_text("email", most=_LONGEST), fields.needed_text("password", most=_LONGEST)
        form = SignInForm(code=None, email=email, password=password)
    fields.check()
    return form
