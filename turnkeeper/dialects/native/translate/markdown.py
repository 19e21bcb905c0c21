"""A transcript as Markdown: for people to read, and not to be imported."""

import re
from collections.abc import AsyncGenerator, Iterator

from turnkeeper.actions.transcripts import Export
from turnkeeper.core.transcripts import TranscriptHead, TranscriptMessage, TranscriptRound
from turnkeeper.dialects.native.shapes.common import moment

_PIECE_CHARACTERS = 64_000
_ROLES = {"user": "User", "assistant": "Assistant", "system": "System"}
_TICKS = re.compile("`+")


async def markdown_of(export: Export) -> AsyncGenerator[bytes, None]:
    """The text, message by message, with calls of tools, citations and the names of files."""
    gathered = "\n".join(_head(export.head))
    async for message in export.messages():
        gathered += "\n".join(_message(message))
        if len(gathered) > _PIECE_CHARACTERS:
            yield gathered.encode()
            gathered = ""
    yield gathered.encode()


def _head(head: TranscriptHead) -> Iterator[str]:
    yield f"# {_line(head.labels.title or 'Conversation')}\n"
    yield f"- Agent: {_line(head.agent)}"
    if head.data_set is not None:
        yield f"- Data set: {_line(head.data_set)}"
    yield f"- Begun: {moment(head.created_at)}"
    if head.labels.tags:
        yield f"- Tags: {', '.join(map(_line, head.labels.tags))}"
    for key in sorted(head.labels.metadata):
        yield f"- {_line(key)}: {_line(head.labels.metadata[key])}"
    yield ""


def _message(message: TranscriptMessage) -> Iterator[str]:
    status = "" if message.status == "completed" else f" ({message.status})"
    yield f"\n## {_ROLES[message.role]}, {moment(message.created_at)}{status}\n"
    yield message.text.strip("\n")
    for file in message.files:
        yield f"\n- File: {_line(file.name)} ({file.media_type}, {file.size:,} bytes)"
    if message.citations:
        yield "\nSources:\n"
    for number, citation in enumerate(message.citations, 1):
        yield f"{number}. {_line(citation.title)} ({_line(citation.address)}): “{_line(citation.quote)}”"
    for one in message.rounds:
        yield from _round(one)
    yield ""


def _round(one: TranscriptRound) -> Iterator[str]:
    for each in one.calls:
        yield f"\n### Tool: {_line(each.call.tool)}\n"
        yield _fenced(each.call.arguments)
        if each.call.output is not None:
            yield "\nFailed:\n" if each.call.failed else "\nReturned:\n"
            yield _fenced(each.call.output)


def _fenced(text: str) -> str:
    """The text as code, between more ticks than it has itself."""
    longest = max((len(ticks) for ticks in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text.strip()}\n{fence}"


def _line(text: str) -> str:
    return " ".join(text.split())
