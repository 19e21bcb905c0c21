"""Identifiers: one 128-bit number, written as a UUID or as a prefixed ULID.

A public id is a UUID version 7: 48 bits of milliseconds, then randomness. The same bits in Crockford's base 32 are a
valid ULID, so one column serves the dialects that show UUIDs (Enthusiast's `task_id`) and those that show ULIDs
(`cmsg_…`).

Source: RFC 9562 section 5.7; the ULID specification.
"""

import os
import re
import time
from uuid import UUID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_DIGITS = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
"""From its letters to those that Python counts with."""
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_SHIFTS = range(120, -1, -10)
_ULID = re.compile(f"[0-7][{_ALPHABET}]{{25}}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_VERSION_7 = 0x7 << 76
_VARIANT = 0x2 << 62
_RANDOM_A = 0xFFF << 64
_RANDOM_B = (1 << 62) - 1


def new_id() -> UUID:
    """A fresh id that sorts by its moment of creation, to the millisecond."""
    return UUID(int=_new_number())


def new_ulid() -> str:
    """The characters of a fresh id."""
    return _spelled(_new_number())


def to_ulid(value: UUID) -> str:
    """The 26 characters of the id in Crockford's base 32, upper case."""
    return _spelled(value.int)


def from_ulid(text: str) -> UUID | None:
    """The id that 26 upper-case characters of base 32 spell, or None when they spell none."""
    return UUID(int=int(text.translate(_DIGITS), 32)) if _ULID.fullmatch(text) else None


def from_uuid(text: str) -> UUID | None:
    """The id that a UUID in its usual form spells, in any case, or None when it spells none."""
    return UUID(text) if _UUID.fullmatch(text) else None


def prefixed(prefix: str, value: UUID) -> str:
    """`prefix_ULID`, the form in which ids leave the server."""
    return f"{prefix}_{to_ulid(value)}"


def from_prefixed(prefixes: tuple[str, ...], text: str) -> UUID | None:
    """The id inside `prefix_ULID` when the prefix is one of `prefixes`, else None."""
    prefix, separator, ulid = text.partition("_")
    return from_ulid(ulid) if separator and prefix in prefixes else None


def _new_number() -> int:
    noise = int.from_bytes(os.urandom(10), "big")
    milliseconds = time.time_ns() // 1_000_000
    return milliseconds << 80 | _VERSION_7 | (noise & _RANDOM_A) | _VARIANT | (noise & _RANDOM_B)


def _spelled(number: int) -> str:
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
