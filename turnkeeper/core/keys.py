"""The secret of a key: made at random, shown once, and kept as its digest only."""

import base64
import hashlib
import os
import re
from dataclasses import dataclass, field

KEY_PREFIX = "tk_"
_SHOWN = 11
"""How much of a key is kept in clear, to tell keys apart: `tk_` and 8 characters."""
_BYTES = 32
_KEY = re.compile(r"tk_[A-Za-z0-9_-]{43}")


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


def is_key(text: str) -> bool:
    """Whether it looks like one of our keys; what does not is none, and nobody need look for it."""
    return _KEY.fullmatch(text) is not None


def digest_of(secret: str) -> bytes:
    """The SHA-256 by which a key is found. It needs no salt: nobody guesses 256 random bits.

    A secret is never compared with another one: whoever looks for a digest, and measures how long that takes, learns of
    the digests beside it, not of the keys behind them.
    """
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
