"""Files in the dialect's words."""

from turnkeeper.core.files import File, PlacedFile
from turnkeeper.core.ids import prefixed
from turnkeeper.dialects.native.shapes.common import moment
from turnkeeper.dialects.native.shapes.files import FileShape, PlacedFileShape


def file_shape(file: File, *, is_written: bool) -> FileShape:
    """A file of a message; `is_written` says that the agent wrote it."""
    return FileShape(
        id=prefixed("file", file.public_id),
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        written_by="agent" if is_written else "person",
        created_at=moment(file.created_at),
    )


def placed_file_shape(placed: PlacedFile) -> PlacedFileShape:
    """A file, and where it is."""
    shown = file_shape(placed.file, is_written=placed.is_written)
    return PlacedFileShape(
        id=shown.id,
        name=shown.name,
        media_type=shown.media_type,
        size=shown.size,
        written_by=shown.written_by,
        created_at=shown.created_at,
        message_id=None if placed.message_id is None else prefixed("msg", placed.message_id),
        conversation_id=None if placed.conversation_id is None else prefixed("conv", placed.conversation_id),
    )
