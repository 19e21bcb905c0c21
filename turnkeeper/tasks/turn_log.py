"""The diary of a running turn: gathers what happens and writes it in few statements, behind the claim."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from turnkeeper.core.approvals import Waits
from turnkeeper.core.conversations import MessageStatus
from turnkeeper.core.effects import Effect, EffectState
from turnkeeper.core.errors import TransientError
from turnkeeper.core.events import (
    Answer,
    EventBody,
    LogEntry,
    MessageCompleted,
    MessageFailed,
    TextAdded,
    TurnEvent,
)
from turnkeeper.core.usage import Spent
from turnkeeper.engine.heart import STALLED_SECONDS
from turnkeeper.store import approvals, effects, joining, turns
from turnkeeper.store.appending import Appended
from turnkeeper.store.changes import LOOK_AGAIN_SECONDS, Changes
from turnkeeper.store.database import Database
from turnkeeper.store.joining import Taken
from turnkeeper.store.turns import Claim, Ending

PIECE_SECONDS = 0.04
"""How long text is gathered before it is written: with the write itself, a reader lags by 50 ms at most."""
FIRST_PIECE_SECONDS = 0.01
"""The first piece is wanted soon; a reply that is over by then is written whole, together with its end."""
FRESH_SECONDS = STALLED_SECONDS / 2
"""Half of what it takes to be thought dead: a claim that was seen so lately is still there."""
MOST_LOOKS = 5
"""At the claim, when each takes longer than it is believed."""
LONGEST_WAIT_SECONDS = 30.0
"""Between two tries to write the end of a turn; after that the queue runs the whole task again."""


def awake_or_not() -> float:
    """Seconds that go on while the process stands still, and while the machine sleeps where the system tells of that."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class TurnLog:
    """Events and finished steps of one attempt, in order, until `complete` or `fail`.

    `emit` and `note` only remember. What they gathered is written together: by `write_regularly`, by `flush`, or with
    the end of the turn. After each write readers are told.
    """

    def __init__(  # noqa: PLR0913 - whose it is, where it is written, and what was before
        self,
        database: Database,
        claim: Claim,
        changes: Changes,
        *,
        message: UUID | None = None,
        has_effects: bool = False,
        has_joined: bool = False,
        clock: Callable[[], float] = awake_or_not,
    ) -> None:
        """Of earlier attempts: whether they began calls that touch the world, and whether they took messages in.

        With the public id of the `message`, what is written is handed to those of this process who read along.
        """
        self.began = time.monotonic()
        """When the attempt began: what runs in it is timed from there."""
        self.joining = 0
        """As of the last write: see `store.joining`."""
        self._clock = clock
        self._seen_at = clock()
        """When the claim was last known to be there."""
        self._message = message
        self._database = database
        self._claim = claim
        self._changes = changes
        self._events: list[EventBody] = []
        self._steps: dict[str, bytes] = {}
        self._intended: dict[UUID, Effect] = {}
        self._settled: dict[UUID, EffectState] = {}
        self._has_effects = has_effects
        self._has_joined = has_joined
        self._failure: Exception | None = None
        self._writing = asyncio.Lock()
        self._something_to_write = asyncio.Event()

    def emit(self, event: TurnEvent) -> None:
        """Remember an event."""
        self._events.append(event)
        self._something_to_write.set()

    def intend(self, effect: Effect) -> None:
        """Remember that a call is about to be made, to be written before it is."""
        self._intended[effect.id] = effect
        self._has_effects = True
        self._something_to_write.set()

    def settle(self, effect_id: UUID, state: EffectState) -> None:
        """Remember what is known of a call that was begun, to be written with its step."""
        self._settled[effect_id] = state
        self._something_to_write.set()

    def note(self, name: str, value: bytes) -> None:
        """Remember a finished step, to be written with the events that belong to it."""
        self._steps[name] = value
        self._something_to_write.set()

    async def flush(self) -> None:
        """Write everything that was gathered. Whoever is cancelled meanwhile waits for the write that is under way.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        if self._failure is None and not self._writing.locked() and not self._something_to_write.is_set():
            return
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            # Torn, nobody could tell whether it was written: what it took would be lost, or written twice.
            await asyncio.gather(writing, return_exceptions=True)
            raise

    async def _write(self) -> None:
        async with self._writing:
            if self._failure is not None:
                # What another write took with it is lost: nothing may be done that relies on it.
                raise self._failure
            if not self._something_to_write.is_set():
                return
            notes, began = self._take(), self._clock()
            try:
                async with self._database.connection() as connection:
                    appended = await turns.append(connection, self._claim, notes, tells=self._tells())
            except Exception as error:
                self._failure = error
                raise
            self.joining, self._seen_at = appended.joining, began
        self._changes.tell(self._claim.conversation_id, self._entries(notes.events, appended))

    async def write_regularly(self) -> None:
        """Write what is gathered every few hundredths of a second, until cancelled or the claim is lost.

        Who reads along in this process is not kept waiting for what comes after a pause: that is written at once.
        """
        loop, conversation = asyncio.get_running_loop(), self._claim.conversation_id
        pause, written_at = FIRST_PIECE_SECONDS, loop.time() - PIECE_SECONDS
        while True:
            await self._something_to_write.wait()
            if self._changes.is_followed(conversation):
                pause = max(0.0, written_at + PIECE_SECONDS - loop.time())
            await asyncio.sleep(pause)
            await self.flush()
            pause, written_at = PIECE_SECONDS, loop.time()

    async def stop_when_lost(self) -> None:
        """Watch the claim until cancelled: somebody may cancel the message, or take it for dead and answer it.

        Raises:
            ClaimLostError: it was lost.
        """
        with self._changes.listening(self._claim.conversation_id, to_ends_only=True) as ended:
            while True:
                ended.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                        await ended.wait()
                with contextlib.suppress(TransientError):
                    async with self._writing, self._database.connection() as connection:
                        self.joining = (await turns.append(connection, self._claim, turns.Notes())).joining

    async def confirm(self) -> None:
        """Make sure that the claim is still there, unless it was seen a moment ago: this process may have stood still since.

        Raises:
            ClaimLostError: another worker answers this message now.
            TransientError: the database is away, or too slow to tell.
        """
        for _ in range(MOST_LOOKS):
            began = self._clock()
            if began - self._seen_at <= FRESH_SECONDS:
                return
            async with self._writing, self._database.connection() as connection:
                await turns.append(connection, self._claim, turns.Notes())
            self._seen_at = began
        raise TransientError("database", "The database is too slow to tell whether this turn may still act.")

    async def take_in(self, *, message_public_id: UUID, model_call: int) -> Taken:
        """Make messages that wait for this turn a part of it; behind everything that was written before.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was taken.
        """
        self._has_joined = True  # also if the answer to the commit is lost
        async with self._writing, self._database.transaction() as connection:
            taken = await joining.take(
                connection, self._claim, message_public_id=message_public_id, model_call=model_call
            )
        if taken.messages:
            self._changes.tell(self._claim.conversation_id)
        return taken

    async def park(self, waits: Waits) -> None:
        """Let the turn wait for people.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        await self.flush()
        async with self._writing, self._database.transaction() as connection:
            await turns.park(connection, self._claim, waits.questions)
        self._changes.tell(self._claim.conversation_id)

    async def complete(self, answer: Answer, spent: Spent) -> None:
        """End the turn with its reply, and count what it spent. Steps that are not written yet are part of the answer now.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        closing = MessageCompleted(reply_id=0, model=answer.model, usage=answer.usage)
        await self._end(closing, spent, partial(turns.complete, answer=answer))

    async def fail(self, *, code: str, reason: str, spent: Spent) -> None:
        """End the turn without an answer, and count what it spent all the same.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        closing = MessageFailed(reply_id=0, code=code, reason=reason)
        await self._end(closing, spent, partial(turns.fail, reason=reason))

    async def _end(
        self, closing: MessageCompleted | MessageFailed, spent: Spent, write: Callable[..., Awaitable[Appended]]
    ) -> None:
        """Write the end; while the database is away, again and again: what the model said was paid for.

        When an earlier try was committed although its connection broke, the next one finds the claim gone.
        """
        wait = 0.1
        if self._has_effects and self._failure is None:
            await self.flush()
        async with self._writing:
            events = [*self._take().events, closing]
            ending = Ending(events=events, spent=spent, has_joined=self._has_joined)
            while True:
                try:
                    appended = await self._write_end(write, ending)
                    break
                except TransientError:
                    if wait > LONGEST_WAIT_SECONDS:
                        raise
                    await asyncio.sleep(wait)
                    wait *= 2
        status: MessageStatus = "completed" if isinstance(closing, MessageCompleted) else "failed"
        written = self._entries(events, appended, reply=ending.reply)
        self._changes.ended(self._claim.conversation_id, self._message, status, written)

    async def _write_end(self, write: Callable[..., Awaitable[Appended]], ending: Ending) -> Appended:
        if not self._has_effects:
            async with self._database.connection() as connection:
                return await write(connection, self._claim, ending, tells=self._tells())
        async with self._database.transaction() as connection:
            appended = await write(connection, self._claim, ending)
            await effects.close(connection, message_id=self._claim.message_id)
            # Who follows reads back what this tells, and with it the turn's own events.
            await approvals.withdraw(connection, message_id=self._claim.message_id)
        return appended

    def _tells(self) -> bool:
        return self._message is not None and self._changes.is_followed(self._claim.conversation_id)

    def _entries(
        self, events: Sequence[EventBody], appended: Appended, *, reply: UUID | None = None
    ) -> Sequence[LogEntry]:
        """What was written, as readers are told of it; nothing when nobody in this process reads along.

        `reply` is that of the last event, which ends the turn.
        """
        if not appended.moments:
            return ()
        last = len(events)
        return [
            LogEntry(
                number=appended.base + place,
                message_id=self._message,
                reply_id=reply if place == last else None,
                body=body,
                created_at=written_at,
            )
            for place, (body, written_at) in enumerate(zip(events, appended.moments, strict=True), start=1)
        ]

    def _take(self) -> turns.Notes:
        notes = turns.Notes(
            events=joined(self._events),
            steps=self._steps,
            intended=tuple(self._intended.values()),
            settled=self._settled,
        )
        self._events, self._steps, self._intended, self._settled = [], {}, {}, {}
        self._something_to_write.clear()
        return notes


def joined(events: Sequence[EventBody]) -> Sequence[EventBody]:
    """The same events, with neighbouring pieces of text of one model call made one."""
    result: list[EventBody] = []
    pieces: list[str] = []
    for event in events:
        last = result[-1] if result else None
        if isinstance(event, TextAdded) and isinstance(last, TextAdded) and last.model_call == event.model_call:
            pieces.append(event.text)
            continue
        _close(result, pieces)
        result.append(event)
        if isinstance(event, TextAdded):
            pieces = [event.text]
    _close(result, pieces)
    return result


def _close(result: list[EventBody], pieces: list[str]) -> None:
    if len(pieces) > 1 and isinstance(result[-1], TextAdded):
        result[-1] = TextAdded(text="".join(pieces), model_call=result[-1].model_call)
    pieces.clear()
