"""One talk with an agent: what is sent, what is followed, and where in its log this reader stands."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from turnkeeper.core.errors import CallerError, UpstreamError
from turnkeeper.terminal.client import Server
from turnkeeper.terminal.shapes import (
    TERMINAL,
    AgentDetails,
    Approval,
    ApprovalAsked,
    Begun,
    Conversation,
    Event,
    File,
    LiveTurn,
    Message,
    MessageAbsorbed,
    Snapshot,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What a new conversation begins with. `agent` is an id or a slug."""

    agent: str
    asks_only: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A turn is over."""

    event: Event
    message: Message


Stop = asyncio.Event
"""Set when the person wants what is being answered to end."""
Outcome = Ended | Approval
"""How following a message ended: it is over, or it needs somebody to decide."""


class Talk:
    """The conversation; there is none until the first message."""

    def __init__(self, server: Server, opening: Opening) -> None:
        self._server = server
        self._opening = opening
        self._position = 0
        self._answered_by: set[str] = set()
        self._asked_before: list[str] = []
        """Approvals that waited when this reader came: the log tells of them before the place where it begins to read."""
        self.conversation: Conversation | None = None
        self.message: Message | None = None
        """The newest one of this talk."""

    @property
    def opening(self) -> Opening:
        """What a new conversation begins with."""
        return self._opening

    def forget(self) -> None:
        """The next message begins a new conversation with the same agent."""
        if self.conversation is not None and not self._opening.agent:
            self._opening = Opening(agent=self.conversation.agent.slug, asks_only=self.conversation.mode == "ask")
        self.conversation = self.message = None
        self._position = 0
        self._asked_before = []

    async def resume(self, conversation: str, *, most_messages: int) -> Snapshot:
        """Go on with a conversation as it is now. Raises: CallerError: it is not there."""
        path = f"/conversations/{quote(conversation, safe='')}/snapshot?messages={most_messages}"
        found = await self._server.get(path, Snapshot)
        self.conversation = found.conversation
        self.message = found.messages[-1] if found.messages else None
        self._position = found.last_event
        self._asked_before = [approval.id for approval in reversed(found.approvals)]
        return found

    async def send(self, text: str, files: Sequence[Path]) -> Message:
        """Send a message, the first one with the conversation."""
        uploaded = [(await self._server.upload(path)).id for path in files]
        body: dict[str, object] = {"text": text}
        if uploaded:
            body["files"] = uploaded
        if self.conversation is not None:
            path = f"/conversations/{self.conversation.id}/messages"
            return self._sent(await self._server.post(path, body, Message))
        mode = "ask" if self._opening.asks_only else "execute"
        begun = await self._server.post(
            "/conversations", {"agent": self._opening.agent, "mode": mode, "message": body}, Begun
        )
        self.conversation = begun.conversation
        return self._sent(begun.message)

    async def send_beside(self, text: str, files: Sequence[Path]) -> Message:
        """Send a message while another one is being answered: that turn hears it if the agent steers, else it waits."""
        assert self.conversation is not None
        body: dict[str, object] = {
            "text": text,
            "files": [(await self._server.upload(path)).id for path in files],
            "overlap": await self._overlap(),
        }
        return await self._server.post(f"/conversations/{self.conversation.id}/messages", body, Message)

    async def _overlap(self) -> str:
        """Whether the agent hears messages in the middle of a turn; of one that is deleted nothing is known."""
        assert self.conversation is not None
        try:
            agent = await self._server.get(f"/agents/{self.conversation.agent.id}", AgentDetails)
        except CallerError:
            return "enqueue"
        return "steer" if agent.settings.overlap == "steer" else "enqueue"

    async def standing(self, message: Message) -> Message:
        """The message as it is now."""
        return await self._server.get(f"/messages/{message.id}", Message)

    async def download(self, file: File) -> bytes:
        """What is in a file."""
        return await self._server.text(f"/files/{file.id}/content")

    async def edit(self, message: Message, text: str) -> Message:
        """Say something else in a message's place."""
        return self._sent(await self._server.post(f"/messages/{message.id}/edit", {"text": text}, Message))

    async def retry(self, message: Message) -> Message:
        """Have a message answered once more."""
        return self._sent(await self._server.post(f"/messages/{message.id}/regenerate", {}, Message))

    async def cancel(self, message: Message) -> Message:
        """End a message; one that is finished stays as it is."""
        return await self._server.post(f"/messages/{message.id}/cancel", {}, Message)

    async def decide(self, approval: Approval, *, approves: bool, note: str | None) -> Approval:
        """Decide what a turn asks; what was decided before stands. Raises: CallerError: it was decided otherwise."""
        body = {"decision": "approve" if approves else "deny", "note": note}
        return await self._server.post(f"/approvals/{approval.id}/decide", body, Approval)

    async def export(self, *, as_markdown: bool) -> bytes:
        """The conversation, written down whole. Raises: CallerError: there is none yet."""
        if self.conversation is None:
            raise CallerError("There is nothing to export yet.")
        kind = "markdown" if as_markdown else "json"
        return await self._server.text(f"/conversations/{self.conversation.id}/export?format={kind}")

    async def follow(
        self, message: Message, show: Callable[[Event], None], stop: Stop, refused: Callable[[str], None]
    ) -> Outcome:
        """Show what happens until the message is over, or until a person must decide. Call again to go on.

        `stop` cancels the message; then this shows its end. `refused` hears why it could not be cancelled.
        """
        cancelling = asyncio.create_task(self._cancel_when(stop, message, refused))
        try:
            return await self._follow(message, show)
        finally:
            cancelling.cancel()
            await asyncio.wait([cancelling])

    async def _cancel_when(self, stop: Stop, message: Message, refused: Callable[[str], None]) -> None:
        await stop.wait()
        try:
            await self.cancel(message)
        except (CallerError, UpstreamError) as error:
            refused(error.message)

    async def _follow(self, message: Message, show: Callable[[Event], None]) -> Outcome:
        assert self.conversation is not None
        path = f"/conversations/{self.conversation.id}/events"
        answered_by = {message.id}
        while self._asked_before:
            approval = await self._waiting(self._asked_before.pop(0))
            if approval is not None:
                return approval
        async with aclosing(self._server.follow(path, after=self._position)) as log:
            async for happened in log:
                event = happened.event
                self._position = event.number
                if event.message_id not in answered_by | self._answered_by:
                    continue
                if isinstance(event, MessageAbsorbed):
                    self._answered_by = {event.into}
                if isinstance(event, TERMINAL):
                    self._answered_by = set()
                    self.message = await self._server.get(f"/messages/{message.id}", Message)
                    return Ended(event=event, message=self.message)
                approval = await self._waiting(event.approval_id) if isinstance(event, ApprovalAsked) else None
                if approval is not None:
                    return approval
                show(event)
        raise CallerError("The log of this conversation ended before the message did.")

    def live(self, found: Snapshot, message: Message) -> LiveTurn | None:
        """What the message's turn has said so far, if it runs."""
        return found.turn if found.turn is not None and found.turn.message_id == message.id else None

    async def _waiting(self, approval_id: str) -> Approval | None:
        """The approval, if it still waits."""
        approval = await self._server.get(f"/approvals/{approval_id}", Approval)
        return approval if approval.state == "waiting" else None

    def _sent(self, message: Message) -> Message:
        self.message = message
        return message


class LeftError(Exception):
    """The person wants to leave, whatever runs."""


@asynccontextmanager
async def stoppable() -> AsyncGenerator[Stop]:
    """The first Ctrl-C in the block sets what is given; the second one ends the block with LeftError."""
    task = asyncio.current_task()
    assert task is not None
    stop = Stop()
    is_leaving = False

    def heard() -> None:
        nonlocal is_leaving
        is_leaving = stop.is_set()
        if is_leaving:
            task.cancel()
        stop.set()

    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, heard)
    try:
        yield stop
    except asyncio.CancelledError:
        if not is_leaving:
            raise
        raise LeftError from None
    finally:
        loop.remove_signal_handler(signal.SIGINT)
