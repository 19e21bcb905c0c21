"""Erasures: everything of a conversation, of a person or of an end user is removed, and a receipt says how much it was."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import msgspec

ErasureKind = Literal["conversation", "person", "end_user"]
ErasureState = Literal["queued", "running", "completed"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """What is to be erased: a conversation, an account, or all conversations with a value under a name of their metadata."""

    kind: ErasureKind
    target: UUID | None = None
    label: str | None = None
    value: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Erasure:
    """One erasure. Once it is completed it is a receipt: `removed` has counts by kind, and nothing of the content."""

    id: int
    public_id: UUID
    organization_id: int
    kind: ErasureKind
    target: UUID | None
    label: str | None
    value: str | None
    state: ErasureState
    removed: Mapping[str, int]
    created_at: datetime
    ended_at: datetime | None
    audit_number: int | None
    hash: bytes | None


def receipt_hash(erasure: Erasure, *, ended_at: datetime, audit_number: int) -> bytes:
    """SHA-256 of a JSON array without spaces: id, kind, target, when it was asked for and done, counts, number in the log.

    Times are in UTC with microseconds, counts an object in the order of its names.
    """
    row = [
        str(erasure.public_id),
        erasure.kind,
        None if erasure.target is None else str(erasure.target),
        _exact(erasure.created_at),
        _exact(ended_at),
        dict(erasure.removed),
        audit_number,
    ]
    return hashlib.sha256(msgspec.json.encode(row, order="deterministic")).digest()


def _exact(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
