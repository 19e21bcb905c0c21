"""What a reader knows who follows a log by its rules: from the beginning, or from a snapshot on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec


class Reply(msgspec.Struct):
    id: str
    text: str


class Message(msgspec.Struct):
    id: str
    status: str
    left_out: str | None
    answered_with: str | None
    reply: Reply | None


class Said(msgspec.Struct):
    model_call: int
    text: str


class Turn(msgspec.Struct):
    message_id: str
    said: list[Said]


class Snapshot(msgspec.Struct):
    """As far as the fold looks."""

    last_event: int
    messages: list[Message]
    turn: Turn | None


class Event(msgspec.Struct):
    """Any event, as far as the fold looks."""

    number: int
    event: str
    message_id: str
    model_call: int = 0
    resumes_at: int = 0
    text: str = ""
    into: str = ""
    by: str = ""
    count: int = 0
    reply_id: str = ""
    how: str = ""


@dataclass(kw_only=True, eq=True)
class Known:
    """One message."""

    status: str = "queued"
    left_out: str | None = None
    answered_with: str | None = None
    reply_id: str | None = None
    said: dict[int, str] = field(default_factory=dict[int, str])
    reply: str | None = None


_ENDS: Mapping[str, str] = {
    "message.completed": "completed",
    "message.cancelled": "cancelled",
    "message.failed": "failed",
}


class Told:
    """All messages of a conversation, in their order."""

    def __init__(self, snapshot: Snapshot | None = None) -> None:
        self.known: dict[str, Known] = {}
        self.number = 0
        if snapshot is None:
            return
        self.number = snapshot.last_event
        for message in snapshot.messages:
            self.known[message.id] = Known(
                status=message.status,
                left_out=message.left_out,
                answered_with=message.answered_with,
                reply_id=None if message.reply is None else message.reply.id,
                reply=None if message.reply is None else message.reply.text,
            )
        if snapshot.turn is not None:
            self.known[snapshot.turn.message_id].said = {one.model_call: one.text for one in snapshot.turn.said}

    def hear(self, events: Iterable[Event]) -> "Told":
        """Follow on."""
        for event in events:
            assert event.number == self.number + 1
            self.number = event.number
            self._take(event)
        return self

    def gist(self) -> list[tuple[str, str, str | None, str | None, str | None, str | None]]:
        """What there is to know of the talk as it stands, without what was only on the way."""
        return [
            (name, one.status, one.left_out, one.answered_with, one.reply_id, one.reply)
            for name, one in self.known.items()
            if one.left_out is None
        ]

    def _take(self, event: Event) -> None:
        about = self.known.setdefault(event.message_id, Known())
        match event.event:
            case "turn.started":
                about.status = "pending"
                about.said = {call: text for call, text in about.said.items() if call < event.resumes_at}
            case "text":
                about.said[event.model_call] = about.said.get(event.model_call, "") + event.text
            case "message.absorbed":
                about.answered_with = event.into
                about.status = "pending"
            case "messages.superseded":
                names = list(self.known)
                for name in names[names.index(event.message_id) :]:
                    self.known[name].left_out = "superseded"
            case "message.completed" | "message.cancelled" | "message.failed":
                about.status, about.reply_id = _ENDS[event.event], event.reply_id
                about.left_out = event.how if event.how == "rolled_back" else None
                spoken = about if about.answered_with is None else self.known[about.answered_with]
                about.reply = spoken.said[max(spoken.said)] if spoken.said else spoken.reply
            case _:
                pass
