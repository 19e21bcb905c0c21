"""What clients say in headers: the key, the Idempotency-Key, and how long they would wait."""

import hashlib
import re
from collections.abc import Mapping
from typing import Protocol

import msgspec

from turnkeeper.core.errors import InvalidError, NotSignedInError
from turnkeeper.core.idempotency import IdempotencyKey

LONGEST_WAIT_SECONDS = 60
_SCHEMES = frozenset({"bearer", "token"})
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}")
_VERSION = re.compile(r'(?:W/)?"(\d{1,18})"')
NO_VERSION = -1
"""What is never a version."""
_WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,9})\"?(?=$|[,;\s])", re.IGNORECASE)


class Headers(Protocol):
    """The headers of a request, by name in any case."""

    def get(self, key: str, /) -> str | None:
        """The value of a header."""
        ...


def secret_from(headers: Headers) -> str:
    """The key of a request: `Authorization: Bearer …` or `Token …`, or `X-API-Key`; all mean the same.

    Raises:
        NotSignedInError: code `missing` (no header, or another scheme), `empty` (a scheme without a key) or `spaces`
            (a key in several words).
    """
    secret = key_from(headers)
    if secret is None:
        raise NotSignedInError("No API key came with the request; send `Authorization: Bearer <key>`.")
    return secret


def key_from(headers: Headers) -> str | None:
    """As `secret_from`, and None when neither header came: who asks may have another way to say who he is."""
    authorization = headers.get("authorization")
    if authorization is None:
        return (headers.get("x-api-key") or "").strip() or None
    scheme, *words = authorization.split() or [""]
    if scheme.lower() not in _SCHEMES:
        raise NotSignedInError("Only the schemes `Bearer` and `Token` are understood in `Authorization`.")
    if not words:
        raise NotSignedInError("The `Authorization` header has a scheme but no key.", code="empty")
    if len(words) > 1:
        raise NotSignedInError("The key in the `Authorization` header contains spaces.", code="spaces")
    return words[0]


def idempotency_key_from(headers: Headers, *, method: str, path: str, body: bytes) -> IdempotencyKey | None:
    """The client's name for this request, if it gave one. The key may be in quotes, as the IETF draft writes it.

    The fingerprint is of the canonical body: the order of members and white space do not matter.

    Raises:
        InvalidError: the header is empty, too long or has characters that cannot be seen.
    """
    value = headers.get("idempotency-key")
    if value is None:
        return None
    key = value.strip()
    if len(key) > 1 and key.startswith('"') and key.endswith('"'):
        key = key[1:-1]
    if not _VISIBLE.fullmatch(key):
        raise InvalidError("Idempotency-Key", "An Idempotency-Key has 1 to 255 visible ASCII characters.")
    return IdempotencyKey(route=f"{method} {path}", key=key, fingerprint=hashlib.sha256(_canonical(body)).digest())


def wait_from(headers: Headers) -> int:
    """The seconds of `Prefer: wait=N`, at most 60; 0 without. What cannot be read is ignored, as RFC 7240 asks."""
    prefer = headers.get("prefer")
    if prefer is None:
        return 0
    found = _WAIT.search(prefer)
    return min(int(found[1]), LONGEST_WAIT_SECONDS) if found else 0


def version_wanted_by(headers: Headers) -> int | None:
    """The version that `If-Match` asks for, as our `ETag` writes it; None without the header, and for `*`.

    A tag that is none of ours asks for a version that there never is.
    """
    value = headers.get("if-match")
    if value is None or value.strip() == "*":
        return None
    found = _VERSION.fullmatch(value.strip())
    return int(found[1]) if found else NO_VERSION


def accepts(headers: Headers, media_type: str) -> bool:
    """Whether the client names this kind of answer in `Accept`; ranges and the order of preference are not looked at."""
    accept = headers.get("accept") or ""
    return any(part.partition(";")[0].strip().lower() == media_type for part in accept.split(","))


def request_id_from(headers: Headers) -> str | None:
    """The id of the request; there is one whenever the request came through the request log."""
    return headers.get("x-request-id")


def allow_from(headers: Mapping[str, str]) -> dict[str, str]:
    """The `Allow` of an error that the routing gave, its methods in the order of the alphabet; nothing without one."""
    return {
        name: ", ".join(sorted(method.strip() for method in value.split(",")))
        for name, value in headers.items()
        if name.lower() == "allow"
    }


def _canonical(body: bytes) -> bytes:
    try:
        return msgspec.json.encode(msgspec.json.decode(body), order="deterministic")
    except (msgspec.DecodeError, RecursionError):
        return body
