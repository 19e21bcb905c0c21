"""The clients, in a process of their own: reads a `Load` from standard input, writes two `Line`s to standard output.

A conversation is what the Enthusiast dialect's page shows: begin it, send a message, ask for the state of the task until
it is done, fetch the conversation. The reply must be the model's reply to this very question.
"""

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable

import msgspec
import orjson
import uvloop

from bench.http_client import BrokenError, Connection, request
from bench.load import Line, Load, Outcome, milliseconds
from bench.stub_model import new_ticket, reply_of

CONVERSATION_SECONDS = 60.0
"""A conversation that is not over by then is an error."""
PAUSE_AFTER_ERROR_SECONDS = 0.05
MOST_ERRORS_TOLD = 3


class _Created(msgspec.Struct):
    id: int


class _Sent(msgspec.Struct):
    task_id: str


class _Item(msgspec.Struct):
    role: str
    text: str


class _Talk(msgspec.Struct):
    history: list[_Item]


class WrongError(Exception):
    """The server answered something that it should not."""


class Tally:
    """What is measured, while it is."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self.is_open = False
        self.enough = asyncio.Event()
        self.looks = 0
        self.errors: list[str] = []
        self.accept: list[float] = []
        self.answer: list[float] = []
        self.whole: list[float] = []

    def note(self, *, accept: float, answer: float, whole: float, looks: int) -> None:
        """Count one that is done, with its times in seconds."""
        if self.is_open:
            self.accept.append(accept)
            self.answer.append(answer)
            self.whole.append(whole)
            self.looks += looks
            if self._most is not None and len(self.whole) >= self._most:
                self.is_open = False
                self.enough.set()

    def note_error(self, error: Exception) -> None:
        """Count one that failed."""
        self.errors.append(f"{type(error).__name__}: {error}")


class Client:
    """One client: one connection, one conversation after another."""

    def __init__(self, load: Load, tally: Tally) -> None:
        self._load = load
        self._tally = tally
        self._connection: Connection | None = None
        auth = f"Authorization: Token {load.key}\r\n"
        self._auth = auth
        self._look_headers = auth + (f"Prefer: wait={load.wait_seconds}\r\n" if load.wait_seconds else "")
        self._create = request("POST", "/api/conversations", auth, orjson.dumps({"data_set_id": load.data_set_id}))

    async def run(self) -> None:
        """Go on until cancelled."""
        step: Callable[[], Awaitable[None]] = self._talk if self._load.kind == "conversations" else self._get
        try:
            while True:
                try:
                    async with asyncio.timeout(CONVERSATION_SECONDS):
                        await step()
                except (BrokenError, WrongError, OSError, TimeoutError, msgspec.DecodeError) as error:
                    self._tally.note_error(error)
                    self._hang_up()
                    await asyncio.sleep(PAUSE_AFTER_ERROR_SECONDS)
        finally:
            self._hang_up()

    async def _talk(self) -> None:
        begun = time.perf_counter()
        ticket = new_ticket(self._load.delay_milliseconds)
        created = msgspec.json.decode(await self._ask(self._create, 201), type=_Created)
        question = orjson.dumps({"question_message": f"What do the service terms say? {ticket}"})
        sending = request("POST", f"/api/conversations/{created.id}", self._auth, question)
        sent_at = time.perf_counter()
        sent = msgspec.json.decode(await self._ask(sending, 202), type=_Sent)
        accepted_at = time.perf_counter()
        looks = await self._wait_for(sent.task_id)
        answered_at = time.perf_counter()
        fetching = request("GET", f"/api/conversations/{created.id}", self._auth)
        talk = msgspec.json.decode(await self._ask(fetching, 200), type=_Talk)
        if [item.role for item in talk.history] != ["user", "agent"] or talk.history[1].text != reply_of(ticket):
            raise WrongError(f"The conversation {created.id} does not end with the model's reply.")
        self._tally.note(
            accept=accepted_at - sent_at,
            answer=answered_at - sent_at,
            whole=time.perf_counter() - begun,
            looks=looks,
        )

    async def _wait_for(self, task_id: str) -> int:
        """Ask until the task is done; returns how often it took."""
        looking = request("GET", f"/api/task_status/{task_id}", self._look_headers)
        looks = 0
        while True:
            looks += 1
            body = await self._ask(looking, 200)
            if b"SUCCESS" in body:
                return looks
            if b"PENDING" not in body:
                raise WrongError(f"The task {task_id} ended with {body[:200]!r}.")
            await asyncio.sleep(self._load.poll_seconds)

    async def _get(self) -> None:
        begun = time.perf_counter()
        await self._ask(request("GET", self._load.path, self._auth), 200)
        seconds = time.perf_counter() - begun
        self._tally.note(accept=seconds, answer=seconds, whole=seconds, looks=0)

    async def _ask(self, what: bytes, status: int) -> bytes:
        if self._connection is None:
            self._connection = await Connection.open(self._load.port)
        got, body = await self._connection.ask(what)
        if got != status:
            raise WrongError(f"{what.split(b' HTTP', 1)[0].decode()} was answered with {got}: {body[:300]!r}")
        return body

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


async def drive(load: Load, begun: Callable[[], None]) -> Outcome:
    """Let the clients work; `begun` is called when the warm-up is over."""
    tally = Tally(load.most)
    running = [asyncio.create_task(Client(load, tally).run()) for _ in range(load.clients)]
    await asyncio.wait(running, timeout=load.warm_up_seconds)
    tally.is_open = True
    begun()
    started, cpu_before = time.perf_counter(), time.process_time()
    await asyncio.wait([asyncio.create_task(tally.enough.wait())], timeout=load.seconds)
    tally.is_open = False
    outcome = Outcome(
        seconds=time.perf_counter() - started,
        count=len(tally.whole),
        errors=len(tally.errors),
        first_errors=tuple(tally.errors[:MOST_ERRORS_TOLD]),
        looks=tally.looks,
        accept=milliseconds(tally.accept),
        answer=milliseconds(tally.answer),
        whole=milliseconds(tally.whole),
        cpu_seconds=time.process_time() - cpu_before,
    )
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    return outcome


def say(line: Line) -> None:
    """One line for the one that started us, at once."""
    os.write(sys.stdout.fileno(), msgspec.json.encode(line) + b"\n")


def main() -> None:
    """The program."""
    load = msgspec.json.decode(sys.stdin.buffer.readline(), type=Load)
    say(Line(outcome=uvloop.run(drive(load, lambda: say(Line(outcome=None))))))


if __name__ == "__main__":
    main()
