"""The tool with which an agent writes a file for the person it answers."""

import re
from dataclasses import dataclass
from typing import Protocol

from turnkeeper.agents.model import ToolSpec
from turnkeeper.agents.tools.tool import ToolContext, ToolOutput, read_arguments
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import ConflictError, InvalidError, ToolFailedError, ToolRetryError
from turnkeeper.core.files import LONGEST_NAME
from turnkeeper.core.sentences import counted

WRITE_FILE = "write_file"
MOST_BYTES = 5_000_000
_TEXT_TYPE = re.compile(
    r"text/[a-z0-9.+-]{1,60}|image/svg\+xml|application/(?:[a-z0-9.-]{1,60}\+)?(?:json|xml|yaml|x-ndjson|javascript|sql|toml)"
)


class Files(Protocol):
    """Where files for people are kept."""

    async def write(
        self, *, organization_id: int, message_id: int, name: str, content: bytes, media_type: str | None
    ) -> str:
        """Have the file come back with the reply to a message, in place of one of that name; the name it is shown by.

        Raises:
            InvalidError: there are too many files, or this one cannot be kept.
            ConflictError: the message has been answered.
            TransientError: the storage is away or full.
        """
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteArguments:
    """What the model wants written."""

    name: str
    content: str
    media_type: str | None = None


class WriteFile:
    """Writes a text file that comes back on the reply. A second file of the same name in a turn replaces the first."""

    kind: ToolKind = "idempotent"
    spec = ToolSpec(
        name=WRITE_FILE,
        description=(
            "Write a text file for the person: a report, a table, a draft, code. It comes back with your reply. Writing "
            "the same name again replaces the file. Say in your answer that the file is there; do not repeat its text."
        ),
        parameters={
            "type": "object",
            "properties": {
                "name": {"type": "string", "description": "The file's name with its suffix, such as report.md."},
                "content": {"type": "string", "description": "The whole text of the file."},
                "media_type": {
                    "type": "string",
                    "description": "Such as text/csv; known from the name when left out.",
                },
            },
            "required": ["name", "content"],
            "additionalProperties": False,
        },
    )

    def __init__(self, files: Files) -> None:
        self._files = files

    async def call(self, arguments: str, context: ToolContext) -> ToolOutput:
        """Write.

        Raises:
            ToolRetryError: the name, the content or the type cannot be used.
            ToolFailedError: the file cannot be kept.
        """
        wanted = read_arguments(arguments, WriteArguments)
        content = _checked(wanted)
        try:
            name = await self._files.write(
                organization_id=context.organization_id,
                message_id=context.message_id,
                name=wanted.name,
                content=content,
                media_type=wanted.media_type,
            )
        except (InvalidError, ConflictError) as error:
            raise ToolFailedError(error.message) from error
        return ToolOutput(
            text=f"The file {name!r} with {counted(len(content), 'byte')} will come back with your reply."
        )


def _checked(wanted: WriteArguments) -> bytes:
    """The bytes of the file."""
    if not wanted.name.strip() or len(wanted.name) > LONGEST_NAME:
        raise ToolRetryError(f"The name must have 1 to {LONGEST_NAME} characters.")
    if wanted.media_type is not None and not _TEXT_TYPE.fullmatch(wanted.media_type):
        raise ToolRetryError(f"The media type {wanted.media_type[:80]!r} is not of a text file. Leave it out.")
    content = wanted.content.replace("\0", "").encode("utf-8", "replace")
    if not content.strip():
        raise ToolRetryError("The content is blank. Give the whole text of the file.")
    if len(content) > MOST_BYTES:
        raise ToolRetryError(f"The content has {len(content):,} bytes; the most is {MOST_BYTES:,}.")
    return content
