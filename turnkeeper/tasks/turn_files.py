"""The files of a turn, loaded: texts as far as a model could be shown them, and what is shown as it is with its bytes."""

from collections.abc import Sequence
from dataclasses import replace

from turnkeeper.agents.attachments import TEXT_BYTES
from turnkeeper.agents.model import Media
from turnkeeper.agents.showing import Sight, TalkFiles, seen_again
from turnkeeper.agents.summary import keeps_summary
from turnkeeper.core.errors import RefusedError
from turnkeeper.core.files import Attachment
from turnkeeper.core.history import HistoryTurn
from turnkeeper.store import turn_files
from turnkeeper.store.blobs import Blobs
from turnkeeper.store.database import Database
from turnkeeper.store.turn_files import FoundFile
from turnkeeper.store.turns import Begun


class TurnFiles:
    """Loads the files of turns."""

    def __init__(self, database: Database, blobs: Blobs) -> None:
        self._database = database
        self._blobs = blobs

    def of(self, begun: Begun, takes: Media) -> "FilesOfTurn":
        """Those of one turn, for a model that takes this."""
        return FilesOfTurn(self._database, self._blobs, begun, takes)


class FilesOfTurn:
    """Loads the files of one turn. What its requests show together is bounded."""

    def __init__(self, database: Database, blobs: Blobs, begun: Begun, takes: Media) -> None:
        self._database = database
        self._blobs = blobs
        self._begun = begun
        self._sight = Sight(takes, turn_tokens=begun.agent.limits.tokens)

    async def opening(self, history: Sequence[HistoryTurn]) -> tuple[TalkFiles, tuple[HistoryTurn, ...]]:
        """The files as the turn begins, and what then remains of the history, given and returned oldest first.

        Most conversations have no files, and then nothing is asked.

        Raises:
            TransientError: the database or the file storage is away.
        """
        if not self._begun.has_files:
            return TalkFiles(), tuple(history)
        found = await self._found(self._begun.claim.message_id)
        earlier = [file for file in found if not file.is_new]
        attachments = await self._with_bytes([file for file in found if file.is_new])
        agent = self._begun.agent
        turns, chosen = seen_again(
            history,
            [file.attachment for file in earlier],
            self._sight,
            tokens=agent.limits.history_tokens,
            may_drop=not keeps_summary(agent),
        )
        again = {message: await self._loaded(files, earlier) for message, files in chosen.items()}
        return TalkFiles(
            attachments=attachments, earlier=tuple(file.attachment for file in earlier), again=again
        ), turns

    async def of_joined(self, message_id: int) -> tuple[Attachment, ...]:
        """The files of another message that the turn has taken in.

        Raises:
            TransientError: the database or the file storage is away.
        """
        return await self._with_bytes([file for file in await self._found(message_id) if file.is_new])

    async def _found(self, message_id: int) -> list[FoundFile]:
        async with self._database.connection() as connection:
            return await turn_files.of_turn(
                connection,
                conversation_id=self._begun.claim.conversation_id,
                message_id=message_id,
                most_characters=TEXT_BYTES,
            )

    async def _with_bytes(self, found: Sequence[FoundFile]) -> tuple[Attachment, ...]:
        """The files; those that are shown as they are come with their bytes."""
        return tuple(
            [
                await self._with_content(file) if self._sight.shows(file.attachment) else file.attachment
                for file in found
            ]
        )

    async def _loaded(self, files: Sequence[Attachment], found: Sequence[FoundFile]) -> tuple[Attachment, ...]:
        """Those of the files whose bytes are still there."""
        wanted = {file.id for file in files}
        loaded = [await self._with_content(file) for file in found if file.attachment.id in wanted]
        return tuple([file for file in loaded if file.content is not None])

    async def _with_content(self, file: FoundFile) -> Attachment:
        """The file with its bytes; without them when the storage lost them, which the model is told."""
        try:
            content = b"".join([piece async for piece in self._blobs.read(file.key)])
        except RefusedError:
            return file.attachment
        return replace(file.attachment, content=content)
