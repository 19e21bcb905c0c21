"""What names and addresses may be."""

from turnkeeper.core.errors import InvalidError

_LONGEST = 200


def checked_name(name: str) -> str:
    """The name without white space around it.

    Raises:
        InvalidError: field `name`: it is blank, too long or cannot be printed.
    """
    stripped = name.strip()
    if not stripped or len(stripped) > _LONGEST or not stripped.isprintable():
        raise InvalidError("name", f"A name has 1 to {_LONGEST} printable characters.")
    return stripped


def checked_email(email: str) -> str:
    """The e-mail address without white space around it.

    Raises:
        InvalidError: field `email`: it is none.
    """
    address = email.strip()
    name, _, domain = address.partition("@")
    if not name or ("." not in domain.strip(".") and domain != "localhost"):
        raise InvalidError("email", f"{email[:_LONGEST]!r} is not an e-mail address.")
    if len(address) > _LONGEST or not address.isprintable() or " " in address:
        raise InvalidError("email", f"An e-mail address has at most {_LONGEST} characters, and no spaces.")
    return address
