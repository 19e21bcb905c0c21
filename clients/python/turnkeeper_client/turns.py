"""What is asked, and what came of it: the same for both clients, and without any I/O."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from turnkeeper_client.errors import TurnFailedError
from turnkeeper_client.progress import Deadline
from turnkeeper_client.requests import File, Upload
from turnkeeper_client.shapes import (
    Begun,
    Conversation,
    CreateBody,
    Event,
    FirstMessageBody,
    Message,
    SendBody,
)

Decision = Literal["approve", "deny"]
Overlap = Literal["enqueue", "interrupt", "merge", "reject", "rollback", "steer"]
WAIT_SECONDS = 600.0
"""How long `converse` and `wait` wait, unless they are told otherwise."""
_FILE_PREFIX = "file_"
_LONGEST_SLICE = 10
_EARLY_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Turn:
    """A message and what came of it so far. `message` is all that the server says."""

    message: Message

    @property
    def message_id(self) -> str:
        return self.message["id"]

    @property
    def conversation_id(self) -> str:
        return self.message["conversation_id"]

    @property
    def status(self) -> str:
        """`completed`, `cancelled`; `pending` while it waits for people."""
        return self.message["status"]

    @property
    def text(self) -> str:
        """The answer; of a cancelled message, what was said; empty while there is none."""
        reply = self.message["reply"]
        return reply["text"] if reply else ""

    @property
    def waits_for(self) -> Sequence[str]:
        """The approvals that people have to decide first."""
        return self.message["waits_for"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What `converse` was asked."""

    text: str
    agent: str | None
    conversation: str | None
    files: Sequence[Upload]
    overlap: Overlap | None
    data_set: str | None
    idempotency_key: str | None

    def __post_init__(self) -> None:
        if (self.agent is None) == (self.conversation is None):
            raise ValueError("Name either an agent, to begin a conversation, or a conversation, to go on with it.")
        if self.conversation is not None and self.data_set is not None:
            raise ValueError("A data set is chosen when a conversation begins; this one has begun.")

    def uploads(self) -> list[tuple[Upload, str | None]]:
        """Files that are not on the server yet, each with the Idempotency-Key to upload it with."""
        return [
            (each, self.idempotency_key and f"{self.idempotency_key}-file-{place}")
            for place, each in enumerate(self.files)
            if not _is_on_server(each)
        ]

    def file_ids(self, uploaded: Sequence[str]) -> list[str]:
        """All ids in the order of `files`, with the uploaded ones where they belong."""
        new = iter(uploaded)
        return [each if isinstance(each, str) and _is_on_server(each) else next(new) for each in self.files]

    def first(self, file_ids: list[str]) -> CreateBody:
        """What begins a conversation."""
        message: FirstMessageBody = {"text": self.text}
        if file_ids:
            message["files"] = file_ids
        if self.overlap is not None:
            message["overlap"] = self.overlap
        body: CreateBody = {"agent": self.agent or "", "message": message}
        if self.data_set is not None:
            body["data_set"] = self.data_set
        return body

    def next(self, file_ids: list[str]) -> SendBody:
        """What goes on with one."""
        body: SendBody = {"text": self.text}
        if file_ids:
            body["files"] = file_ids
        if self.overlap is not None:
            body["overlap"] = self.overlap
        return body


class Said:
    """What the model said in a turn so far, without what a repeated attempt made void."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}

    @property
    def text(self) -> str:
        """The text of the last model call: the reply, when the turn is over."""
        return self._texts[max(self._texts)] if self._texts else ""

    def hear(self, event: Event) -> None:
        """Take the next event in."""
        if event["event"] == "text":
            self._texts[event["model_call"]] = self._texts.get(event["model_call"], "") + event["text"]
        elif event["event"] == "turn.started":
            self._texts = {call: text for call, text in self._texts.items() if call < event["resumes_at"]}


class Slices:
    """The waits of a long wait: short ones first, so that a turn that stops for people is soon seen."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._length = 1
        self._began_at = 0.0

    def next(self) -> int:
        """Seconds for the next `Prefer: wait`.

        Raises:
            DeadlineError
        """
        length = max(1, int(min(self._length, self._deadline.left())))
        self._length = min(self._length * 2, _LONGEST_SLICE)
        self._began_at = time.monotonic()
        return length

    def pause(self) -> float:
        """Seconds to wait because the server answered at once, as one that stops does."""
        return _EARLY_SECONDS if time.monotonic() - self._began_at < _EARLY_SECONDS else 0.0


def message_of(begun: Begun | Conversation) -> Message:
    """The first message of a conversation that began with one."""
    assert "message" in begun
    return begun["message"]


def is_finished(message: Message) -> bool:
    """Whether nothing more comes of it."""
    return message["status"] in {"completed", "failed", "cancelled"}


def turn_of(message: Message) -> Turn:
    """The turn as it stands.

    Raises:
        TurnFailedError: it ended without an answer.
    """
    if message["status"] == "failed":
        raise TurnFailedError(message)
    return Turn(message)


def _is_on_server(file: Upload) -> bool:
    return isinstance(file, str) and not isinstance(file, File) and file.startswith(_FILE_PREFIX)
