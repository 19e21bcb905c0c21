"""A talk at a terminal: a person types, the agent answers, tools are seen and decided on."""

import asyncio
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from turnkeeper.core.errors import CallerError, UpstreamError
from turnkeeper.terminal.attachments import typed
from turnkeeper.terminal.client import Server, Where
from turnkeeper.terminal.keyboard import Keyboard
from turnkeeper.terminal.plain_text import spelled_out
from turnkeeper.terminal.saving import safe_name, wanted_file, write_new
from turnkeeper.terminal.screen import Screen
from turnkeeper.terminal.shapes import Approval, File, LiveTurn, Message
from turnkeeper.terminal.talk import LeftError, Opening, Outcome, Stop, Talk, stoppable
from turnkeeper.terminal.turn_view import TurnView, unfolded

T = TypeVar("T")

INTERRUPTED = 130
_SHOWN_AGAIN = 3
"""Messages that are shown when a conversation is gone on with."""
_COMMAND = re.compile(r"/([a-z]+)(?:\s+(.*))?", re.DOTALL)
_QUESTIONS = {
    "call": "May this call be made?",
    "outcome": "This call was begun, and nobody knows whether it happened. May it be made again?",
}
_HELP = """\
/new              begin a new conversation
/retry            have the last message answered once more
/edit [TEXT]      say something else in place of the last message
/cancel           end what is being answered; Ctrl-C while it is
/save NAME [PATH] save a file that the agent wrote; never in place of another one
/steps            all that tools were given and returned in the last turn
/export [PATH]    write the conversation down: JSON if the path ends in .json, else Markdown
/quit             leave; Ctrl-D
@path             attach a file: @report.pdf, @"my report.pdf"; @@ is a plain @
\\ at a line's end goes on in the next line
What you type while it answers is sent too: it is heard at once where the agent allows that, else answered next."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What to talk about: with whom, in which conversation, with which files at first."""

    opening: Opening
    conversation: str | None = None
    files: tuple[Path, ...] = ()


def chat(where: Where, wanted: Wanted, *, is_styled: bool) -> int:
    """Talk until the person leaves; the exit code.

    Raises:
        StartError: there is no server.
        CallerError: the key, the agent or the conversation is refused.
    """
    screen = Screen(sys.stdout, is_styled=is_styled)
    with asyncio.Runner() as runner:
        server = Server(
            where,
            away=lambda: screen.line("The server does not answer; trying again …", is_dim=True),
            back=lambda: screen.line("The server answers again.", is_dim=True),
        )
        runner.run(server.open())
        try:
            return Chat(Talk(server, wanted.opening), screen, runner).run(server.address, wanted)
        finally:
            runner.run(server.close())


