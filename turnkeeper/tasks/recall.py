"""What a turn is told of the turns before it: read newest first, in pages, until the window of history is full."""

from dataclasses import dataclass

from turnkeeper.agents.memory import OLD_OUTPUT_CHARACTERS, Window, tokens_of
from turnkeeper.agents.summary import keeps_summary
from turnkeeper.core.agents import Agent
from turnkeeper.core.history import HistoryTurn, Memory
from turnkeeper.store import history, memories
from turnkeeper.store.database import Connection
from turnkeeper.store.history import Stretch

_FIRST_PAGE = 16
_LARGEST_PAGE = 256
_MOST_CHARACTERS_A_TOKEN = 4
"""No estimate is lower: a longer text cannot fit."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Recalled:
    """The summary of what is long ago, the newest turns, oldest first, and about how many tokens these take."""

    summary: str | None = None
    turns: tuple[HistoryTurn, ...] = ()
    tokens: int = 0
    has_more: bool = False
    """Whether a turn that is not in the summary did not fit."""


async def recall(connection: Connection, agent: Agent, *, conversation_id: int, before: int) -> Recalled:
    """What the agent is to know of a conversation when it answers the message `before`.

    It costs as much as fits into the agent's window of history, however long the conversation is.
    """
    memory = None
    if keeps_summary(agent):
        memory = await memories.find(connection, conversation_id=conversation_id)
    window = Window(turn_tokens(agent, memory))
    after = 0 if memory is None else memory.up_to_message_id
    await fill(connection, window, Stretch(conversation_id=conversation_id, after=after, before=before))
    return Recalled(
        summary=None if memory is None else memory.text,
        turns=window.turns(),
        tokens=window.tokens,
        has_more=window.is_full,
    )


def turn_tokens(agent: Agent, memory: Memory | None) -> int:
    """How many tokens of the agent's window are left to whole turns beside the summary."""
    return max(0, agent.limits.history_tokens - (0 if memory is None else tokens_of(memory.text)))


async def fill(connection: Connection, window: Window, stretch: Stretch) -> None:
    """Put the newest turns of the stretch into the window until one does not fit, or none is left.

    A page is about as large as what still fits, judged by what was read: little is read in vain, in few statements.
    """
    longest = window.left * _MOST_CHARACTERS_A_TOKEN + 1
    before, limit, read = stretch.before, _FIRST_PAGE, 0
    while not window.is_full:
        page = await history.page(
            connection,
            Stretch(conversation_id=stretch.conversation_id, after=stretch.after, before=before),
            limit=limit,
            text_characters=longest,
            output_characters=OLD_OUTPUT_CHARACTERS,
        )
        for turn in page:
            window.take(turn)
        if len(page) < limit:
            return
        read += len(page)
        before = page[-1].message_id
        wanted = window.left * read // max(1, window.tokens) + 1
        limit = min(_LARGEST_PAGE, max(_FIRST_PAGE, wanted))
