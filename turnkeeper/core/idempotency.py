"""Doing a request once although it comes several times."""

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class IdempotencyKey:
    """A client's name for one request. `route` is method and path; `fingerprint` tells one body from another."""

    route: str
    key: str
    fingerprint: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Once(Generic[T]):
    """The result of a request, and whether it is the stored one of an earlier request with the same key."""

    value: T
    replayed: bool