class Chat:
    """One person at one terminal."""

    def __init__(self, talk: Talk, screen: Screen, runner: asyncio.Runner) -> None:
        self._talk = talk
        self._screen = screen
        self._runner = runner
        self._commands = {
            "new": self._new,
            "retry": self._retry,
            "edit": self._edit,
            "cancel": self._cancel,
            "steps": self._steps,
            "export": self._export,
            "save": self._save,
            "help": self._help,
        }
        names = [f"/{name}" for name in (*self._commands, "quit")]
        self._keyboard = Keyboard(names, Path())
        self._view = TurnView(screen)
        self._files: tuple[Path, ...] = ()
        self._beside: list[Message] = []
        """What was typed while something was being answered, oldest first."""
        self._written: dict[str, File] = {}
        """Files that the agent wrote, by the names that they are shown by; the newest of a name."""

    def run(self, address: str, wanted: Wanted) -> int:
        """Talk until the end; the exit code."""
        self._files = wanted.files
        try:
            if wanted.conversation is not None:
                self._resume(wanted.conversation)
            whom = self._talk.opening.agent if self._talk.conversation is None else self._talk.conversation.agent.name
            self._screen.line(f"Talking with {whom} at {address}. /help shows what else there is.", is_dim=True)
            self._talk_on()
        except EOFError:
            self._screen.line()
        except LeftError:
            self._say_how_to_go_on()
            return INTERRUPTED
        self._say_how_to_go_on()
        return 0

    def _talk_on(self) -> None:
        was_interrupted = False
        while True:
            try:
                line = self._keyboard.ask("\n› ")
                was_interrupted = False
                if line.strip() in {"/quit", "/exit"}:
                    return
                self._take(line)
            except KeyboardInterrupt:
                if was_interrupted:
                    raise LeftError from None
                was_interrupted = True
                self._screen.line("Ctrl-C once more, or Ctrl-D, leaves.", is_dim=True)
            except (CallerError, UpstreamError) as error:
                self._screen.trouble(error.message)

    def _take(self, line: str) -> None:
        command = _COMMAND.fullmatch(line.strip())
        if command is None:
            self._say(line)
        elif command[1] in self._commands:
            self._commands[command[1]](command[2] or "")
        else:
            self._screen.trouble(f"There is no command /{command[1]}; /help shows those that there are.")

    def _say(self, line: str) -> None:
        if not line.strip():
            return
        what = typed(line, Path())
        self._screen.hint("sending …")
        files, self._files = (*self._files, *what.files), ()
        self._answer(self._talk.send(what.text.strip(), files))

    def _answer(self, sending: Awaitable[Message]) -> None:
        self._answer_one(sending, None)
        self._answer_beside()

    def _answer_beside(self) -> None:
        while self._beside:
            message = self._do(self._talk.standing(self._beside.pop(0)))
            if message.answered_with is None:
                self._screen.line(f"\n› {message.text}")
                self._show(message, None)

    def _answer_one(self, sending: Awaitable[Message], live: LiveTurn | None) -> None:
        view = self._view = TurnView(self._screen)
        message, outcome = self._do(self._begun(sending, view, live))
        while isinstance(outcome, Approval):
            self._decide(outcome, message)
            outcome = self._do(self._followed(message, view))
        view.ended(outcome.event, outcome.message.reply)
        self._note_files(outcome.message)

    async def _begun(
        self, sending: Awaitable[Message], view: TurnView, live: LiveTurn | None
    ) -> tuple[Message, Outcome]:
        async with stoppable() as stop:
            message = await sending
            view.begin(live)
            async with self._hearing(stop):
                return message, await self._talk.follow(message, view.show, stop, self._screen.trouble)

    async def _followed(self, message: Message, view: TurnView) -> Outcome:
        async with stoppable() as stop, self._hearing(stop):
            return await self._talk.follow(message, view.show, stop, self._screen.trouble)

    @asynccontextmanager
    async def _hearing(self, stop: Stop) -> AsyncGenerator[None]:
        """Send what is typed inside the block; at its end, what was typed is sent first."""
        lines = asyncio.Queue[str]()
        sending = asyncio.create_task(self._send_typed(lines, stop))
        try:
            with self._keyboard.overheard(lines.put_nowait):
                yield
            await lines.join()
        finally:
            sending.cancel()
            await asyncio.wait([sending])

    async def _send_typed(self, lines: "asyncio.Queue[str]", stop: Stop) -> None:
        while True:
            line = (await lines.get()).strip()
            try:
                if line == "/cancel":
                    stop.set()
                elif _COMMAND.fullmatch(line):
                    self._screen.trouble("While it answers, /cancel is the only command; Ctrl-C does the same.")
                elif line:
                    await self._send_beside(line)
            except (CallerError, UpstreamError) as error:
                self._screen.trouble(error.message)
            finally:
                lines.task_done()

    async def _send_beside(self, line: str) -> None:
        what = typed(line, Path())
        message = await self._talk.send_beside(what.text, what.files)
        self._beside.append(message)
        is_heard = message.overlap == "steer"
        told = "Sent: heard before the agent's next step." if is_heard else "Queued: answered after this."
        self._screen.line(told, is_dim=True)

    def _decide(self, approval: Approval, message: Message) -> None:
        self._screen.line(f"{spelled_out(approval.tool)}: {_QUESTIONS.get(approval.question, 'May it?')}")
        self._screen.line(f"  with:    {spelled_out(bytes(approval.arguments).decode())}")
        if approval.reason:
            self._screen.line(f"  because: {approval.reason}")
        try:
            approves, note = self._decision()
        except KeyboardInterrupt:
            self._screen.line()
            self._do(self._talk.cancel(message))
            return
        try:
            self._do(self._talk.decide(approval, approves=approves, note=note))
        except CallerError as error:
            self._screen.trouble(error.message)

    def _decision(self) -> tuple[bool, str | None]:
        while True:
            line = self._keyboard.decide("y to approve, n to deny, n and a reason: ").strip()
            word, _, rest = line.partition(" ")
            match word.lower().rstrip(","):
                case "y" | "yes":
                    return True, rest.strip() or None
                case "n" | "no":
                    return False, rest.strip() or None
                case _:
                    self._screen.line("Nothing is decided yet. Ctrl-C cancels the message.", is_dim=True)

    def _resume(self, conversation: str) -> None:
        found = self._do(self._talk.resume(conversation, most_messages=2 * _SHOWN_AGAIN))
        messages = [message for message in found.messages if message.role == "user"][-_SHOWN_AGAIN:]
        for message in messages:
            self._screen.line(f"\n› {message.text}")
            self._show(message, self._talk.live(found, message))
        self._answer_beside()

    def _show(self, message: Message, live: LiveTurn | None) -> None:
        """What came of a message, or comes of it now."""
        if not message.is_finished:
            self._answer_one(_sent(message), live)
            return
        if message.reply is not None:
            self._screen.text(message.reply.text)
            self._screen.end_text()
        self._note_files(message)

    def _note_files(self, message: Message) -> None:
        if message.reply is not None:
            self._written.update((file.name, file) for file in message.reply.files)

    def _new(self, _: str) -> None:
        self._talk.forget()
        self._beside.clear()
        self._screen.line("The next message begins a new conversation.", is_dim=True)

    def _retry(self, _: str) -> None:
        self._answer(self._talk.retry(self._last()))

    def _edit(self, text: str) -> None:
        last = self._last()
        said = text.strip() or self._keyboard.ask("\n› ", start=last.text).strip()
        if said:
            self._answer(self._talk.edit(last, said))

    def _cancel(self, _: str) -> None:
        message = self._do(self._talk.cancel(self._last()))
        self._screen.line(f"The last message is {message.status}.", is_dim=True)

    def _steps(self, _: str) -> None:
        self._screen.line(unfolded(self._view.steps) or "No tools were called in the last turn.")

    def _export(self, place: str) -> None:
        path = Path(place.strip()).expanduser() if place.strip() else None
        as_markdown = path is None or path.suffix.lower() != ".json"
        written = self._do(self._talk.export(as_markdown=as_markdown))
        if path is None:
            self._screen.line(written.decode())
            return
        write_new(path, written)
        self._screen.line(f"Written to {path} ({len(written):,} bytes).", is_dim=True)

    def _save(self, words: str) -> None:
        file, place = wanted_file(words, self._written)
        path = Path(safe_name(file.name)) if place is None else place
        if path.is_dir():
            path /= safe_name(file.name)
        write_new(path, self._do(self._talk.download(file)))
        self._screen.line(f"Saved as {path} ({file.size:,} bytes).", is_dim=True)

    def _help(self, _: str) -> None:
        self._screen.line(_HELP)

    def _last(self) -> Message:
        if self._talk.message is None:
            raise CallerError("Nothing was said yet.")
        return self._talk.message

    def _say_how_to_go_on(self) -> None:
        if self._talk.conversation is not None:
            self._screen.line(f"To go on: turnkeeper chat --conversation {self._talk.conversation.id}", is_dim=True)

    def _do(self, work: Coroutine[None, None, T]) -> T:
        return self._runner.run(work)


async def _sent(message: Message) -> Message:
    """A message that was sent before."""
    return message
