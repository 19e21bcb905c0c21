"""The diary of a running turn: gathers what happens and writes it in few statements, behind the claim."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from turnkeeper.core.errors import TransientError
from turnkeeper.core.events import Answer, EventBody, MessageCompleted, MessageFailed, TextAdded, TurnEvent
from turnkeeper.store import turns
from turnkeeper.store.changes import Changes
from turnkeeper.store.database import Database
from turnkeeper.store.turns import Claim

PIECE_SECONDS = 0.04
"""How long text is gathered before it is written: with the write itself, a reader lags by 50 ms at most."""
FIRST_PIECE_SECONDS = 0.01
"""The first piece is wanted soon; a reply that is over by then is written whole, together with its end."""
LONGEST_WAIT_SECONDS = 30.0
"""Between two tries to write the end of a turn; after that the queue runs the whole task again."""


class TurnLog:
    """Events and finished steps of one attempt, in order, until `complete` or `fail`.

    `emit` and `note` only remember. What they gathered is written together: by `write_regularly`, by `flush`, or with
    the end of the turn. After each write readers are told.
    """

    def __init__(self, database: Database, claim: Claim, changes: Changes) -> None:
        self._database = database
        self._claim = claim
        self._changes = changes
        self._events: list[EventBody] = []
        self._steps: dict[str, bytes] = {}
        self._writing = asyncio.Lock()
        self._something_to_write = asyncio.Event()

    def emit(self, event: TurnEvent) -> None:
        """Remember an event."""
        self._events.append(event)
        self._something_to_write.set()

    def note(self, name: str, value: bytes) -> None:
        """Remember a finished step, to be written with the events that belong to it."""
        self._steps[name] = value
        self._something_to_write.set()

    async def flush(self) -> None:
        """Write everything that was gathered.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        async with self._writing:
            events, steps = self._take()
            if not events and not steps:
                return
            async with self._database.connection() as connection:
                await turns.append(connection, self._claim, events=events, steps=steps)
        self._changes.tell(self._claim.conversation_id)

    async def write_regularly(self) -> None:
        """Write what is gathered every few hundredths of a second, until cancelled or the claim is lost."""
        pause = FIRST_PIECE_SECONDS
        while True:
            await self._something_to_write.wait()
            await asyncio.sleep(pause)
            await self.flush()
            pause = PIECE_SECONDS

    async def complete(self, answer: Answer) -> None:
        """End the turn with its reply. Steps that are not written yet are part of the answer now.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        closing = MessageCompleted(reply_id=0, model=answer.model, usage=answer.usage)
        await self._end(closing, partial(turns.complete, answer=answer))

    async def fail(self, *, code: str, reason: str) -> None:
        """End the turn without an answer.

        Raises:
            ClaimLostError: another worker answers this message now; nothing was written.
        """
        await self._end(MessageFailed(reply_id=0, code=code, reason=reason), partial(turns.fail, reason=reason))

    async def _end(self, closing: MessageCompleted | MessageFailed, write: Callable[..., Awaitable[None]]) -> None:
        """Write the end; while the database is away, again and again: what the model said was paid for.

        When an earlier try was committed although its connection broke, the next one finds the claim gone.
        """
        wait = 0.1
        async with self._writing:
            events, _ = self._take()
            while True:
                try:
                    async with self._database.connection() as connection:
                        await write(connection, self._claim, events=[*events, closing])
                    break
                except TransientError:
                    if wait > LONGEST_WAIT_SECONDS:
                        raise
                    await asyncio.sleep(wait)
                    wait *= 2
        self._changes.ended(self._claim.conversation_id)

    def _take(self) -> tuple[Sequence[EventBody], dict[str, bytes]]:
        events, steps = self._events, self._steps
        self._events, self._steps = [], {}
        self._something_to_write.clear()
        return joined(events), steps


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
