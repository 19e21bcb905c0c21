"""The queries about files."""

from dataclasses import dataclass

from turnkeeper.core.files import File
from turnkeeper.dialects.native.queries.reading import Parameters, word
from turnkeeper.http_kit.paging import cursor_of

_ORDER = "files"


@dataclass(frozen=True, kw_only=True, slots=True)
class FilesQuery:
    """Which files of a conversation are wanted."""

    is_written: bool | None
    before: int | None
    limit: int


def files_query(query: bytes) -> FilesQuery:
    """What is wanted.

    Raises:
        FaultsError: a parameter cannot be used.
    """
    fields = Parameters(query, known=("written_by", "limit", "cursor"))
    written_by = fields.read("written_by", word("written_by", ("person", "agent")))
    behind, limit = fields.position(_ORDER), fields.limit()
    fields.check()
    return FilesQuery(
        is_written=None if written_by is None else written_by == "agent",
        before=None if behind is None else behind[1],
        limit=limit,
    )


def file_behind(file: File) -> str:
    """The cursor for what came before this one."""
    return cursor_of(file.created_at, file.id, _ORDER)


def wants_inline(query: bytes) -> bool:
    """Whether the bytes are to be shown and not saved. Raises: as `files_query`."""
    fields = Parameters(query, known=("disposition",))
    wanted = fields.read("disposition", word("disposition", ("attachment", "inline")))
    fields.check()
    return wanted == "inline"
