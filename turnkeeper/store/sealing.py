"""Sealing secrets with AES-256-GCM: values in, what may rest in the database out."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from turnkeeper.core.errors import RefusedError
from turnkeeper.core.secrets import Sealed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
_NONCE_BYTES = 12
WHO = "vault"


class Keyring:
    """Keys at one moment: the first seals, all of them open."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """Take the keys, each of 32 bytes. Without any nothing can be sealed or opened."""
        self._keys = {key_id(key): key for key in keys}
        self.current_id = key_id(keys[0]) if keys else ""

    def knows(self, identifier: str) -> bool:
        """Whether the key with this id is among them."""
        return identifier in self._keys

    def seal(self, value: str, *, organization_id: int, name: str) -> Sealed:
        """The value, sealed with the first key, for this place only."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        ciphertext = _cipher(self._keys[self.current_id]).encrypt(nonce, value.encode(), _place(organization_id, name))
        return Sealed(key_id=self.current_id, nonce=nonce, ciphertext=ciphertext)

    def fingerprint(self, data: bytes) -> bytes:
        """What tells this data from other data, and cannot be guessed back without the first key."""
        return hmac.digest(self._keys[self.current_id], b"fingerprint\0" + data, "sha256")

    def open(self, sealed: Sealed, *, organization_id: int, name: str) -> str:
        """The value that was sealed for this place.

        Raises:
            RefusedError: it was sealed with a key that is not here, or it was changed or moved since.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - slow import

        key = self._keys.get(sealed.key_id)
        if key is None:
            raise _missing_key(name, sealed.key_id)
        try:
            value = _cipher(key).decrypt(sealed.nonce, sealed.ciphertext, _place(organization_id, name))
        except InvalidTag as error:
            message = (
                f"The secret {name!r} was damaged or moved in the database; set it again: turnkeeper vault set {name}"
            )
            raise RefusedError(WHO, message, code="vault_secret_damaged") from error
        return value.decode()


def key_id(key: bytes) -> str:
    """A name for a key, which tells nothing about it."""
    return hashlib.sha256(b"turnkeeper vault key\0" + key).hexdigest()[:16]


def new_key() -> bytes:
    """A random key."""
    return secrets.token_bytes(KEY_BYTES)


def key_from_text(text: str) -> bytes | None:
    """The key in base64, ordinary or for URLs; None when it is no key."""
    try:
        key = base64.b64decode(text.strip().replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def _missing_key(name: str, identifier: str) -> RefusedError:
    message = (
        f"The secret {name!r} was sealed with the vault key {identifier}, which this server does not have; "
        "give that key in TURNKEEPER_VAULT_KEY or TURNKEEPER_VAULT_OLD_KEYS, put the vault's key file back, "
        "or set the secret again."
    )
    return RefusedError(WHO, message, code="vault_key_missing")


def _place(organization_id: int, name: str) -> bytes:
    return f"turnkeeper secret\0{organization_id}\0{name}".encode()


def _cipher(key: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - slow import

    return AESGCM(key)
