"""The queries of data sets, of their members and their runs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from turnkeeper.core.data_sets import DataSet, DataSetMember
from turnkeeper.core.errors import InvalidError
from turnkeeper.core.syncs import Sync, SyncError, SyncMode, SyncState
from turnkeeper.dialects.native.queries.reading import Parameters, word
from turnkeeper.http_kit.paging import cursor_of

_STATES: tuple[SyncState, ...] = get_args(SyncState)
_UPLOAD_MODES: tuple[SyncMode, ...] = ("merge", "replace")
_DATA_SETS, _MEMBERS, _SYNCS, _ERRORS = "data_sets", "data_set_members", "syncs", "sync_errors"
_LONGEST_TEXT = 1_000
BEGINNING = datetime.fromtimestamp(0, UTC)
"""Stands in cursors of lists that are not ordered by time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSetsWanted:
    """Which data sets a list is to have."""

    name: str | None
    before: int | None
    limit: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncsWanted:
    """Which runs a list is to have."""

    state: SyncState | None
    before: int | None
    limit: int


def data_sets_wanted(query: bytes) -> DataSetsWanted:
    """The query of the list of data sets.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("name", "limit", "cursor"))
    behind = fields.position(_DATA_SETS)
    wanted = DataSetsWanted(
        name=fields.read("name", text("name")), before=None if behind is None else behind[1], limit=fields.limit()
    )
    fields.check()
    return wanted


def behind_data_set(data_set: DataSet) -> str:
    """The cursor for the older ones."""
    return cursor_of(data_set.created_at, data_set.id, _DATA_SETS)


def members_wanted(query: bytes) -> tuple[int, int]:
    """The query of the list of members: behind which one, and how many.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("limit", "cursor"))
    behind, limit = fields.position(_MEMBERS), fields.limit()
    fields.check()
    return 0 if behind is None else behind[1], limit


def behind_member(member: DataSetMember) -> str:
    """The cursor for the members that come after this one."""
    return cursor_of(BEGINNING, member.id, _MEMBERS)


def syncs_wanted(query: bytes) -> SyncsWanted:
    """The query of the list of runs.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("state", "limit", "cursor"))
    behind = fields.position(_SYNCS)
    wanted = SyncsWanted(
        state=fields.read("state", word("state", _STATES)),
        before=None if behind is None else behind[1],
        limit=fields.limit(),
    )
    fields.check()
    return wanted


def behind_sync(sync: Sync) -> str:
    """The cursor for the older ones."""
    return cursor_of(sync.created_at, sync.id, _SYNCS)


def errors_wanted(query: bytes) -> tuple[int, int]:
    """The query of the list of errors: behind which one, and how many.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("limit", "cursor"))
    behind, limit = fields.position(_ERRORS), fields.limit()
    fields.check()
    return 0 if behind is None else behind[1], limit


def behind_error(error: SyncError) -> str:
    """The cursor for the errors that come after this one."""
    return cursor_of(BEGINNING, error.number, _ERRORS)


def mode_wanted(query: bytes) -> SyncMode:
    """The query of a new run: what becomes of that which is not in it.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("mode",))
    mode: SyncMode | None = fields.read("mode", word("mode", _UPLOAD_MODES))
    fields.check()
    return "merge" if mode is None else mode


def text(name: str) -> Callable[[str], str]:
    """A reader of texts that can be looked for."""

    def read(value: str) -> str:
        if not value.strip() or len(value) > _LONGEST_TEXT or "\x00" in value:
            raise InvalidError(name, f"The parameter {name!r} has 1 to {_LONGEST_TEXT:,} characters, and no NUL.")
        return value

    return read
