"""The event logs of conversations, a line an event, as they grow."""

import asyncio
import os
import shutil
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import quote

import msgspec

from turnkeeper.terminal.client import Happened, Server, Where
from turnkeeper.terminal.plain_text import spelled_out

_ALWAYS = frozenset({"event", "number", "message_id", "created_at"})
_NO_TERMINAL_WIDTH = 1_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Tailed:
    """Whose logs, from where, and how they are printed."""

    conversations: Sequence[str]
    after: int = 0
    follows: bool = True
    as_json: bool = False


def tail(where: Where, tailed: Tailed) -> None:
    """Print until interrupted, or until the logs' end when they are not followed.

    Raises:
        StartError: there is no server.
        CallerError: a conversation is not there, or the key is refused.
    """
    try:
        asyncio.run(_tail(where, tailed))
    except BaseExceptionGroup as errors:
        first = _first(errors)
        if not isinstance(first, BrokenPipeError):
            raise first from errors
        # Whoever read along has seen enough. Python would fail once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


async def _tail(where: Where, tailed: Tailed) -> None:
    server = Server(
        where,
        away=lambda: _beside("The server does not answer; trying again …"),
        back=lambda: _beside("The server answers again."),
    )
    try:
        await server.open()
        async with asyncio.TaskGroup() as group:
            for conversation in tailed.conversations:
                group.create_task(_one(server, tailed, conversation))
    finally:
        await server.close()


async def _one(server: Server, tailed: Tailed, conversation: str) -> None:
    path = f"/conversations/{quote(conversation, safe='')}/events"
    beginning = f"{conversation}  " if len(tailed.conversations) > 1 else ""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _NO_TERMINAL_WIDTH
    async with aclosing(server.follow(path, after=tailed.after, is_endless=tailed.follows)) as log:
        async for happened in log:
            line = happened.json.decode() if tailed.as_json else readable(happened, beginning, width)
            sys.stdout.write(line + "\n")
            sys.stdout.flush()


def readable(happened: Happened, beginning: str, width: int) -> str:
    """The event on one line: number, time, kind, what it says, and its message."""
    fields = msgspec.json.decode(happened.json, type=dict[str, msgspec.Raw])
    kind = _plain(fields.get("event"))
    rest = "  ".join(f"{name}={bytes(value).decode()}" for name, value in fields.items() if name not in _ALWAYS)
    event = happened.event
    line = f"{beginning}{event.number:>5}  {event.created_at}  {kind:<19} {rest}{'  ' if rest else ''}"
    line = spelled_out(line + (event.message_id or "–")).replace("\n", " ")
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _plain(value: msgspec.Raw | None) -> str:
    return "" if value is None else msgspec.json.decode(value, type=str)


def _beside(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first  # pyright: ignore[reportUnknownArgumentType]
