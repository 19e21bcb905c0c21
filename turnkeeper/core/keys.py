"""The secret of a key: made at random, shown once, and kept as its digest only."""

import base64
import hashlib
import os
from dataclasses import dataclass, field

KEY_PREFIX = "tk_"
_SHOWN = 11
"""How much of a key is kept in clear, to tell keys apart: `tk_` and 8 characters."""
_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Secret:
    """A new secret and what is kept of it."""

    text: str = field(repr=False)
    prefix: str
    digest: bytes = field(repr=False)


def new_secret() -> Secret:
    """A secret of 256 random bits."""
    text = KEY_PREFIX + base64.urlsafe_b64encode(os.urandom(_BYTES)).decode().rstrip("=")
    return Secret(text=text, prefix=text[:_SHOWN], digest=digest_of(text))


def digest_of(secret: str) -> bytes:
    """The SHA-256 by which a key is found. It needs no salt: nobody guesses 256 random bits."""
    return hashlib.sha256(secret.encode()).digest()
