"""One question and its answer, where input or output is no terminal: for pipes and scripts."""

import asyncio
import sys
from typing import TextIO

from turnkeeper.core.errors import CallerError
from turnkeeper.terminal.chat import INTERRUPTED, Wanted
from turnkeeper.terminal.client import Server, Where
from turnkeeper.terminal.shapes import Approval, Event, Message, MessageCancelled, Reply
from turnkeeper.terminal.talk import LeftError, Outcome, Talk, stoppable
from turnkeeper.terminal.turn_view import sources

NO_ANSWER = 1
WAITS_FOR_PEOPLE = 3
_MOST_CHARACTERS = 1_000_000


def ask_once(where: Where, wanted: Wanted, question: TextIO) -> int:
    """Send what there is to read as one message, print the answer alone on standard output; the exit code.

    Raises:
        StartError: there is no server.
        CallerError: there is no question, or it is refused.
    """
    text = question.read(_MOST_CHARACTERS + 1)
    if not text.strip():
        raise CallerError("There is no question: nothing was read from standard input.")
    if len(text) > _MOST_CHARACTERS:
        raise CallerError(f"The question has more than {_MOST_CHARACTERS:,} characters; attach a file with --attach.")
    return asyncio.run(_asked(where, wanted, text.strip()))


async def _asked(where: Where, wanted: Wanted, text: str) -> int:
    server = Server(where, away=lambda: _beside("The server does not answer; trying again …"), back=lambda: None)
    try:
        await server.open()
        talk = Talk(server, wanted.opening)
        if wanted.conversation is not None:
            found = await talk.resume(wanted.conversation, most_messages=1)
            if found.approvals:
                return _told_to_decide(found.approvals[-1], found.conversation.id)
        async with stoppable() as stop:
            message = await talk.send(text, wanted.files)
            return _told(message, await talk.follow(message, _unseen, stop, _beside))
    except LeftError:
        return INTERRUPTED
    finally:
        await server.close()


def _told(message: Message, outcome: Outcome) -> int:
    """Print what came of it; the exit code."""
    if isinstance(outcome, Approval):
        return _told_to_decide(outcome, message.conversation_id)
    reply = outcome.message.reply
    if reply is not None and reply.role == "assistant":
        _print(reply)
    elif reply is not None:
        _beside(reply.text)
    if isinstance(outcome.event, MessageCancelled):
        return INTERRUPTED
    return 0 if outcome.message.status == "completed" else NO_ANSWER


def _told_to_decide(approval: Approval, conversation: str) -> int:
    _beside(
        f"The agent waits for a decision about {approval.tool!r}: decide with `turnkeeper approvals approve "
        f"{approval.id}` or `deny`, and go on with `turnkeeper chat --conversation {conversation}`."
    )
    return WAITS_FOR_PEOPLE


def _print(reply: Reply) -> None:
    named = sources(reply)
    lines = [reply.text, "", *named] if named else [reply.text]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _beside(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _unseen(_: Event) -> None:
    return
