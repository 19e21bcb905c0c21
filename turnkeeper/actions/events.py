"""Reading the log of a conversation: in pages, along as it grows, and the moment from which to go on."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from turnkeeper.actions.signin import SignIn
from turnkeeper.core.accounts import Caller
from turnkeeper.core.approvals import ApprovalFilter
from turnkeeper.core.conversations import FINISHED
from turnkeeper.core.errors import NotFoundError, NotSignedInError, TransientError
from turnkeeper.core.events import LogPage
from turnkeeper.core.log_news import Beat, End, News
from turnkeeper.core.snapshots import Snapshot
from turnkeeper.store import approvals, conversation_lists, conversations, events, live_turns, messages
from turnkeeper.store.changes import LOOK_AGAIN_SECONDS, Changes
from turnkeeper.store.database import Connection, Database
from turnkeeper.store.events import Wanted
from turnkeeper.store.readers import Part, Reader, Turn
from turnkeeper.store.tails import Tails

_MOST_APPROVALS = 100
_WAIT_AFTER_TROUBLE_SECONDS = 1.0

Until = Literal["forever", "idle", "log_end"]


@dataclass(frozen=True, kw_only=True, slots=True)
class LogOf:
    """Whose log is wanted: a conversation's, or the part of it that is about one message."""

    conversation: UUID | None = None
    message: UUID | None = None


class Stream:
    """What one caller reads, as long as the key is good."""

    __slots__ = ("_caller", "_reader", "_secret", "_signin")

    def __init__(self, reader: Reader, caller: Caller, signin: SignIn, secret: str) -> None:
        self._reader = reader
        self._caller = caller
        self._signin = signin
        self._secret = secret

    @property
    def position(self) -> int:
        """The number up to which all was handed out."""
        return self._reader.position

    async def news(self) -> News:
        """What comes next; a beat when it is time to show that the stream lives."""
        try:
            news = await self._reader.news()
        except TransientError:
            # What is lost now is read again: the reader stands where it stood.
            await asyncio.sleep(_WAIT_AFTER_TROUBLE_SECONDS)
            return Beat()
        if isinstance(news, Beat) and not await self._is_still_allowed():
            return End("access_ended")
        return news

    def leave(self) -> None:
        """The client is gone: the next news is the end."""
        self._reader.end("left")

    async def _is_still_allowed(self) -> bool:
        try:
            return await self._signin.still_caller_of(self._secret) == self._caller
        except NotSignedInError:
            return False
        except TransientError:
            return True  # asked again with the next beat


class EventActions:
    """What callers may read of a log."""

    def __init__(self, database: Database, changes: Changes, tails: Tails, signin: SignIn) -> None:
        self._database = database
        self._changes = changes
        self._tails = tails
        self._signin = signin

    async def page(
        self, caller: Caller, of: LogOf, *, after: int, limit: int, wait_seconds: float = 0.0
    ) -> tuple[LogPage, int]:
        """Up to `limit` events after a number, and the number up to which this has read.

        When there is none yet, wait for one, for at most so many seconds.

        Raises:
            NotFoundError: there is no such conversation or message for this caller.
        """
        part = await self._part(caller, of, after=after)
        deadline = asyncio.get_running_loop().time() + wait_seconds
        with self._changes.listening(part.conversation_id) as changed:
            while True:
                changed.clear()
                page = await self._page(part, after=after, limit=limit)
                left = deadline - asyncio.get_running_loop().time()
                if page.entries or left <= 0 or part.until == "log_end" or self._changes.is_closing:
                    return page, page.reached(after)
                await _set_within(changed, min(left, LOOK_AGAIN_SECONDS))

    async def part(self, caller: Caller, of: LogOf, *, after: int, until: Until = "forever") -> Part:
        """The part of a log that `following` reads; checked before, so that a refusal can be told as one.

        Raises:
            NotFoundError: there is no such conversation or message for this caller.
            TransientError: too many read along here, or the server is about to stop.
        """
        self._tails.check_room()
        return await self._part(caller, of, after=after, until=until)

    @contextmanager
    def following(self, caller: Caller, secret: str, part: Part) -> Generator[Stream]:
        """Read along until the end of the block. When the key behind `secret` changes, or is revoked, it is the end."""
        with self._tails.reading(part) as reader, self._signin.watching(secret, reader.beat):
            yield Stream(reader, caller, self._signin, secret)

    async def snapshot(self, caller: Caller, *, conversation: UUID, most_messages: int) -> Snapshot:
        """The conversation as it is at one moment.

        Raises:
            NotFoundError: there is no such conversation for this caller.
        """
        wanted = ApprovalFilter(state="waiting", conversation=conversation, limit=_MOST_APPROVALS)
        async with self._database.transaction() as connection:
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            overview = await conversation_lists.find(connection, caller, conversation=conversation)
            if overview is None:
                raise NotFoundError("conversation", str(conversation))
            found = overview.conversation
            standings = await messages.newest_standings(connection, conversation_id=found.id, limit=most_messages)
            snapshot = Snapshot(
                overview=overview,
                messages=tuple(standings),
                turn=await live_turns.of_conversation(connection, conversation_id=found.id),
                approvals=tuple(await approvals.listed(connection, caller, wanted)),
            )
        self._changes.seen(found.id)
        return snapshot

    def close(self) -> None:
        """End all streams and all waiting for changes, also what comes later: the server stops."""
        self._tails.close()
        self._changes.close()

    async def _part(self, caller: Caller, of: LogOf, *, after: int, until: Until = "forever") -> Part:
        async with self._database.connection() as connection:
            if of.message is not None:
                return await _part_of_turn(connection, caller, of.message, after=after, until=until)
            assert of.conversation is not None
            found = await conversations.find(connection, caller, conversation=of.conversation, only_own=False)
        if found is None:
            raise NotFoundError("conversation", str(of.conversation))
        return Part(conversation_id=found.id, after=after, until=until)

    async def _page(self, part: Part, *, after: int, limit: int) -> LogPage:
        message_id = None if part.turn is None else part.turn.message_id
        wanted = Wanted(conversation_id=part.conversation_id, after=after, message_id=message_id)
        async with self._database.connection() as connection:
            found = await events.pages(connection, [wanted], limit=limit)
        return found.get(part.conversation_id, LogPage(entries=(), has_more=False, last_event=after))


async def _part_of_turn(connection: Connection, caller: Caller, message: UUID, *, after: int, until: Until) -> Part:
    """The events of one message; of a reply, those of the turn that made it. All of a finished one are there."""
    found = await messages.find(connection, caller, message=message, only_own=False)
    if found is not None and found.reply_to is not None:
        found = await messages.find(connection, caller, message=found.reply_to, only_own=False)
    if found is None:
        raise NotFoundError("message", str(message))
    return Part(
        conversation_id=found.conversation_id,
        after=max(after, found.first_event - 1),
        turn=Turn(message_id=found.id, public_id=found.public_id),
        until="log_end" if found.status in FINISHED else until,
    )


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
