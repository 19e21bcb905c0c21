"""Secrets of an organization: keys and passwords for what its agents use. Their values are never shown again."""

import re
from dataclasses import dataclass
from datetime import datetime

from turnkeeper.core.errors import InvalidError

LONGEST_VALUE_BYTES = 16_384
_NAME = re.compile(r"[A-Z0-9_]{1,100}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """What may be told of a secret."""

    name: str
    set_by: str | None
    """The name of the account that set it last; None when that account is gone."""
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Sealed:
    """A secret's value as it is stored: readable only with the key that `key_id` names."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


def checked_name(name: str) -> str:
    """The name, if a secret may have it.

    Raises:
        InvalidError: the field `name` has other characters than A–Z, 0–9 and the underscore, or more than 100.
    """
    if _NAME.fullmatch(name) is None:
        why = "The name of a secret has 1 to 100 characters out of A–Z, 0–9 and the underscore, such as OPENAI_API_KEY."
        raise InvalidError("name", why)
    return name


def checked_value(value: str) -> str:
    """The value, if it can be kept. What is wrong with it is told without showing it.

    Raises:
        InvalidError: the field `value` is blank, no text, or longer than 16,384 bytes.
    """
    if not value.strip():
        raise InvalidError("value", "The value of the secret is blank; give it, or delete the secret instead.")
    try:
        length = len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidError("value", "The value of the secret is not valid text in UTF-8.") from error
    if length > LONGEST_VALUE_BYTES:
        why = f"The value of the secret has {length:,} bytes; at most {LONGEST_VALUE_BYTES:,} are kept."
        raise InvalidError("value", why)
    return value
