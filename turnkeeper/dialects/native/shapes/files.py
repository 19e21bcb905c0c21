"""Files on the wire."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from turnkeeper.dialects.native.shapes.common import ConversationId, MessageId, Moment

FileId = Annotated[str, Meta(examples=["file_01JZ3M4BZV7Z6R5T4W3X2Y1Z0J"])]


class FileShape(msgspec.Struct, kw_only=True):
    """A file of a message."""

    id: FileId
    name: Annotated[str, Meta(description="For display only.", examples=["receipt.pdf"])]
    media_type: Annotated[str, Meta(description="What the bytes are, whatever was said of them.")]
    size: Annotated[int, Meta(description="In bytes.")]
    written_by: Annotated[Literal["person", "agent"], Meta(description="`agent`: it came with a reply.")]
    created_at: Moment


class PlacedFileShape(FileShape, kw_only=True):
    """A file, and where it is."""

    message_id: Annotated[MessageId | None, Meta(description="The first message that has it; null while none has.")]
    conversation_id: Annotated[ConversationId | None, Meta(description="The conversation of that message.")]


class FilesShape(msgspec.Struct, kw_only=True):
    """A part of a conversation's files, newest first."""

    items: list[PlacedFileShape]
    has_more: bool
    next_cursor: Annotated[str | None, Meta(description="Hand it back as `cursor`; null on the last page.")]


class UploadBody(msgspec.Struct, kw_only=True):
    """A form with one file."""

    file: Annotated[str, Meta(description="The bytes, with a file name.", extra_json_schema={"format": "binary"})]
