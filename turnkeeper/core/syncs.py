"""Runs that bring a data set up to date: what is asked for, how far one is, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

SyncState = Literal["queued", "running", "completed", "failed", "cancelled"]
SyncOrigin = Literal["upload", "command"]
"""`upload`: files came over the API; `command`: `turnkeeper data-sets import` reads them itself."""
SyncMode = Literal["merge", "replace", "remove"]
"""`merge`: what is not named stays; `replace`: it goes; `remove`: what is named goes."""
SyncFileKind = Literal["file", "archive", "text", "markdown", "html", "gone"]
"""`text`, `markdown` and `html` came as a text with its kind; of a `file` bytes and name tell. `gone` is to be removed."""

ENDED: frozenset[SyncState] = frozenset({"completed", "failed", "cancelled"})
LONGEST_ADDRESS = 1_000
"""Of a source, in characters."""
MOST_ERRORS = 10_000
"""Kept of one run; `unreadable` counts all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Sync:
    """One run. The counts of sources and of what was read are right when it is completed."""

    id: int
    public_id: UUID
    data_set_id: int
    data_set_public_id: UUID
    account_public_id: UUID | None
    """Who asked for it; None when the account is gone."""
    origin: SyncOrigin
    mode: SyncMode
    state: SyncState
    files: int
    """What it was given: an archive is one."""
    found: int
    """Sources: files, with those inside archives."""
    handled: int
    to_handle: int | None
    """How many of the sources must be read; None until it is known."""
    skipped: int
    """Files inside archives that are never worth reading, such as pictures."""
    added: int
    changed: int
    unchanged: int
    removed: int
    unreadable: int
    documents: int
    products: int
    passages: int
    vectors_waiting: int
    """Passages that are found by their words and not yet by their meaning."""
    error_code: str | None
    error: str | None
    """Why it failed: a sentence."""
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def is_ended(self) -> bool:
        """Whether it will change no more."""
        return self.state in ENDED


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncFile:
    """What a run has to read, or to remove. `key` and `digest` are of its bytes in the storage, if it has any."""

    address: str
    kind: SyncFileKind
    title: str | None = None
    key: str = ""
    digest: bytes = b""


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncProgress:
    """How far a run is."""

    found: int = 0
    skipped: int = 0
    handled: int = 0
    to_handle: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncError:
    """Something that a run could not read, and a sentence that says why."""

    number: int
    address: str
    why: str
