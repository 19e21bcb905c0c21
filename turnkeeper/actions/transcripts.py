"""Writing a conversation down whole, and making one of what was written down."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

from turnkeeper.actions.files import FileActions
from turnkeeper.actions.once import once
from turnkeeper.core.accounts import Caller
from turnkeeper.core.agents import Agent
from turnkeeper.core.errors import ConflictError, InvalidError, NotFoundError, TransientError
from turnkeeper.core.events import TextAdded, ThinkingAdded
from turnkeeper.core.idempotency import IdempotencyKey, Once
from turnkeeper.core.ids import new_id
from turnkeeper.core.transcripts import (
    Imported,
    Transcript,
    TranscriptEvent,
    TranscriptFile,
    TranscriptHead,
    TranscriptMessage,
)
from turnkeeper.store import agents, conversation_lists, data_sets, files, transcript_writing, transcripts
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.transcript_writing import Place
from turnkeeper.store.transcripts import Reading

_AT_ONCE = 2
"""Imports that are in memory at the same time; others wait for their turn."""
_LONGEST_WAIT_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class UnknownPlace:
    """Something that a transcript names and that is not there; `pointer` is where it is named."""

    pointer: str
    why: str


class UnknownPlacesError(InvalidError):
    """A transcript names what is not there, or not the caller's to see."""

    def __init__(self, places: Sequence[UnknownPlace]) -> None:
        super().__init__("body", " ".join(place.why for place in places[:3]), code="unknown")
        self.places = tuple(places)


class Export:
    """A conversation that is being written down. Each part is read once, in this order, page by page."""

    def __init__(self, database: Database, file_actions: FileActions, reading: Reading) -> None:
        self._database = database
        self._files = file_actions
        self._reading = reading

    @property
    def head(self) -> TranscriptHead:
        """What is told of the conversation itself."""
        return self._reading.head

    async def messages(self) -> AsyncGenerator[TranscriptMessage, None]:
        """The messages and replies, in the order in which they were written.

        Raises:
            NotFoundError: the conversation was deleted meanwhile.
        """
        behind = 0
        while behind < len(self._reading.message_ids):
            async with self._database.connection() as connection:
                page = await transcripts.messages_page(connection, self._reading, behind=behind)
            for message in page:
                yield message
            behind += len(page)

    async def events(self) -> AsyncGenerator[TranscriptEvent, None]:
        """The events in their order; pieces of text that follow each other come as one.

        Raises:
            NotFoundError: the conversation was deleted meanwhile.
        """
        after: int | None = 0
        held: TranscriptEvent | None = None
        while after is not None:
            async with self._database.connection() as connection:
                page, after = await transcripts.events_page(connection, self._reading, after=after)
            for event in page:
                joined = None if held is None else _joined(held, event)
                if held is not None and joined is None:
                    yield held
                held = joined or event
        if held is not None:
            yield held

    def content(self, file: TranscriptFile) -> AsyncGenerator[bytes, None]:
        """The bytes of one of its files.

        Raises:
            TransientError: the storage is away.
            RefusedError: code `file_missing`: the storage has lost the bytes.
        """
        return self._files.pieces(self._reading.key_of(file))


class TranscriptActions:
    """What callers may do with conversations that are written down."""

    def __init__(self, database: Database, file_actions: FileActions) -> None:
        self._database = database
        self._files = file_actions
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def export(self, caller: Caller, *, conversation: UUID) -> Export:
        """A conversation to be written down, as it is now: its finished messages.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        async with self._database.connection() as connection:
            reading = await transcripts.begin(connection, caller, conversation=conversation)
        if reading is None:
            raise NotFoundError("conversation", str(conversation))
        return Export(self._database, self._files, reading)

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Wait for the right to have a transcript in memory.

        Raises:
            TransientError: others take too long.
        """
        try:
            async with asyncio.timeout(_LONGEST_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            raise TransientError(
                "import", "Other imports are still running; try again soon.", retry_after=10
            ) from error
        try:
            yield
        finally:
            self._turns.release()

    async def make(
        self, caller: Caller, transcript: Transcript, *, key: IdempotencyKey | None = None
    ) -> Once[Imported]:
        """A conversation of the caller's that says what the transcript says; nothing is answered or done again.

        Raises:
            UnknownPlacesError: it names an agent, a data set or the bytes of a file that the caller does not see.
            ConflictError: code `idempotency_key_reused`, also when another account used the key.
            TransientError: the file storage is away or full.
        """
        async with self._database.connection() as connection:
            place = await self._place(connection, caller, transcript)

        async def work(connection: Connection) -> Imported:
            await transcript_writing.write(connection, caller, transcript, place)
            return Imported(conversation=place.public_id)

        made = await once(self._database, caller, key, Imported, work, is_one_statement=False)
        if made.replayed:
            async with self._database.connection() as connection:
                if await conversation_lists.find(connection, caller, conversation=made.value.conversation) is None:
                    raise ConflictError(
                        "This Idempotency-Key was used by another account, or for a conversation that is gone; take a new "
                        "key.",
                        code="idempotency_key_reused",
                    )
        return made

    async def _place(self, connection: Connection, caller: Caller, transcript: Transcript) -> Place:
        """What the transcript names, found here."""
        head, unknown = transcript.head, list[UnknownPlace]()
        agent: Agent | None = await agents.find(connection, caller, public_id=None, slug=head.agent)
        if agent is None:
            why = f"You have no agent {head.agent!r}; create it first, or change the name in the file."
            unknown.append(UnknownPlace(pointer="/conversation/agent", why=why))
        data_set_id = None
        if head.data_set is not None:
            found = await data_sets.find_any(connection, caller, head.data_set)
            data_set_id = None if found is None else found.id
            if found is None:
                why = f"You have no data set {head.data_set!r}; create it first, or set the member to null."
                unknown.append(UnknownPlace(pointer="/conversation/data_set", why=why))
        blobs: dict[bytes, int] = {}
        for number, message in enumerate(transcript.messages):
            for nth, file in enumerate(message.files):
                trouble = await self._find_bytes(connection, caller, file, blobs)
                if trouble is not None:
                    unknown.append(UnknownPlace(pointer=f"/messages/{number}/files/{nth}", why=trouble))
        if unknown or agent is None:
            raise UnknownPlacesError(unknown)
        return Place(public_id=new_id(), agent=agent, data_set_id=data_set_id, blobs=blobs)

    async def _find_bytes(
        self, connection: Connection, caller: Caller, file: TranscriptFile, blobs: dict[bytes, int]
    ) -> str | None:
        """Have the row of a file's bytes in `blobs`; else why there is none."""
        if file.digest in blobs:
            return None
        if file.content is None:
            known = await files.visible_blob(connection, caller, digest=file.digest)
            if known is None:
                return (
                    f"The bytes of the file {file.name!r} are not here; export with `files=inline` to take them along."
                )
            blobs[file.digest] = known
            return None
        try:
            blobs[file.digest] = await self._files.keep(
                organization_id=caller.organization_id, name=file.name, content=file.content
            )
        except InvalidError as error:
            return error.why
        return None


def _joined(one: TranscriptEvent, other: TranscriptEvent) -> TranscriptEvent | None:
    """Two pieces of one text as one event; None when they are none."""
    first, second = one.body, other.body
    if one.message != other.message or type(first) is not type(second):
        return None
    if isinstance(first, TextAdded | ThinkingAdded) and isinstance(second, TextAdded | ThinkingAdded):
        if first.model_call != second.model_call:
            return None
        return replace(one, body=replace(first, text=first.text + second.text))
    return None
