"""The files of a turn, loaded: texts as far as a model could be shown them, pictures with their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from turnkeeper.agents.attachments import TEXT_BYTES
from turnkeeper.core.errors import RefusedError
from turnkeeper.core.files import Attachment
from turnkeeper.store import turn_files
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Database
from turnkeeper.store.turn_files import FoundFile
from turnkeeper.store.turns import Begun

MOST_IMAGE_BYTES = 5_000_000
"""Of one picture: providers refuse larger ones, and with them the whole request."""
MOST_IMAGES_BYTES = 20_000_000
"""Of all pictures that are shown with one message."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Files:
    """What came with the message that is being answered, and what there was before; oldest first."""

    attachments: tuple[Attachment, ...] = ()
    earlier: tuple[Attachment, ...] = ()


class TurnFiles:
    """Loads the files of turns."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    async def of(self, begun: Begun) -> Files:
        """The files of the conversation; most have none, and then nothing is asked.

        Raises:
            TransientError: the database or the file storage is away.
        """
        if not begun.has_files:
            return Files()
        async with self._database.connection() as connection:
            found = await turn_files.of_turn(
                connection,
                conversation_id=begun.claim.conversation_id,
                message_id=begun.claim.message_id,
                most_characters=TEXT_BYTES,
            )
        return Files(
            attachments=await self._with_images([file for file in found if file.is_new]),
            earlier=tuple(file.attachment for file in found if not file.is_new),
        )

    async def of_joined(self, begun: Begun, message_id: int) -> tuple[Attachment, ...]:
        """The files of another message that the turn has taken in.

        Raises:
            TransientError: the database or the file storage is away.
        """
        async with self._database.connection() as connection:
            found = await turn_files.of_turn(
                connection,
                conversation_id=begun.claim.conversation_id,
                message_id=message_id,
                most_characters=TEXT_BYTES,
            )
        return await self._with_images([file for file in found if file.is_new])

    async def _with_images(self, found: Sequence[FoundFile]) -> tuple[Attachment, ...]:
        loaded: list[Attachment] = []
        left = MOST_IMAGES_BYTES
        for file in found:
            attachment = file.attachment
            if attachment.is_image and attachment.size <= min(MOST_IMAGE_BYTES, left):
                left -= attachment.size
                attachment = replace(attachment, image=await self._bytes(file.key))
            loaded.append(attachment)
        return tuple(loaded)

    async def _bytes(self, key: str) -> bytes | None:
        """The bytes; None when the storage lost them, which the model is told."""
        try:
            return b"".join([piece async for piece in self._blobs.read(key)])
        except RefusedError:
            return None
