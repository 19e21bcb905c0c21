"""One call of a tool made safe: whatever happens becomes an answer that the model can read."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from turnkeeper.agents.model import ToolCall
from turnkeeper.agents.tools.tool import Tool, ToolContext
from turnkeeper.core.data_sets import Passage
from turnkeeper.core.effects import ToolKind
from turnkeeper.core.errors import (
    ClaimLostError,
    OutcomeUnknownError,
    ToolFailedError,
    ToolRetryError,
    TransientError,
    TurnkeeperError,
)
from turnkeeper.core.events import FoundPassage

OUTPUT_CHARACTERS = 32_000
"""The most that a model is given of one tool's output."""

NoteFailure = Callable[[ToolCall, Exception], None]
"""Told of a tool that broke in a way it does not declare: a bug, for the operator's eyes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ToolReply:
    """What a tool answered to one call, as it is recorded."""

    outcome: Literal["completed", "error"]
    output: str
    passages: tuple[Passage, ...] = ()


def log_failure(call: ToolCall, error: Exception) -> None:
    """Log a broken tool with its trace, and without its arguments, which may be private."""
    logging.getLogger(__name__).error("tool_broke tool=%s call_id=%s", call.tool, call.call_id, exc_info=error)


async def reply_of(
    tool: Tool, call: ToolCall, context: ToolContext, note_failure: NoteFailure, *, kind: ToolKind
) -> ToolReply:
    """Call the tool; what it raises becomes an error reply with a sentence for the model.

    A tool that breaks in a way it does not declare may have touched the world before: whether it did is unknown.

    Raises:
        TransientError: something that the tool needs is away for now, or a `keyed` call is to be made again with its key.
        OutcomeUnknownError: a call that must not be made twice may have happened.
        ClaimLostError: another worker answers this message.
    """
    try:
        output = await tool.call(call.arguments, context)
    except (TransientError, ClaimLostError):
        raise
    except (ToolRetryError, ToolFailedError) as error:
        return error_reply(str(error) or f"The tool {call.tool!r} failed.")
    except OutcomeUnknownError as error:
        if kind == "at_most_once":
            raise
        raise TransientError(call.tool, error.message) from error
    except TurnkeeperError as error:
        return error_reply(error.message)
    except Exception as error:
        note_failure(call, error)
        if kind == "at_most_once":
            raise OutcomeUnknownError(f"The tool {call.tool!r} broke in the middle of the call.") from error
        if kind == "keyed":
            raise TransientError(call.tool, f"The tool {call.tool!r} broke in the middle of a call.") from error
        return error_reply(f"The tool {call.tool!r} failed unexpectedly. Answer without it, or say what is missing.")
    return ToolReply(outcome="completed", output=_capped(output.text), passages=output.passages)


def error_reply(why: str) -> ToolReply:
    """A reply that tells the model what went wrong."""
    return ToolReply(outcome="error", output=_capped(why))


def _capped(text: str) -> str:
    text = text.replace("\0", "")  # PostgreSQL cannot hold it
    if len(text) <= OUTPUT_CHARACTERS:
        return text
    return (
        f"{text[:OUTPUT_CHARACTERS]}\n\n[Cut: these are the first {OUTPUT_CHARACTERS:,} of {len(text):,} characters.]"
    )


def found_passages(passages: Sequence[Passage], first_mark: int) -> tuple[FoundPassage, ...]:
    """What the log says of the passages that a call found, numbered from the first mark on."""
    return tuple(
        FoundPassage(
            mark=mark,
            title=passage.title,
            address=passage.address,
            start=passage.start,
            end=passage.end,
            score=passage.score,
            document_id=passage.document_id,
        )
        for mark, passage in enumerate(passages, first_mark)
    )
