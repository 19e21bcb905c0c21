"""What a model is told: the instructions, and as much of the conversation as its window holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from turnkeeper.agents.model import AssistantMessage, ModelMessage, UserMessage

CHARACTERS_A_TOKEN = 4
"""An estimate, taken over UTF-8 bytes: 4 letters of English a token, 1.3 ideographs. No tokenizer is asked: each model
has its own, and the window is a budget, not a promise of the provider."""

TOKENS_A_MESSAGE = 4
"""What roles and separators of one message cost in the common chat templates."""

_DEFAULT_INSTRUCTIONS = "You are a helpful assistant. Answer in the language of the question, briefly and exactly."

_SEARCH_INSTRUCTIONS = (
    "Questions about what the organization offers, documents or decides are answered from its data set: search it first, "
    "say only what the passages say, and put the mark of each passage that you rely on behind the sentence, like [1]. "
    "When the passages do not answer the question, say that it was not found in the data set."
)

LAST_CALL_INSTRUCTIONS = "No more tools can be called in this turn. Answer now from what you have."


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryTurn:
    """A question that was asked before, and its answer; blank when the turn failed."""

    question: str
    answer: str


def tokens_of(text: str) -> int:
    """About how many tokens of a model's window the text takes, as a message of its own."""
    return -(-len(text.encode("utf-8", "replace")) // CHARACTERS_A_TOKEN) + TOKENS_A_MESSAGE


def within_window(history: Sequence[HistoryTurn], tokens: int) -> tuple[HistoryTurn, ...]:
    """The newest whole turns that fit together into `tokens`, oldest first; failed turns are left out.

    It stops at the first turn that does not fit: a model that sees an older turn but not a newer one is misled.
    """
    kept: list[HistoryTurn] = []
    for turn in reversed(history):
        if not turn.answer.strip():
            continue
        tokens -= tokens_of(turn.question) + tokens_of(turn.answer)
        if tokens < 0:
            break
        kept.append(turn)
    return tuple(reversed(kept))


def opening_messages(history: Sequence[HistoryTurn], question: str, *, history_tokens: int) -> tuple[ModelMessage, ...]:
    """The talk as a turn begins: the history that fits into the window, then always the question."""
    messages: list[ModelMessage] = []
    for turn in within_window(history, history_tokens):
        messages += (UserMessage(text=turn.question), AssistantMessage(text=turn.answer))
    return (*messages, UserMessage(text=question))


def instructions_for(instructions: str | None, *, searches: bool, today: date | None) -> str:
    """The system text: the agent's own instructions, how to use the data set when it has one, and the date if known."""
    parts = [(instructions or "").strip() or _DEFAULT_INSTRUCTIONS]
    if searches:
        parts.append(_SEARCH_INSTRUCTIONS)
    if today is not None:
        parts.append(f"Today is {today:%A}, {today.isoformat()}.")
    return "\n\n".join(parts)
