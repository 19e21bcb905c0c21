"""The tool that reads on in the files of a conversation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Protocol

import msgspec

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput, read_arguments
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ToolFailedError, ToolRetryError
from turnkeeper.core.files import IMAGE_TYPES, PDF_TYPE
from turnkeeper.core.sentences import counted

READ_ATTACHMENT = "read_attachment"
CHARACTERS_A_CALL = 24_000
_LONGEST_NAME = 300


class FileExcerpt(Protocol):
    """A part of a file's text."""

    @property
    def id(self) -> str:
        """By which the model names the file."""
        ...

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def media_type(self) -> str:
        """What it is."""
        ...

    @property
    def text(self) -> str:
        """The part that was asked for; empty behind the end."""
        ...

    @property
    def characters(self) -> int:
        """The length of the whole text."""
        ...


class Texts(Protocol):
    """The texts of a conversation's files."""

    async def names(self, conversation_id: int) -> Sequence[tuple[str, str]]:
        """Id and name of each file, newest first."""
        ...

    async def excerpt(self, conversation_id: int, wanted: str, *, offset: int, most: int) -> FileExcerpt | None:
        """At most `most` characters from `offset` on of the file with this id or name; None when there is none."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadArguments:
    """What the model says to read."""

    attachment: str
    offset: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 2)] = 0


class ReadAttachment:
    """Hands the model a part of a file's text. It is on offer whenever the conversation has files."""

    kind: ToolKind = "pure"
    spec = ToolSpec(
        name=READ_ATTACHMENT,
        description=(
            "Read the text of a file that was attached to this conversation, or that you wrote earlier in it. Returns up "
            f"to {CHARACTERS_A_CALL:,} characters from the offset on, and where to read on."
        ),
        parameters={
            "type": "object",
            "properties": {
                "attachment": {"type": "string", "description": "The file's id (att_…) or name."},
                "offset": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "How many characters to pass over; 0 when left out.",
                },
            },
            "required": ["attachment"],
            "additionalProperties": False,
        },
    )

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Read.

        Raises:
            ToolRetryError: no file of the conversation has this id or name, or the offset is behind its end.
            ToolFailedError: it has no text, being a picture or a PDF of scanned pages.
        """
        wanted = read_arguments(arguments, ReadArguments)
        name = wanted.attachment.replace("\0", "").strip()[:_LONGEST_NAME]
        found = await self._texts.excerpt(context.conversation_id, name, offset=wanted.offset, most=CHARACTERS_A_CALL)
        if found is None:
            raise ToolRetryError(await self._unknown(name, context.conversation_id))
        if found.media_type in IMAGE_TYPES:
            raise ToolFailedError(f"{found.name!r} is a picture and has no text to read.")
        if found.media_type == PDF_TYPE and not found.characters:
            raise ToolFailedError(f"{found.name!r} is a PDF of scanned pages and has no text to read.")
        if not found.text:
            raise ToolRetryError(
                f"{found.name!r} has {counted(found.characters, 'character')}; there is nothing at {wanted.offset:,}."
            )
        end = wanted.offset + len(found.text)
        head = f"{found.name!r} (id {found.id}), characters {wanted.offset:,} to {end:,} of {found.characters:,}:"
        more = f"\n\n[Read on with offset {end}.]" if end < found.characters else ""
        return ToolOutput(text=f"{head}\n\n{found.text}{more}")

    async def _unknown(self, name: str, conversation_id: int) -> str:
        known = await self._texts.names(conversation_id)
        listed = ", ".join(f"{file!r} ({identifier})" for identifier, file in known) or "none"
        return f"This conversation has no file {name!r}. Its files, newest first: {listed}."
