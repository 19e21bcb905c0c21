"""The client that waits for each answer.

Generated from `async_client.py` by `make clients`: do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar, overload

import httpx

from turnkeeper_client.errors import ConnectionLostError
from turnkeeper_client.progress import Deadline, Progress
from turnkeeper_client.requests import Request, Upload, answer_error, opened, path_of, read_answer, timeout_for
from turnkeeper_client.retries import AGAIN, NEVER, Retries, retry_after_of
from turnkeeper_client.server import address_of, head_of
from turnkeeper_client.shapes import Approval, Message
from turnkeeper_client.streams import EventStream, TurnStream
from turnkeeper_client.sync_operations import Operations
from turnkeeper_client.turns import (
    WAIT_SECONDS,
    Overlap,
    Question,
    Slices,
    Turn,
    is_finished,
    message_of,
    turn_of,
)
from turnkeeper_client.waiting import Decider, Pauses, decided

T = TypeVar("T")


class Turnkeeper(Operations):
    """A server, with one key. Safe to use from several threads; close it at the end, or use it as a context manager.

    `address` and `key` are taken from `TURNKEEPER_URL` and `TURNKEEPER_KEY` when left out. `http` is an httpx client
    of your own, for proxies or certificates; it stays yours to close.
    """

    def __init__(
        self,
        address: str | None = None,
        key: str | None = None,
        *,
        retries: Retries | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self.retries = retries or Retries()
        self._address = address_of(address)
        self._headers = head_of(key)
        self._http = http or httpx.Client()
        self._is_own = http is None
        self._pauses = Pauses()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections, and end what waits to try again."""
        self._pauses.close()
        if self._is_own:
            self._http.close()

    @overload
    def converse(
        self,
        *,
        text: str,
        agent: str | None = None,
        conversation: str | None = None,
        files: Sequence[Upload] = (),
        overlap: Overlap | None = None,
        data_set: str | None = None,
        on_approval: Decider | None = None,
        timeout: float | None = WAIT_SECONDS,
        idempotency_key: str | None = None,
        stream: Literal[False] = False,
    ) -> Turn: ...

    @overload
    def converse(
        self,
        *,
        text: str,
        agent: str | None = None,
        conversation: str | None = None,
        files: Sequence[Upload] = (),
        overlap: Overlap | None = None,
        data_set: str | None = None,
        timeout: float | None = WAIT_SECONDS,
        idempotency_key: str | None = None,
        stream: Literal[True],
    ) -> TurnStream: ...

    def converse(
        self,
        *,
        text: str,
        agent: str | None = None,
        conversation: str | None = None,
        files: Sequence[Upload] = (),
        overlap: Overlap | None = None,
        data_set: str | None = None,
        on_approval: Decider | None = None,
        timeout: float | None = WAIT_SECONDS,
        idempotency_key: str | None = None,
        stream: bool = False,
    ) -> Turn | TurnStream:
        """Say something to an agent, in a new conversation or in one that is there, and get the answer.

        `files` are ids, paths or `File`s, which are uploaded first. `timeout` is in seconds. With `stream=True` it gives
        a `TurnStream` to iterate over, at once; else it waits. A turn that stops for people is handed to
        `on_approval`; without one, or when that gives None, it is returned as it stands, with `waits_for`.

        Raises:
            TurnFailedError: the turn ended without an answer.
            DeadlineError: `timeout` passed; the turn goes on.
        """
        deadline = Deadline(timeout)
        question = Question(
            text=text,
            agent=agent,
            conversation=conversation,
            files=files,
            overlap=overlap,
            data_set=data_set,
            idempotency_key=idempotency_key,
        )
        if stream:
            return TurnStream(
                send=lambda: self._send_question(question, wait=None),
                follow=lambda message: self._follow(_of_message(message), {}, 0, deadline),
                result=self._turn,
            )
        return self._answered(question, Slices(deadline), on_approval)

    def wait(
        self,
        message_id: str,
        *,
        on_approval: Decider | None = None,
        timeout: float | None = WAIT_SECONDS,
    ) -> Turn:
        """Wait for the end of a turn, as `converse` does, and with its errors."""
        slices = Slices(Deadline(timeout))
        return self._finish(self.get_message(message_id, wait=slices.next()), slices, on_approval)

    def follow_message(self, message_id: str, *, after: int = 0, timeout: float | None = None) -> EventStream:
        """The events of one turn after this number, until it ends. `timeout` in seconds, over all of it."""
        return self._follow(_of_message(message_id), {}, after, Deadline(timeout))

    def follow_conversation(
        self, conversation_id: str, *, after: int = 0, until_idle: bool = False, timeout: float | None = None
    ) -> EventStream:
        """The events of a conversation after this number: for ever, or until every message is finished."""
        path = path_of("/v1/conversations/{id}/events", id=conversation_id)
        return self._follow(path, {"until": "idle"} if until_idle else {}, after, Deadline(timeout))

    def approve(self, approval_id: str, *, note: str | None = None) -> Approval:
        """Let the call be made. To decide the same way twice is no error."""
        return self.decide_approval(approval_id, {"decision": "approve", "note": note})

    def deny(self, approval_id: str, *, note: str | None = None) -> Approval:
        """Forbid the call; the model reads the note."""
        return self.decide_approval(approval_id, {"decision": "deny", "note": note})

    def download(self, file_id: str, to: Path) -> Path:
        """Write the bytes of a file to a path, in pieces. What stands there is replaced when all of them came."""
        part = to.with_name(f"{to.name}.part")
        path = path_of("/v1/files/{id}/content", id=file_id)
        attempt = 0
        while True:
            attempt += 1
            try:
                with self._http.stream("GET", self._address + path, headers=self._headers) as response:
                    if response.is_success:
                        with part.open("wb") as file:
                            for piece in response.iter_bytes():
                                file.write(piece)
                        return part.replace(to)
                    response.read()
                    seconds = self._pause_after(attempt, response)
                    if seconds is None:
                        raise answer_error(response)
            except httpx.TransportError as error:
                seconds = self._pause_after_cut(attempt, error)
            self._pauses.take(seconds)

    def send(self, request: Request[T]) -> T:
        """Send a request; again, with the same Idempotency-Key, when the connection breaks or the server asks for it.

        Raises:
            AnswerError: the server refused.
            ConnectionLostError: it was tried as often as `retries` says.
        """
        headers = {**self._headers, **request.headers()}
        attempt = 0
        while True:
            attempt += 1
            try:
                response = self._sent(request, headers)
            except httpx.TransportError as error:
                seconds = self._pause_after_cut(attempt, error)
            else:
                waited = self._pause_after(attempt, response)
                if waited is None:
                    return read_answer(request, response)
                seconds = waited
            self._pauses.take(seconds)

    def _sent(self, request: Request[T], headers: Mapping[str, str]) -> httpx.Response:
        with opened(request) as parts:
            return self._http.request(
                request.method,
                self._address + request.path,
                params=request.parameters(),
                headers=headers,
                json=request.body if parts is None else None,
                files=parts,
                timeout=timeout_for(request),
            )

    def _pause_after(self, attempt: int, response: httpx.Response) -> float | None:
        if response.status_code not in AGAIN:
            return None
        return self.retries.pause(attempt, retry_after_of(response.headers))

    def _pause_after_cut(self, attempt: int, error: httpx.TransportError) -> float:
        seconds = None if isinstance(error, NEVER) else self.retries.pause(attempt)
        if seconds is None:
            raise ConnectionLostError(
                f"{self._address} could not be asked: {error or type(error).__name__}."
            ) from error
        return seconds

    def _turn(self, message_id: str) -> Turn:
        return turn_of(self.get_message(message_id))

    def _answered(self, question: Question, slices: Slices, on_approval: Decider | None) -> Turn:
        return self._finish(self._send_question(question, wait=slices.next()), slices, on_approval)

    def _send_question(self, question: Question, *, wait: int | None) -> Message:
        uploaded = [self._uploaded(file, key) for file, key in question.uploads()]
        files, key = question.file_ids(uploaded), question.idempotency_key
        if question.conversation is None:
            return message_of(self.create_conversation(question.first(files), wait=wait, idempotency_key=key))
        return self.send_message(question.conversation, question.next(files), wait=wait, idempotency_key=key)

    def _uploaded(self, file: Upload, key: str | None) -> str:
        there = self.upload_file(file=file, idempotency_key=key)
        return there["id"]

    def _finish(self, message: Message, slices: Slices, on_approval: Decider | None) -> Turn:
        while not is_finished(message):
            if message["waits_for"] and not self._decide(message, on_approval):
                return Turn(message)
            self._pauses.take(slices.pause())
            message = self.get_message(message["id"], wait=slices.next())
        return turn_of(message)

    def _decide(self, message: Message, on_approval: Decider | None) -> bool:
        """Whether all that the turn waits for is decided now."""
        if on_approval is None:
            return False
        for approval_id in message["waits_for"]:
            decision = decided(on_approval, self.get_approval(approval_id))
            if decision is None:
                return False
            self.decide_approval(approval_id, {"decision": decision})
        return True

    def _follow(self, path: str, query: Mapping[str, str], after: int, deadline: Deadline) -> EventStream:
        progress = Progress(after=after, retries=self.retries, deadline=deadline, headers=self._headers)
        return EventStream(self._http, self._address + path, query=query, progress=progress, pause=self._pauses.take)


def _of_message(message_id: str) -> str:
    return path_of("/v1/messages/{id}/events", id=message_id)
