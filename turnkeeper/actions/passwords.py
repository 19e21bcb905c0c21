"""Passwords: argon2id hashes. Slow by design, so nothing here belongs on a request's path."""

from argon2 import PasswordHasher

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """The argon2id hash to store; takes some 0.1 s of CPU and 64 MiB."""
    return _HASHER.hash(password)
